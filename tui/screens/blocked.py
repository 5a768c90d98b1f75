"""The blocked addresses as a screen."""

from __future__ import annotations

from tui.messages import Choice, WordsChanged
from tui.panes.blocked import BlockedPane
from tui.panes.pane import TablePane
from tui.screens.tables import TableScreen
from tui.widgets.status_line import StatusLine


class BlockedScreen(TableScreen):
    """Addresses that get no campaign any more, over all campaigns."""

    heading = "Blocked addresses"

    def pane(self) -> TablePane:
        """Return the addresses."""
        return BlockedPane()

    def decided(self, choice: Choice) -> None:
        """Take the marks off that were decided about, or step on."""
        table = self.query_one(TablePane).table
        if choice.marked:
            while table.clear_marks():
                pass
        else:
            table.action_cursor_down()

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say what is shown, and count rows and marks."""
        event.prevent_default()
        pane = self.query_one(BlockedPane)
        self.noun = ("group", "groups") if pane.grouped else ("address", "addresses")
        super().on_words_changed(event)
        self.query_one("#title", StatusLine).show(f" {self.heading} · {pane.words()}")
