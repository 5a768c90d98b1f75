"""Choosing the campaign that stands beside another one in its report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets.option_list import Option

from store.addresses import search_fold
from store.rows import CampaignRow
from tui.dialogs.dialog import Dialog, Line, words
from tui.dialogs.picking import Options
from tui.present.cells import cut
from tui.present.times import day, number

_NAME_CELLS = 40


class ChooseCampaign(Dialog[CampaignRow]):
    """Asks for a campaign: typing narrows them down.

    Args:
        campaign: the one that is reported on.
        others: those that are offered.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Down", show=False, priority=True),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
    ]
    heading = "Compare with which campaign?"
    keys = "type to find · ↑ ↓ choose · Enter compare · Esc leave"

    def __init__(self, campaign: CampaignRow, others: Sequence[CampaignRow]) -> None:
        super().__init__()
        self._campaign = campaign
        self._others = others
        self._offered: Sequence[CampaignRow] = ()

    def body(self) -> Iterable[Widget]:
        """Return the field and the campaigns."""
        yield words(f"{self._campaign.name} (A) beside (B)", classes="first")
        yield Line(name="campaign-name", placeholder="a part of the name or of the subject")
        yield Options(id="offered", compact=True)
        yield words("", name="answer")

    def on_mount(self) -> None:
        """Offer all; the field keeps the keys."""
        self.query_one(Options).can_focus = False
        self._offer("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow down."""
        self._offer(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the campaign under the cursor."""
        at = self.query_one(Options).highlighted
        if at is None or not self._offered:
            self.say("#answer", "No campaign is called so; type another part of its name.", wrong=True)
        else:
            self.dismiss(self._offered[at])

    def action_step(self, step: int) -> None:
        """Move in the campaigns while the field keeps the keys."""
        self.query_one(Options).step(step)

    def _offer(self, text: str) -> None:
        wanted = search_fold(" ".join(text.split()))
        self._offered = [row for row in self._others if wanted in search_fold(f"{row.name} {row.key} {row.subject}")]
        options = self.query_one(Options)
        options.clear_options()
        options.add_options([Option(Content(_words(row))) for row in self._offered])
        options.highlighted = 0 if self._offered else None
        self.say("#answer", "" if self._offered else "No campaign is called so.")


def _words(row: CampaignRow) -> str:
    return f"{day(row.started_at)}  {cut(row.name, _NAME_CELLS)} · {number(row.delivered)} delivered"
