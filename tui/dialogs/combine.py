"""Making one list of several: how many it would have, its name and its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.widgets.option_list import Option

from store.asking import Combining
from store.errors import StoreError
from store.rows import ListRow, SegmentRow
from store.vocabulary import ListKind
from tui.dialogs.dialog import Dialog, Line, words
from tui.dialogs.lists import KINDS
from tui.dialogs.picking import Options

Shelved = ListRow | SegmentRow
Count = Callable[[Sequence[Shelved]], tuple[list[int], int]]

_HEADINGS = {
    Combining.UNION: "One list of everybody on them",
    Combining.MINUS: "One list without the others",
    Combining.INTERSECT: "One list of those on all of them",
}
_SIGNS = {Combining.UNION: "+", Combining.MINUS: "-", Combining.INTERSECT: "∩"}


@dataclass(frozen=True, slots=True)
class Combination:
    """The list that was asked for; ``rows`` in their order, the first one counts for a difference."""

    kind: ListKind
    name: str
    rows: tuple[Shelved, ...]


class Combine(Dialog[Combination]):
    """Asks for the name and the kind of a list that is made of others.

    Args:
        how: how they are combined.
        rows: the lists and segments.
        count: from lists in order to the people on each and in the result; called in a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Down", show=False, priority=True),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
        Binding("tab", "turn", "Turn", show=False, priority=True),
    ]

    early = frozenset({"enter"})

    def __init__(self, how: Combining, rows: Sequence[Shelved], count: Count) -> None:
        super().__init__()
        self.heading = _HEADINGS[how]
        self.keys = "↑ ↓ kind · Enter make · Esc leave"
        if how is Combining.MINUS:
            self.keys = "Tab another first · " + self.keys
        self._how = how
        self._rows = tuple(rows)
        self._count = count
        self._result: int | None = None
        others = {row.kind for row in rows if isinstance(row, ListRow)} - set(KINDS)
        self._kinds = [*KINDS, *(kind for kind in ListKind if kind in others)]

    def body(self) -> Iterable[Widget]:
        """Return the lists with their numbers, the field and the kinds."""
        yield words("Counting…", name="counts")
        yield Line(name="list-name", placeholder="name of the new list")
        yield Options(*(Option(Content(f"{kind:<10} new")) for kind in self._kinds), id="kinds", compact=True)
        yield words("", name="answer")

    def on_mount(self) -> None:
        """Count in the background; the field keeps the keys."""
        options = self.query_one(Options)
        options.can_focus = False
        options.highlighted = 0
        self._begin()

    def action_step(self, step: int) -> None:
        """Choose another kind while the field keeps the keys."""
        self.query_one(Options).step(step)

    def action_turn(self) -> None:
        """Put the next list first."""
        if self._how is Combining.MINUS:
            first, *others = self._rows
            self._rows = (*others, first)
            self._result = None
            self._begin()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take back what was said of the name."""
        self.say("#answer", "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Have the list made, if anybody would be on it."""
        name = " ".join(event.value.split())
        at = self.query_one(Options).highlighted
        if not name or at is None:
            self.say("#answer", "Type a name for the new list.", wrong=True)
        elif self._result == 0:
            self.say("#answer", "Nobody would be on this list.", wrong=True)
        elif self._result is not None:
            self.dismiss(Combination(self._kinds[at], name, self._rows))

    def _begin(self) -> None:
        self.reading = True
        self._recount()

    @work(thread=True, exclusive=True, group="combine")
    def _recount(self) -> None:
        rows = self._rows
        try:
            counts, result = self._count(rows)
        except StoreError as error:
            self.app.call_from_thread(self._fail, str(error))
        else:
            self.app.call_from_thread(self._show, rows, counts, result)

    def _fail(self, sentence: str) -> None:
        self.reading = False
        if self.is_attached:
            self.say("#counts", sentence, wrong=True)

    def _show(self, rows: tuple[Shelved, ...], counts: Sequence[int], result: int) -> None:
        if self.is_attached and rows == self._rows:
            self._result, self.reading = result, False
            signs = [" ", *[_SIGNS[self._how]] * (len(rows) - 1)]
            lines = [f"{sign} {count:>9,}  {row.name}" for sign, count, row in zip(signs, counts, rows, strict=True)]
            lines.append(f"= {result:>9,}  {'person' if result == 1 else 'people'} on the new list")
            self.query_one("#counts", Static).update(Content("\n".join(lines)))
