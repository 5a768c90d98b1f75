"""The panes of the journal: its entries, and the rows that one of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.widget import Widget

from store.asking import JournalFilter
from store.exports.fields import JOURNAL_FIELDS
from store.queries.journal import JournalView, journal_entry, newer_entries
from store.queries.journal_lines import EntryLines
from store.rows import JournalLineRow, JournalRow
from tui.actions import Context, Pane
from tui.inquiries import EntryOpened, EntryRedoRequested, EntryUndoRequested
from tui.keys import bindings
from tui.messages import HistoryRequested, Told, WordsChanged
from tui.panes.search_line import SearchLine
from tui.panes.searched import Build, SearchedPane, Taken
from tui.panes.words import ToldPane, Words
from tui.present.history import Line
from tui.present.journal import JOURNAL_COLUMNS, LINE_COLUMNS, entry_lines, line_lines
from tui.widgets.big_table import BigTable
from tui.widgets.table_message import Opened


class JournalPane(ToldPane, SearchedPane):
    """Who did what and when, the newest first; what is done meanwhile comes in with ``.``.

    Attributes:
        own: whether only what the operator did is shown.
        newer: entries that were written since.
    """

    kind: ClassVar[Pane] = "journal"
    BINDINGS = bindings("journal")
    snapshot = JournalView
    scopes = frozenset({"journal"})
    hint = "operator, verb, campaign or any words"

    def __init__(self) -> None:
        super().__init__()
        self.own = False
        self.newer = 0

    def compose(self) -> Iterable[Widget]:
        """Draw the table, the lines that tell all of an entry, and the line to search with."""
        yield BigTable(JOURNAL_COLUMNS, empty="Reading…")
        yield Words()
        yield SearchLine(id="search")

    def wanted(self) -> JournalFilter:
        """Return which entries are shown."""
        return JournalFilter(self.text, operator=self.desk.operator.name if self.own else None)

    def build(self) -> Build:
        """Return what fills the snapshot."""
        wanted = self.wanted()
        return lambda view: view.build(wanted)

    def empty(self) -> str:
        """Return what stands in place of rows when there are none."""
        if self.text:
            return "Nothing that was done has these words; Esc takes them off."
        return "You have done nothing yet; t shows what others did." if self.own else "Nothing was done yet."

    def lines(self, row: JournalRow, cells: int) -> Sequence[Line]:
        """Return all of an entry."""
        return entry_lines(row, cells)

    def words(self) -> str:
        """Return what is shown, for people."""
        parts = [f"by {self.desk.operator.name}" if self.own else "by everybody"]
        return " · ".join([*parts, f"“{self.text}”"] if self.text else parts)

    def entry(self) -> JournalRow | None:
        """Return the entry under the cursor."""
        row = self.table.current
        return row if isinstance(row, JournalRow) else None

    def do_own(self) -> None:
        """Show only what the operator did, or what everybody did."""
        self.own = not self.own
        self.do_refresh()

    def do_undo_entry(self) -> None:
        """Ask for the entry to be taken back."""
        entry = self.entry()
        if entry is not None:
            self.post_message(EntryUndoRequested(entry))

    def do_redo_entry(self) -> None:
        """Ask for the entry to be done again."""
        entry = self.entry()
        if entry is not None:
            self.post_message(EntryRedoRequested(entry))

    def do_export(self) -> None:
        """Ask for the entries shown to be written to a file."""
        self.ask_for_file("actions", f"journal · {self.words()}", JOURNAL_FIELDS, self.build())

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the rows that the entry changed."""
        event.stop()
        entry = self.entry()
        if entry is not None:
            self.post_message(EntryOpened(entry))

    def on_taken(self, event: Taken) -> None:
        """Nothing is newer than what is shown now."""
        self.newer = 0

    def _stirred(self, scopes: frozenset[str]) -> None:
        super()._stirred(scopes)
        if scopes & self.scopes:
            view = self.view
            self.newer = newer_entries(self.desk.store, view.newest) if isinstance(view, JournalView) else 0
            self.post_message(WordsChanged())


class EntryPane(ToldPane):
    """The rows that an entry changed: before and after."""

    kind: ClassVar[Pane] = "entry"
    BINDINGS = bindings("entry")

    def __init__(self, entry: JournalRow) -> None:
        super().__init__()
        self.entry = entry

    def compose(self) -> Iterable[Widget]:
        """Draw the table, and the lines that tell all of the row under the cursor."""
        yield BigTable(LINE_COLUMNS, empty="This changed no row that could be shown.")
        yield Words()

    def on_mount(self) -> None:
        """Show the rows."""
        self.table.set_source(EntryLines(self.desk.store, self.entry.id))
        self.post_message(WordsChanged())
        self.desk.stirred.subscribe(self, self._stirred)

    def lines(self, row: JournalLineRow, cells: int) -> Sequence[Line]:
        """Return all of a changed row."""
        return line_lines(row, cells)

    def context(self) -> Context:
        """Return what an action would act on now: the entry, whatever the row."""
        return Context(self.kind, count=1, shown=self.table.total, read_only=self.desk.store.read_only)

    def do_refresh(self) -> None:
        """Read the rows again: addresses may have been corrected meanwhile."""
        self.table.reload()

    def do_undo_entry(self) -> None:
        """Ask for the entry to be taken back."""
        self.post_message(EntryUndoRequested(self.entry))

    def do_redo_entry(self) -> None:
        """Ask for the entry to be done again."""
        self.post_message(EntryRedoRequested(self.entry))

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the history that the row leads to."""
        event.stop()
        row = self.table.current
        if isinstance(row, JournalLineRow) and row.recipient_id is not None:
            self.post_message(HistoryRequested(row.recipient_id))
        else:
            self.post_message(Told("This row is about nobody in a plan, so there is no history to show."))

    def _stirred(self, scopes: frozenset[str]) -> None:
        """Know whether the entry stands; what it did stays as it was."""
        if "journal" in scopes:
            self.entry = journal_entry(self.desk.store, self.entry.id)
            self.post_message(WordsChanged())
