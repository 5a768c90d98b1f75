"""The pane of the blocked addresses: one by one or in groups, over all campaigns."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import work
from textual.message import Message
from textual.widget import Widget

from store.asking import Sort
from store.errors import StoreError
from store.queries.blocked import BlockedView, blocked_groups, newest_recipients
from store.queries.view import Interrupted
from store.rows import BlockedGroupRow, BlockedRow
from tui.actions import ACTIONS, Pane
from tui.keys import bindings
from tui.messages import Choice, ClearBlockRequested, Failed, HistoryRequested, Refused, Told, WordsChanged
from tui.panes.holding import hold_marks
from tui.panes.pane import TablePane
from tui.present.blocked import BLOCKED_COLUMNS, BLOCKED_GROUP_COLUMNS, BLOCKED_SORTS, BY_WORDS
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows
from tui.widgets.table_message import MarksChanged, Opened, RangeRequested

_WAYS = tuple(BY_WORDS)
_OPEN_FIRST = "Enter opens the group; there * marks all of it."


class Taken(Message):
    """Posted by a thread: the snapshot or the groups that were asked for; whoever takes ``view`` closes it."""

    def __init__(self, number: int, view: BlockedView | None, groups: Sequence[BlockedGroupRow] = ()) -> None:
        super().__init__()
        self.number = number
        self.view = view
        self.groups = groups


class BlockedPane(TablePane):
    """Addresses that get no campaign any more; what is freed keeps its line until ``.``.

    Attributes:
        by: the grouping; "": one by one.
        within: the group whose addresses are shown.
        sort: the order of the addresses.
    """

    kind: ClassVar[Pane] = "blocked"
    BINDINGS = bindings("blocked")

    def __init__(self) -> None:
        super().__init__()
        self.by = ""
        self.within: BlockedGroupRow | None = None
        self.sort = Sort("since", reverse=True)
        self.view: BlockedView | None = None
        self._asked = 0
        self._answered = 0

    def compose(self) -> Iterable[Widget]:
        """Draw the table."""
        yield BigTable(BLOCKED_COLUMNS, empty="Reading…")

    def on_mount(self) -> None:
        """Read, and listen to changes."""
        self.do_refresh()
        self.desk.stirred.subscribe(self, self._stirred)

    def on_unmount(self) -> None:
        """Let go of the snapshot."""
        self._asked += 1
        if self.view is not None:
            self.view.close()

    @property
    def busy(self) -> bool:
        """Whether other rows are still on their way."""
        return self._asked != self._answered

    @property
    def grouped(self) -> bool:
        """Whether the rows are groups."""
        return bool(self.by) and self.within is None

    def words(self) -> str:
        """Return what is shown, for people."""
        return self.within.told if self.within else BY_WORDS[self.by]

    async def act(self, verb: str) -> None:
        """Do the action ``verb``; groups are opened first."""
        if self.grouped and ACTIONS[verb].needs_rows:
            self.post_message(Refused(_OPEN_FIRST))
        else:
            await super().act(verb)

    async def chosen(self) -> Choice:
        """Return the newest recipients of the marked addresses, else of the one under the cursor."""
        ids = await self._addresses()
        recipients = await asyncio.to_thread(newest_recipients, self.desk.store, ids)
        return Choice(tuple(recipients), self.table.total, f"blocked · {self.words()}", marked=bool(self.table.marked))

    async def do_clear_block(self) -> None:
        """Ask for the marked addresses, else the one under the cursor, to be freed."""
        ids = await self._addresses()
        choice = Choice(ids, self.table.total, f"blocked · {self.words()}", marked=bool(self.table.marked))
        self.post_message(ClearBlockRequested(choice))

    def do_grouping(self) -> None:
        """Group in the next way."""
        self.by, self.within = _WAYS[(_WAYS.index(self.by) + 1) % len(_WAYS)], None
        self.do_refresh()

    def do_sort(self) -> None:
        """Ask for the column to sort by."""
        from tui.dialogs.sort import ChooseSort

        self.app.push_screen(ChooseSort(self.sort, BLOCKED_SORTS), self.order)

    def do_reverse(self) -> None:
        """Turn the order round."""
        self.order(Sort(self.sort.column, not self.sort.reverse))

    def order(self, sort: Sort | None) -> None:
        """Take a new snapshot in this order; None: leave it as it is."""
        if sort is not None:
            self.sort = sort
            self.do_refresh()

    def do_refresh(self) -> None:
        """Take a new snapshot; freed addresses leave."""
        self._asked += 1
        self._take(self._asked)

    def do_back(self) -> None:
        """Take off the marks, else go back to the groups, else leave."""
        if self.table.clear_marks():
            return
        if self.within is None:
            super().do_back()
        else:
            self.within = None
            self.do_refresh()

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the addresses of the group, or the history of the address's newest recipient."""
        event.stop()
        row = self.table.current
        if isinstance(row, BlockedGroupRow):
            self.within = row
            self.do_refresh()
        elif isinstance(row, BlockedRow) and row.recipient_id is not None:
            self.post_message(HistoryRequested(row.recipient_id))
        else:
            self.post_message(Told("This address is in no plan any more, so there is no history to show."))

    def on_big_table_marks_changed(self, event: MarksChanged) -> None:
        """Count the marks anew."""
        event.stop()
        self.post_message(WordsChanged())

    def on_big_table_range_requested(self, event: RangeRequested) -> None:
        """Mark a long range."""
        event.stop()
        if self.view is not None:
            self.table.mark_ids(self.view.ids_between(event.first, event.last))

    def on_taken(self, event: Taken) -> None:
        """Show the new rows; the cursor stays on its row."""
        event.stop()
        if event.number != self._asked:
            if event.view is not None:
                event.view.close()
            return
        self._answered = event.number
        old, self.view = self.view, event.view
        table, keep = self.table, self.table.cursor_id
        told = None if old is None else hold_marks(table, old)
        if told:
            self.post_message(Told(told))
        if event.view is None:
            table.set_columns(BLOCKED_GROUP_COLUMNS)
            table.set_source(ListedRows(event.groups), keep_id=keep)
            table.show_sort(None)
        else:
            table.set_columns(BLOCKED_COLUMNS)
            table.set_source(event.view, keep_id=keep, keep_marks=old is not None)
            table.show_sort(self.sort.column, self.sort.reverse)
        table.set_empty("No address is blocked.")
        if old is not None:
            old.close()
        self.post_message(WordsChanged())

    async def _addresses(self) -> tuple[int, ...]:
        table, view = self.table, self.view
        if view is None or self.grouped:
            return ()
        if not table.marked:
            return () if table.cursor_id is None else (table.cursor_id,)
        return tuple(await asyncio.to_thread(view.resolve, table.selection))

    @work(thread=True, exclusive=True, group="snapshot")
    def _take(self, number: int) -> None:
        store = self.desk.store
        try:
            if self.grouped:
                self.post_message(Taken(number, None, blocked_groups(store, self.by)))
                return
            view = BlockedView(store)
            group = None if self.within is None else (self.within.by, self.within.value)
            try:
                view.build(self.sort, group)
            except Interrupted:
                view.close()
                return
            if not self.post_message(Taken(number, view)):
                view.close()
        except StoreError as error:
            self._answered = number
            self.post_message(Failed(str(error)))
        finally:
            store.close()

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & {"addresses"} and self.view is not None:
            self.table.renew()
