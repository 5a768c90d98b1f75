"""Choosing the recipient to whom strangers' records are given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets.option_list import Option

from store.rows import RecipientRow
from tui.dialogs.dialog import Dialog, Line, shown, words
from tui.dialogs.picking import Options
from tui.present.cells import cut, squeeze
from tui.present.words import state_word

_TYPING_S = 0.12
_CELLS = 70

Find = Callable[[str], Sequence[RecipientRow]]
"""Returns recipients for what was typed; called in a thread."""


class ChooseRecipient(Dialog[RecipientRow]):
    """Asks for a recipient: typing searches name, address and company.

    Args:
        lines: what will be assigned, the most important first.
        find: searches.
        hint: what is searched for until something is typed.
        several: whether recipients of several campaigns are offered.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Down", show=False, priority=True),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
    ]
    heading = "Assign to which recipient?"
    keys = "type an address or a name · ↑ ↓ choose · Enter assign · Esc leave"

    def __init__(self, lines: Iterable[str], find: Find, hint: str = "", *, several: bool) -> None:
        super().__init__()
        self._lines = tuple(line for line in lines if line)
        self._find = find
        self._hint = hint
        self._several = several
        self._offered: Sequence[RecipientRow] = ()
        self._asked: str | None = None
        self._typing: Timer | None = None
        self._taking = False

    @property
    def searching(self) -> bool:
        """Whether what is typed was not searched for yet."""
        return self.is_attached and self.query_one(Line).value.strip() != self._asked

    def body(self) -> Iterable[Widget]:
        """Return what will be assigned, the field and the recipients."""
        first, *more = self._lines
        yield words(first, classes="first")
        for line in more:
            yield words(line)
        yield Line(name="person", placeholder="address, name or company")
        yield Options(id="found", compact=True)
        yield words("", name="answer")

    def on_mount(self) -> None:
        """Offer those the hint finds; the field keeps the keys."""
        self.query_one(Options).can_focus = False
        self._search("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search a moment after the last key."""
        self._taking = False
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPING_S, partial(self._search, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the recipient under the cursor; one who was not seen yet only if nobody else fits."""
        at = self.query_one(Options).highlighted
        if self.searching:
            self._taking = True
            self.say("#answer", "Searching…")
        elif at is None or not self._offered:
            self.say("#answer", "Nobody fits; type another name or address.", wrong=True)
        else:
            self.dismiss(self._offered[at])

    def action_step(self, step: int) -> None:
        """Move in the list while the field keeps the keys."""
        self.query_one(Options).step(step)

    def _search(self, text: str) -> None:
        self._look(text.strip())

    @work(thread=True, exclusive=True, group="people")
    def _look(self, text: str) -> None:
        wanted = text or self._hint
        rows = self._find(wanted) if wanted else ()
        self.app.call_from_thread(self._show, text, rows)

    def _show(self, text: str, rows: Sequence[RecipientRow]) -> None:
        if not self.is_attached or self.query_one(Line).value.strip() != text:
            return
        self._asked, self._offered = text, rows
        options = self.query_one(Options)
        options.clear_options()
        options.add_options([Option(shown(self._words(row))) for row in rows])
        options.highlighted = 0 if rows else None
        if self._taking and len(rows) == 1:
            self.dismiss(rows[0])
        elif rows:
            self.say("#answer", "" if text else f"These have “{self._hint}”, too; or type another name.")
        else:
            self.say("#answer", "Nobody fits." if text else "Type a part of the address or of the name.")

    def _words(self, row: RecipientRow) -> str:
        more = [cut(row.campaign, 15)] if self._several else [cut(row.company, 14), state_word(row)]
        parts = [squeeze(row.address, 32), cut(row.name, 18), *more]
        return cut(" · ".join(part for part in parts if part), _CELLS)
