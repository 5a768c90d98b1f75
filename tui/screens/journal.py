"""The journal as a screen, and an entry of it."""

from __future__ import annotations

from store.rows import JournalRow
from tui.inquiries import EntryOpened
from tui.messages import WordsChanged
from tui.panes.journal import EntryPane, JournalPane
from tui.panes.pane import TablePane
from tui.present.times import moment
from tui.screens.tables import TableScreen
from tui.widgets.status_line import StatusLine


class JournalScreen(TableScreen):
    """Who did what and when; Enter shows the rows of an entry, u takes it back."""

    heading = "Journal"
    noun = ("entry", "entries")

    def pane(self) -> TablePane:
        """Return the journal."""
        return JournalPane()

    def on_entry_opened(self, event: EntryOpened) -> None:
        """Show its rows."""
        event.stop()
        self.app.push_screen(EntryScreen(event.entry))

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say which entries are shown, count them, and tell of newer ones."""
        event.prevent_default()
        super().on_words_changed(event)
        pane = self.query_one(JournalPane)
        newer = f" · {pane.newer:,} newer, . reads again" if pane.newer else ""
        self.query_one("#title", StatusLine).show(f" {self.heading} · {pane.words()}{newer}")


class EntryScreen(TableScreen):
    """The rows that an entry changed, before and after."""

    noun = ("row", "rows")

    def __init__(self, entry: JournalRow) -> None:
        super().__init__()
        self._entry = entry

    def pane(self) -> TablePane:
        """Return the rows."""
        return EntryPane(self._entry)

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say which entry it is, and whether it stands."""
        event.prevent_default()
        super().on_words_changed(event)
        entry = self.query_one(EntryPane).entry
        undone = f" · undone by {entry.undone_by} {moment(entry.undone_at)}" if entry.undone_at is not None else ""
        self.query_one("#title", StatusLine).show(f" {moment(entry.ts)} · {entry.operator} · {entry.sentence}{undone}")
