"""Splitting a list by responsible people: which lists there will be, and how many are on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from store.errors import StoreError
from store.rows import SplitRow
from store.vocabulary import ListKind
from tui.dialogs.dialog import Dialog, words
from tui.dialogs.lists import KINDS
from tui.dialogs.picking import Options
from tui.present.cells import cut

_CELLS = 70


@dataclass(frozen=True, slots=True)
class Splitting:
    """What the parts shall be; ``kind``: of the new lists."""

    kind: ListKind


class SplitList(Dialog[Splitting]):
    """Shows the lists that splitting one would make.

    Args:
        name: of the list that is split.
        kind: which kind is proposed.
        preview: counts; called in a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "kind", "Kind", show=False),
        Binding("enter,y,Y", "split", "Split", show=False),
    ]
    reading = True
    early = frozenset({"enter", "y", "Y", "j", "k", "g", "G", "down", "up"})
    keys = "Enter make these lists · t project or selection · Esc leave"

    def __init__(self, name: str, kind: ListKind, preview: Callable[[], Sequence[SplitRow]]) -> None:
        super().__init__()
        self.heading = "Split by responsible person"
        self._name = name
        self._kind = kind
        self._preview = preview
        self._parts: Sequence[SplitRow] = ()

    def body(self) -> Iterable[Widget]:
        """Return what will be made."""
        yield words("Counting…", name="first", classes="first")
        yield Options(id="parts", compact=True)
        yield words(f"“{self._name}” itself stays as it is; u takes the new lists back.", name="answer")

    def on_mount(self) -> None:
        """Count in the background."""
        self._count()

    def action_kind(self) -> None:
        """Make the other kind of lists."""
        self._kind = next(kind for kind in KINDS if kind is not self._kind)
        self._write()

    def action_split(self) -> None:
        """Have the lists made."""
        if self._parts:
            self.dismiss(Splitting(self._kind))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Have the lists made."""
        self.action_split()

    @work(thread=True, exclusive=True, group="split")
    def _count(self) -> None:
        try:
            parts = self._preview()
        except StoreError as error:
            self.app.call_from_thread(self._fail, str(error))
        else:
            self.app.call_from_thread(self._show, parts)

    def _fail(self, sentence: str) -> None:
        self.reading = False
        if self.is_attached:
            self.say("#answer", sentence, wrong=True)

    def _show(self, parts: Sequence[SplitRow]) -> None:
        self.reading = False
        if not self.is_attached:
            return
        self._parts = parts
        options = self.query_one(Options)
        options.add_options([Option(Content(cut(f"{part.members:>9,}  {part.name}", _CELLS))) for part in parts])
        options.highlighted = 0 if parts else None
        if not parts:
            self.say("#answer", "Nobody is on this list.", wrong=True)
        self._write()

    def _write(self) -> None:
        count, people = len(self._parts), sum(part.members for part in self._parts)
        noun = "list" if count == 1 else "lists"
        self.say("#first", f"{people:,} people on {count:,} new {self._kind} {noun}")
