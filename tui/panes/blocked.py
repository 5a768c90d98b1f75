"""The pane of the blocked addresses: one by one or in groups, over all campaigns."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, ClassVar

from textual.widget import Widget

from store.asking import Sort
from store.exports.fields import BLOCKED_FIELDS
from store.queries.blocked import BlockedView, newest_recipients
from store.rows import BlockedGroupRow, BlockedRow
from store.seen import Seen
from tui.actions import ACTIONS, Pane
from tui.keys import bindings
from tui.messages import Choice, ClearBlockRequested, HistoryRequested, Refused, Told
from tui.panes.search_line import SearchLine
from tui.panes.searched import Build, SearchedPane
from tui.present.blocked import BLOCKED_COLUMNS, BLOCKED_GROUP_COLUMNS, BLOCKED_SORTS, BY_WORDS
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows
from tui.widgets.table_message import Opened

_WAYS = tuple(BY_WORDS)
_OPEN_FIRST = "Enter opens the group; there * marks all of it."
_OF_ROWS = frozenset({"mark", "mark-range", "mark-all", "sort", "reverse"})


class BlockedPane(SearchedPane):
    """Addresses that get no campaign any more; what is freed keeps its line until ``.``.

    Attributes:
        by: the grouping; "": one by one.
        within: the group whose addresses are shown.
        sort: the order of the addresses.
    """

    kind: ClassVar[Pane] = "blocked"
    BINDINGS = bindings("blocked")
    snapshot = BlockedView
    scopes = frozenset({"addresses"})
    hint = "part of the address"

    def __init__(self) -> None:
        super().__init__()
        self.by = ""
        self.within: BlockedGroupRow | None = None
        self.sort = Sort("since", reverse=True)

    def compose(self) -> Iterable[Widget]:
        """Draw the table, and the line to search with."""
        yield BigTable(BLOCKED_COLUMNS, empty="Reading…")
        yield SearchLine(id="search")

    @property
    def grouped(self) -> bool:
        """Whether the rows are groups."""
        return bool(self.by) and self.within is None

    def build(self) -> Build:
        """Return what fills the snapshot."""
        text, sort, group = self.text, self.sort, self._group()
        if self.grouped:
            by = self.by
            return lambda view: view.group(by, text)
        return lambda view: view.build(sort, group, text)

    def empty(self) -> str:
        """Return what stands in place of rows when there are none."""
        return "No blocked address contains this; Esc takes it off." if self.text else "No address is blocked."

    def words(self) -> str:
        """Return what is shown, for people."""
        words = self.within.told if self.within else BY_WORDS[self.by]
        return f"{words} · “{self.text}”" if self.text else words

    async def act(self, verb: str) -> None:
        """Do the action ``verb``; groups are opened first."""
        if self.grouped and (ACTIONS[verb].needs_rows or verb in _OF_ROWS):
            self.post_message(Refused(_OPEN_FIRST))
        else:
            await super().act(verb)

    async def chosen(self) -> Choice:
        """Return the newest recipients of the marked addresses, else of the one under the cursor."""
        seen = self.seen
        recipients = await asyncio.to_thread(newest_recipients, self.desk.store, await self.marked_ids())
        return self._choice(tuple(recipients), seen)

    async def do_clear_block(self) -> None:
        """Ask for the marked addresses, else the one under the cursor, to be freed."""
        seen = self.seen
        self.post_message(ClearBlockRequested(self._choice(await self.marked_ids(), seen)))

    def do_export(self) -> None:
        """Ask for the marked addresses, or all that are shown or in the groups, to be written to a file."""
        text, sort, group, view = self.text, self.sort, self._group(), self.view
        groups = view.groups if isinstance(view, BlockedView) else ()
        words = (self.within.told if self.within else "", f"“{text}”" if text else "")
        self.ask_for_file(
            "addresses",
            " · ".join(filter(None, ("blocked", *words))),
            BLOCKED_FIELDS,
            lambda view: view.build(sort, group, text),
            count=sum(row.n for row in groups) if self.grouped else None,
            sort=sort,
        )

    def do_grouping(self) -> None:
        """Group in the next way."""
        self.release_marks()
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

    def do_back(self) -> None:
        """Take off the marks, else go back to the groups, else take off the words, else leave."""
        if self.within is None:
            super().do_back()
        elif not self.table.clear_marks():
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

    def show(self, view: Any) -> None:
        """Show groups or addresses; the cursor stays on its row."""
        if self.grouped:
            self.table.set_columns(BLOCKED_GROUP_COLUMNS)
            self.table.set_source(ListedRows(view.groups), keep_id=self.table.cursor_id)
            self.table.show_sort(None)
        else:
            self.table.set_columns(BLOCKED_COLUMNS)
            super().show(view)
            self.table.show_sort(self.sort.column, self.sort.reverse)

    def _group(self) -> tuple[str, str] | None:
        return None if self.within is None else (self.within.by, self.within.value)

    def _choice(self, ids: tuple[int, ...], seen: Seen | None) -> Choice:
        return Choice(ids, self.table.total, f"blocked · {self.words()}", marked=bool(self.table.marked), seen=seen)
