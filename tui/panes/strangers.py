"""The panes about strangers: what is known of mail about nobody in a plan, and the records of one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual.message import Message
from textual.widget import Widget

from store.asking import Sort
from store.database import Store
from store.errors import StoreError
from store.evidence import RawMailRow, RecordRow
from store.queries.mails import raw_record
from store.queries.strangers import newest_strangers, records
from store.rows import StrangerRow
from tui.actions import Context, Pane
from tui.keys import bindings
from tui.messages import AssignRequested, StrangerOpened, WordsChanged
from tui.panes.reading import ReadPane
from tui.panes.text import TextPane
from tui.present.strangers import STRANGER_COLUMNS, STRANGER_SORTS, record_lines, sort_key
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows, Row
from tui.widgets.table_message import Opened

LOOKED_AT = 5000
"""Addresses that are shown at most, those heard of last."""

_NO_FAILURE = "Nothing failed for anybody outside the plans; t shows everything."
_NOBODY = "No mail is about anybody outside the plans."


class StrangersPane(ReadPane):
    """Mail about addresses that are in no plan, newest first; what failed, until everything is asked for.

    Attributes:
        sort: the order.
        only_bad: whether only failures, complaints and unsubscriptions are shown.
        known: how many addresses there are, shown or not.
    """

    kind: ClassVar[Pane] = "strangers"
    scopes = frozenset({"campaigns", "recipients"})
    BINDINGS = bindings("strangers")

    def __init__(self) -> None:
        super().__init__()
        self.sort = Sort("when", reverse=True)
        self.only_bad = True
        self.known = 0

    def compose(self) -> Iterable[Widget]:
        """Draw the table."""
        yield BigTable(STRANGER_COLUMNS, empty=_NO_FAILURE)

    def on_mount(self) -> None:
        """Show the order; the rows are read by :class:`ReadPane`."""
        self.table.show_sort(self.sort.column, self.sort.reverse)

    def rows(self, store: Store) -> Sequence[Row]:
        """Read the strangers."""
        found = newest_strangers(store, LOOKED_AT, bad=self.only_bad)
        self.known = found.total
        return self._ordered(found.rows)

    def chosen_rows(self) -> tuple[StrangerRow, ...]:
        """Return the marked rows, else the one under the cursor."""
        table = self.table
        rows = (row for row in table.source.page(0, table.total) if isinstance(row, StrangerRow))
        if not table.marked:
            return tuple(row for row in rows if row.id == table.cursor_id)
        marks = table.selection
        return tuple(row for row in rows if (row.id in marks.ids) != marks.inverted)

    def do_assign(self) -> None:
        """Ask for the records to be given to a recipient."""
        self.post_message(AssignRequested(self.chosen_rows()))

    def do_failures(self) -> None:
        """Show only failures, or everything again."""
        self.only_bad = not self.only_bad
        self.table.set_empty(_NO_FAILURE if self.only_bad else _NOBODY)
        self.do_refresh()

    def do_sort(self) -> None:
        """Ask for the column to sort by."""
        from tui.dialogs.sort import ChooseSort

        self.app.push_screen(ChooseSort(self.sort, STRANGER_SORTS), self.order)

    def do_reverse(self) -> None:
        """Turn the order round."""
        self.order(Sort(self.sort.column, not self.sort.reverse))

    def order(self, sort: Sort | None) -> None:
        """Sort the rows; cursor and marks stay on their rows. None: leave them as they are."""
        if sort is None:
            return
        self.sort = sort
        table = self.table
        rows = [row for row in table.source.page(0, table.total) if isinstance(row, StrangerRow)]
        table.set_source(ListedRows(self._ordered(rows)), keep_id=table.cursor_id, keep_marks=True)
        table.show_sort(sort.column, sort.reverse)

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the records whole."""
        event.stop()
        row = self.table.current
        if isinstance(row, StrangerRow):
            self.post_message(StrangerOpened(row))

    def _ordered(self, rows: Iterable[StrangerRow]) -> list[StrangerRow]:
        return sorted(rows, key=partial(sort_key, column=self.sort.column), reverse=self.sort.reverse)


class StrangerPane(TextPane):
    """The records of one stranger with every field, and the mails or log lines they were read from."""

    kind: ClassVar[Pane] = "stranger"
    BINDINGS = bindings("stranger")

    class Found(Message):
        """Posted by the reading thread: the records, and what they were read from."""

        def __init__(self, found: Sequence[RecordRow], raws: Sequence[RawMailRow | str]) -> None:
            super().__init__()
            self.found = found
            self.raws = raws

    def __init__(self, row: StrangerRow) -> None:
        super().__init__()
        self.row = row
        self.there = True

    def on_mount(self) -> None:
        """Read the records, and listen to changes."""
        self.fetch(self._read)
        self.desk.stirred.subscribe(self, self._stirred)

    def context(self) -> Context:
        """Return what an action would act on now."""
        count = int(self.there)
        return Context(self.kind, count=count, shown=count, read_only=self.desk.store.read_only)

    def do_assign(self) -> None:
        """Ask for the records to be given to a recipient."""
        self.post_message(AssignRequested((self.row,)))

    def on_stranger_pane_found(self, event: Found) -> None:
        """Show them."""
        event.stop()
        self.there = bool(event.found)
        self.text.show(lambda cells: record_lines(event.found, event.raws, cells))
        self.post_message(WordsChanged())

    def _read(self, store: Store) -> None:
        found = records(store, self.row.ids)
        raws = list(dict.fromkeys(_raw(store, record.id) for record in found))
        self.post_message(self.Found(found, raws))

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & {"campaigns", "recipients"}:
            self.fetch(self._read)


def _raw(store: Store, stranger_id: int) -> RawMailRow | str:
    try:
        return raw_record(store, stranger_id)
    except StoreError as error:
        return str(error)
