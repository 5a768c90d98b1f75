"""Choosing the list that rows are added to, or naming a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets.option_list import Option

from store.addresses import search_fold
from store.rows import ListRow
from store.vocabulary import ListKind
from tui.dialogs.dialog import Dialog, Line, words
from tui.dialogs.picking import Options

KINDS = (ListKind.SELECTION, ListKind.PROJECT)
"""The kinds that an operator adds rows to."""


@dataclass(frozen=True, slots=True)
class ListChoice:
    """The list that was chosen; ``new`` if it does not exist yet."""

    kind: ListKind
    name: str
    new: bool


class ChooseList(Dialog[ListChoice]):
    """Asks for a list: typing narrows the existing ones down, and offers to make a new one of that name.

    Args:
        first: the words for the rows that will be added ("18 of 88 shown · Autumn newsletter").
        existing: all lists; only selections and projects are offered.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Down", show=False, priority=True),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
    ]
    heading = "Add to which list?"
    keys = "type to find or name · ↑ ↓ choose · Enter add · Esc leave"

    def __init__(self, first: str, existing: Iterable[ListRow]) -> None:
        super().__init__()
        self._first = first
        self._existing = tuple(row for row in existing if row.kind in KINDS)
        self._offered: list[ListChoice] = []

    def body(self) -> Iterable[Widget]:
        """Return the field and the lists."""
        yield words(self._first, classes="first")
        yield Line(name="list-name", placeholder="name of a list")
        yield Options(id="existing", compact=True)
        yield words("", name="answer")

    def on_mount(self) -> None:
        """Offer all; the field keeps the keys."""
        self.query_one(Options).can_focus = False
        self._offer("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow down."""
        self._offer(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the list under the cursor."""
        at = self.query_one(Options).highlighted
        if at is None or not self._offered:
            self.say("#answer", "Type a name for the new list.", wrong=True)
        else:
            self.dismiss(self._offered[at])

    def action_step(self, step: int) -> None:
        """Move in the lists while the field keeps the keys."""
        self.query_one(Options).step(step)

    def _offer(self, text: str) -> None:
        name = " ".join(text.split())
        wanted = search_fold(name)
        found = [row for row in self._existing if wanted in search_fold(row.name)]
        lines = [f"{row.kind:<10} {row.name} · {row.members:,} members" for row in found]
        self._offered = [ListChoice(row.kind, row.name, False) for row in found]
        for kind in KINDS if name else ():
            if not any(row.kind is kind and search_fold(row.name) == wanted for row in found):
                self._offered.append(ListChoice(kind, name, True))
                lines.append(f"{kind:<10} {name} · new")
        options = self.query_one(Options)
        options.clear_options()
        options.add_options([Option(Content(line)) for line in lines])
        options.highlighted = 0 if lines else None
        self.say("#answer", "" if lines else "There is no selection or project yet; type a name to make one.")
