"""The part of the recipients pane that chooses which rows are shown, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from textual.timer import Timer

from store.asking import RecipientFilter, Sort
from store.queries.recipients import count_states
from store.rows import RecipientRow
from store.vocabulary import State
from tui.messages import SegmentRequested, TakeOffRequested, Told
from tui.panes.pane import TablePane
from tui.panes.scope import NOBODY, Scope
from tui.panes.search_line import SearchLine

_TYPING_S = 0.12


class NarrowedPane(TablePane):
    """A table of recipients with a scope, a filter and an order; :meth:`do_refresh` reads the rows.

    Attributes:
        filter: what is wanted.
        shown: the filter of the rows in the table; it follows ``filter`` when they are read.
        searched: the words last searched for.
        members_move: whether the operator is about to change whose members are shown, so that they are read again.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id)
        self.scope: Scope = NOBODY
        self.filter: RecipientFilter = NOBODY.filter
        self.shown: RecipientFilter = NOBODY.filter
        self.sort = Sort()
        self.searched = ""
        self.members_move = False
        self._typing: Timer | None = None

    def words(self) -> str:
        """Return what is shown, for people: scope, states, words."""
        return self.scope.called(self.shown)

    def narrow(self, wanted: RecipientFilter) -> None:
        """Show the rows of the scope that fit the conditions of ``wanted``."""
        narrowed = self.scope.narrowed(wanted)
        if narrowed == self.filter:
            return
        if self.table.selection.inverted:
            self.release_marks()
            self.post_message(Told("The marks on all rows were taken off: the filter shows other rows now."))
        self.filter = narrowed
        self.do_refresh()

    def order(self, sort: Sort | None) -> None:
        """Sort the rows; cursor and marks stay on their rows. None: leave them as they are."""
        if sort is not None:
            self.sort = sort
            self.do_refresh()

    def release_marks(self) -> None:
        """Take all marks off."""
        while self.table.clear_marks():
            pass

    def do_refresh(self) -> None:
        """Read the rows again."""
        raise NotImplementedError

    def do_reverse(self) -> None:
        """Turn the order round."""
        self.order(Sort(self.sort.column, not self.sort.reverse))

    def do_sort(self) -> None:
        """Ask for the column to sort by."""
        from tui.dialogs.sort import ChooseSort

        self.app.push_screen(ChooseSort(self.sort), self.order)

    def do_states(self) -> None:
        """Ask for the states to show."""
        from tui.dialogs.states import ChooseStates

        count: Callable[[], Mapping[State, int]]
        count = partial(count_states, self.desk.store, replace(self.filter, states=frozenset()))
        self.app.push_screen(ChooseStates(self.filter.states, count), self._show_states)

    def do_only_alike(self) -> None:
        """Ask what the rows shown shall have in common with the one under the cursor."""
        from tui.dialogs.alike import OnlyAlike

        row = self.table.current
        if isinstance(row, RecipientRow):
            self.app.push_screen(OnlyAlike(row, self.filter), self._show_alike)

    def do_save_segment(self) -> None:
        """Ask for the filter to be saved under a name."""
        self.post_message(SegmentRequested(self.filter, self.scope.segment))

    async def do_take_off(self) -> None:
        """Ask for the rows to be taken off the list whose members are shown."""
        if self.scope.members_of is not None:
            self.post_message(TakeOffRequested(await self.chosen(), self.scope.members_of))

    def do_undo(self) -> None:
        """Ask for the last action to be taken back; members may come back by it."""
        self.members_move = self.scope.members_of is not None
        super().do_undo()

    def do_redo(self) -> None:
        """Ask for it to be done again; members may go by it."""
        self.members_move = self.scope.members_of is not None
        super().do_redo()

    def do_filter(self) -> None:
        """Open the line for words that must occur."""
        self.query_one(SearchLine).open(self.filter.text)

    def do_exclude(self) -> None:
        """Open the line for words that must not occur."""
        self.query_one(SearchLine).open(" ".join(self.filter.without), excluding=True)

    async def do_next(self) -> None:
        """Go to the next row that contains the words last searched for."""
        await self.find(forward=True)

    async def do_previous(self) -> None:
        """Go to the previous one."""
        await self.find(forward=False)

    async def find(self, *, forward: bool) -> None:
        """Go to the next row that contains the words last searched for, or to the previous one."""
        raise NotImplementedError

    def do_back(self) -> None:
        """Take off the marks, else the filters, else leave the pane."""
        if self.table.clear_marks():
            return
        if self.scope.beyond(self.filter):
            self.narrow(RecipientFilter())
        else:
            super().do_back()

    def on_search_line_typed(self, event: SearchLine.Typed) -> None:
        """Filter a moment after the last key."""
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPING_S, partial(self._typed, event.text, event.excluding))

    def on_search_line_left(self, event: SearchLine.Left) -> None:
        """Give the keys back to the table."""
        event.stop()
        self.table.focus()

    def _typed(self, text: str, excluding: bool) -> None:
        self._typing = None
        if excluding:
            self.narrow(replace(self.filter, without=tuple(text.split())))
        else:
            self.searched = text.strip() or self.searched
            self.narrow(replace(self.filter, text=text.strip()))

    def _show_alike(self, wanted: RecipientFilter | None) -> None:
        if wanted is not None:
            self.narrow(wanted)

    def _show_states(self, states: frozenset[State] | None) -> None:
        if states is not None:
            self.narrow(replace(self.filter, states=states))
