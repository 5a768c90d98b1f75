"""The complaints about spam as a screen."""

from __future__ import annotations

from tui.messages import Choice, WordsChanged
from tui.panes.complaints import ComplaintsPane
from tui.panes.pane import TablePane
from tui.screens.tables import TableScreen
from tui.widgets.status_line import StatusLine


class ComplaintsScreen(TableScreen):
    """Who complained, over all campaigns, and whether that was heeded."""

    heading = "Complaints"
    noun = ("complaint", "complaints")

    def pane(self) -> TablePane:
        """Return the complaints."""
        return ComplaintsPane()

    def decided(self, choice: Choice) -> None:
        """Take the marks off that were decided about."""
        if choice.marked:
            while self.query_one(TablePane).table.clear_marks():
                pass

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say what is shown, what was not heeded, and who else complained."""
        event.prevent_default()
        super().on_words_changed(event)
        pane = self.query_one(ComplaintsPane)
        wrong, strangers = pane.unheeded()
        parts = [self.heading, f"“{pane.text}”" if pane.text else "", f"{wrong:,} not heeded" if wrong else ""]
        parts.append(f"{strangers:,} about nobody in a plan (S)" if strangers else "")
        self.query_one("#title", StatusLine).show(f" {' · '.join(part for part in parts if part)}")
