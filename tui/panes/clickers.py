"""The pane of the clickers of a link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.widget import Widget

from store.database import Store
from store.queries.links import clickers
from store.rows import ClickerRow, LinkRow
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import Choice, ExportRequested, HistoryRequested
from tui.panes.reading import ReadPane
from tui.present.links import CLICKER_COLUMNS
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import Row
from tui.widgets.table_message import Opened


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

    async def do_export(self) -> None:
        """Ask for the marked clickers, or all of them, to be written to a file."""
        table, marks = self.table, self.table.selection
        rows = [row for row in table.source.page(0, table.total) if isinstance(row, ClickerRow)]
        if table.marked:
            rows = [row for row in rows if (row.id in marks.ids) != marks.inverted]
        words = f"clicked {self.link.url}"
        ids = tuple(row.id for row in rows)
        choice = Choice(ids, table.total, words, self.link.campaign_id, marked=bool(table.marked))
        self.post_message(ExportRequested(choice, clickers=tuple(rows)))

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the clicker's history."""
        event.stop()
        self.post_message(HistoryRequested(event.row_id))
