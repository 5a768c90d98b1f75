"""The pane of the complaints about spam."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.widget import Widget

from store.exports.fields import COMPLAINT_FIELDS
from store.queries.complaints import ComplaintsView
from store.rows.complaints import ComplaintRow
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import Choice, HistoryRequested
from tui.panes.search_line import SearchLine
from tui.panes.searched import Build, SearchedPane
from tui.panes.words import ToldPane, Words
from tui.present.complaints import COMPLAINT_COLUMNS, complaint_lines
from tui.present.history import Line
from tui.widgets.big_table import BigTable
from tui.widgets.table_message import Opened


class ComplaintsPane(ToldPane, SearchedPane):
    """Who complained about spam, over all campaigns, the last one first."""

    kind: ClassVar[Pane] = "complaints"
    BINDINGS = bindings("complaints")
    snapshot = ComplaintsView
    scopes = frozenset({"recipients", "addresses"})
    hint = "name, address or company"

    def compose(self) -> Iterable[Widget]:
        """Draw the table, the lines about the row under the cursor, and the line to search with."""
        yield BigTable(COMPLAINT_COLUMNS, empty="Reading…")
        yield Words()
        yield SearchLine(id="search")

    def build(self) -> Build:
        """Return what fills the snapshot."""
        text = self.text
        return lambda view: view.build(text)

    def empty(self) -> str:
        """Return what stands in place of rows when there are none."""
        return "Nobody with these words complained; Esc takes them off." if self.text else "Nobody complained."

    def lines(self, row: ComplaintRow, cells: int) -> Sequence[Line]:
        """Return all of a complaint."""
        return complaint_lines(row, cells)

    def words(self) -> str:
        """Return what is shown, for people."""
        return f"complaints · “{self.text}”" if self.text else "complaints"

    def unheeded(self) -> tuple[int, int]:
        """Return how many complaints were not heeded, and how many addresses in no plan complained, too."""
        view = self.view
        return (view.wrong, view.strangers) if isinstance(view, ComplaintsView) else (0, 0)

    async def chosen(self) -> Choice:
        """Return the marked recipients, else the one under the cursor."""
        seen = self.seen
        return Choice(
            await self.marked_ids(), self.table.total, self.words(), marked=bool(self.table.marked), seen=seen
        )

    def do_export(self) -> None:
        """Ask for the marked complaints, or all that are shown, to be written to a file."""
        self.ask_for_file("complaints", self.words(), COMPLAINT_FIELDS, self.build())

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the recipient's history."""
        event.stop()
        self.post_message(HistoryRequested(event.row_id))
