"""The pane of the clickers of a link."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial
from typing import ClassVar

from textual.widget import Widget

from store.asking import Selection
from store.database import Store
from store.exports.fields import CLICKER_FIELDS
from store.queries.links import ClickersView
from store.queries.snapshot import streamed
from store.rows import ClickerRow, LinkRow
from tui.actions import Pane
from tui.inquiries import TableExportRequested
from tui.keys import bindings
from tui.messages import Choice, HistoryRequested
from tui.panes.searched import Build, SearchedPane
from tui.present.links import CLICKER_COLUMNS
from tui.widgets.big_table import BigTable
from tui.widgets.table_message import Opened


class ClickersPane(SearchedPane):
    """Who clicked a link."""

    kind: ClassVar[Pane] = "clickers"
    snapshot = ClickersView
    scopes = frozenset({"links"})
    BINDINGS = bindings("clickers")

    def __init__(self, link: LinkRow) -> None:
        super().__init__()
        self.link = link

    def compose(self) -> Iterable[Widget]:
        """Draw the table."""
        yield BigTable(CLICKER_COLUMNS, empty="Reading…")

    def build(self) -> Build:
        """Return what fills the snapshot."""
        link = self.link.id
        return lambda view: view.build(link)

    def empty(self) -> str:
        """Return what stands in place of rows when there are none."""
        return "Nobody clicked this link."

    def words(self) -> str:
        """Return what is shown, for people."""
        return f"clicked {self.link.url}"

    async def chosen(self) -> Choice:
        """Return the marked clickers, else the one under the cursor."""
        table, view, seen = self.table, self.view, self.seen
        if table.marked and view is not None:
            ids = tuple(await asyncio.to_thread(view.resolve, table.selection))
            return Choice(ids, table.total, self.words(), self.link.campaign_id, marked=True, seen=seen)
        ids = () if table.cursor_id is None else (table.cursor_id,)
        return Choice(ids, table.total, self.words(), self.link.campaign_id, seen=seen)

    def do_export(self) -> None:
        """Ask for the marked clickers, or all of them, to be written to a file."""
        table = self.table
        marks = table.selection if table.marked else Selection(inverted=True)
        read = partial(_read, self.link.id, marks)
        count = table.marked or table.total
        self.post_message(
            TableExportRequested("clickers", self.words(), count, read, CLICKER_FIELDS, chosen=bool(table.marked))
        )

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the clicker's history."""
        event.stop()
        self.post_message(HistoryRequested(event.row_id))


def _read(link: int, marks: Selection, store: Store) -> Iterator[ClickerRow]:
    rows = streamed(ClickersView(store), lambda view: view.build(link))
    return (row for row in rows if (row.id in marks.ids) != marks.inverted)
