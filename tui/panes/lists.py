"""The pane of the lists."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.widget import Widget

from store.asking import RecipientFilter
from store.database import Store
from store.queries.lists import list_lists
from store.queries.recipients import stream
from store.rows import ListRow
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import Choice, ExportRequested, ListOpened
from tui.panes.reading import ReadPane
from tui.panes.scope import list_scope
from tui.present.lists import LIST_COLUMNS
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import Row
from tui.widgets.table_message import Opened


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


def _members(store: Store, list_id: int) -> tuple[int, ...]:
    return tuple(row.id for row in stream(store, RecipientFilter(list_id=list_id)))
