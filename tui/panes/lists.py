"""The panes of the lists, of the clickers of a link, and of the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import work
from textual.message import Message
from textual.widget import Widget

from store.asking import RecipientFilter
from store.database import Store
from store.queries.journal import journal
from store.queries.links import clickers
from store.queries.lists import list_lists
from store.queries.recipients import stream
from store.rows import ClickerRow, JournalRow, LinkRow, ListRow
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import Choice, ExportRequested, HistoryRequested, ListOpened, WordsChanged
from tui.panes.pane import TablePane
from tui.panes.scope import list_scope
from tui.present.journal import JOURNAL_COLUMNS
from tui.present.links import CLICKER_COLUMNS
from tui.present.lists import LIST_COLUMNS
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows, Row
from tui.widgets.table_message import MarksChanged, Opened


class Found(Message):
    """Posted by a reading thread: the rows of the pane."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__()
        self.rows = rows


class ReadPane(TablePane):
    """A table whose rows are read in a thread and held, since they are few."""

    scopes: ClassVar[frozenset[str]]

    def rows(self, store: Store) -> Sequence[Row]:
        """Read the rows; called in a thread."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Read, and listen to changes."""
        self.do_refresh()
        self.desk.stirred.subscribe(self, self._stirred)

    def do_refresh(self) -> None:
        """Read again."""
        self._read()

    def on_found(self, event: Found) -> None:
        """Show the rows; cursor and marks stay."""
        event.stop()
        self.table.set_source(ListedRows(event.rows), keep_id=self.table.cursor_id, keep_marks=True)
        self.post_message(WordsChanged())

    def on_big_table_marks_changed(self, event: MarksChanged) -> None:
        """Count the marks anew."""
        event.stop()
        self.post_message(WordsChanged())

    @work(thread=True, exclusive=True, group="rows")
    def _read(self) -> None:
        store = self.desk.store
        self.post_message(Found(self.rows(store)))
        store.close()

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & self.scopes:
            self.do_refresh()


class ListsPane(ReadPane):
    """Selections, projects and reminders."""

    kind: ClassVar[Pane] = "lists"
    scopes = frozenset({"lists"})
    BINDINGS = bindings("lists")

    def compose(self) -> Iterable[Widget]:
        """Draw the table."""
        yield BigTable(LIST_COLUMNS, empty="No list yet: r on a campaign makes a reminder list, l adds rows to a list.")

    def rows(self, store: Store) -> Sequence[Row]:
        """Read the lists."""
        return list_lists(store)

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the members."""
        event.stop()
        row = self.table.current
        if isinstance(row, ListRow):
            self.post_message(ListOpened(row))

    async def do_export(self) -> None:
        """Ask for the members to be written to a file."""
        row = self.table.current
        if isinstance(row, ListRow):
            ids = await asyncio.to_thread(_members, self.desk.store, row.id)
            self.post_message(ExportRequested(Choice(ids, len(ids), list_scope(row).words)))


class ClickersPane(ReadPane):
    """Who clicked a link."""

    kind: ClassVar[Pane] = "clickers"
    scopes = frozenset({"links"})
    BINDINGS = bindings("clickers")

    def __init__(self, link: LinkRow) -> None:
        super().__init__()
        self.link = link

    def compose(self) -> Iterable[Widget]:
        """Draw the table."""
        yield BigTable(CLICKER_COLUMNS, empty="Nobody clicked this link.")

    def rows(self, store: Store) -> Sequence[Row]:
        """Read the clickers."""
        return clickers(store, self.link.id).rows

    async def chosen(self) -> Choice:
        """Return the marked clickers, else the one under the cursor."""
        table = self.table
        marks = table.selection
        rows = [row for row in table.source.page(0, table.total) if isinstance(row, ClickerRow)]
        words = f"clicked {self.link.url}"
        if table.marked:
            ids = tuple(row.id for row in rows if (row.id in marks.ids) != marks.inverted)
            return Choice(ids, table.total, words, self.link.campaign_id, marked=True)
        ids = () if table.cursor_id is None else (table.cursor_id,)
        return Choice(ids, table.total, words, self.link.campaign_id)

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the clicker's history."""
        event.stop()
        self.post_message(HistoryRequested(event.row_id))


class _JournalRows:
    """The journal, newest first, read by pages."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.total = journal(store, limit=1).total

    def page(self, offset: int, limit: int) -> Sequence[JournalRow]:
        """Return the entries at these positions."""
        return journal(self._store, limit=limit, offset=offset).rows


class JournalPane(TablePane):
    """Who did what and when, the newest first."""

    kind: ClassVar[Pane] = "journal"
    BINDINGS = bindings("journal")

    def compose(self) -> Iterable[Widget]:
        """Draw the table."""
        yield BigTable(JOURNAL_COLUMNS, empty="Nothing was done yet.")

    def on_mount(self) -> None:
        """Read, and listen to changes."""
        self.do_refresh()
        self.desk.stirred.subscribe(self, self._stirred)

    def do_refresh(self) -> None:
        """Read again."""
        self.table.set_source(_JournalRows(self.desk.store), position=self.table.cursor_row)
        self.post_message(WordsChanged())

    def _stirred(self, scopes: frozenset[str]) -> None:
        if "journal" in scopes:
            self.do_refresh()


def _members(store: Store, list_id: int) -> tuple[int, ...]:
    return tuple(row.id for row in stream(store, RecipientFilter(list_id=list_id)))
