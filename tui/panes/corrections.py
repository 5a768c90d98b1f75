"""The pane of corrected addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.widget import Widget

from store.database import Store
from store.exports.fields import CORRECTION_FIELDS
from store.queries.corrections import corrections, count_corrections, stream_corrections
from store.rows import CorrectionRow
from tui.actions import Pane
from tui.inquiries import TableExportRequested
from tui.keys import bindings
from tui.messages import HistoryRequested, WordsChanged
from tui.panes.pane import TablePane
from tui.present.corrections import CORRECTION_COLUMNS
from tui.widgets.big_table import BigTable
from tui.widgets.table_message import Opened


class _CorrectionRows:
    """The corrections that stand, the newest first, read by pages."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.total = count_corrections(store)

    def page(self, offset: int, limit: int) -> Sequence[CorrectionRow]:
        """Return the corrections at these positions."""
        return corrections(self._store, limit=limit, offset=offset)


class CorrectionsPane(TablePane):
    """Addresses that were corrected and not taken back, for the CRM."""

    kind: ClassVar[Pane] = "corrections"
    BINDINGS = bindings("corrections")

    def compose(self) -> Iterable[Widget]:
        """Draw the table."""
        yield BigTable(CORRECTION_COLUMNS, empty="No address was corrected yet; F and f do that where one failed.")

    def on_mount(self) -> None:
        """Read, and listen to changes."""
        self.do_refresh()
        self.desk.stirred.subscribe(self, self._stirred)

    def do_refresh(self) -> None:
        """Read again."""
        self.table.set_source(_CorrectionRows(self.desk.store), position=self.table.cursor_row)
        self.post_message(WordsChanged())

    def do_export(self) -> None:
        """Ask for the corrections to be written to a file."""
        self.post_message(
            TableExportRequested(
                "corrections", "all that stand", self.table.total, stream_corrections, CORRECTION_FIELDS
            )
        )

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the history of whoever's address it was."""
        event.stop()
        row = self.table.current
        if isinstance(row, CorrectionRow) and row.recipient_id is not None:
            self.post_message(HistoryRequested(row.recipient_id))

    def _stirred(self, scopes: frozenset[str]) -> None:
        if "journal" in scopes:
            self.do_refresh()
