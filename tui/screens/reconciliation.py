"""The screen that tells whether everything adds up."""

from __future__ import annotations

from tui.messages import WordsChanged
from tui.panes.pane import TablePane
from tui.panes.reconciliation import ReconciliationPane
from tui.present.reconciliation import verdict
from tui.screens.tables import TableScreen
from tui.widgets.status_line import StatusLine


class ReconciliationScreen(TableScreen):
    """Every campaign's buckets with their sum, and every feed's records with what became of them."""

    heading = "Reconciliation"

    def pane(self) -> TablePane:
        """Return the account."""
        return ReconciliationPane()

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say whether it adds up."""
        event.prevent_default()
        pane = self.query_one(ReconciliationPane)
        self.noun = ("feed", "feeds") if pane.feeds else ("campaign", "campaigns")
        super().on_words_changed(event)
        if pane.found is not None:
            self.query_one("#title", StatusLine).show(f" {self.heading} · {verdict(pane.found)}")
