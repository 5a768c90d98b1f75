"""The pane of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.widget import Widget

from store.database import Store
from store.queries.journal import journal
from store.rows import JournalRow
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import WordsChanged
from tui.panes.pane import TablePane
from tui.present.journal import JOURNAL_COLUMNS
from tui.widgets.big_table import BigTable


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
