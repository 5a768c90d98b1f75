"""The corrections list as a screen."""

from __future__ import annotations

from tui.panes.corrections import CorrectionsPane
from tui.panes.pane import TablePane
from tui.screens.tables import TableScreen


class CorrectionsScreen(TableScreen):
    """Old and new addresses, for the CRM."""

    heading = "Corrections"
    noun = ("address", "addresses")

    def pane(self) -> TablePane:
        """Return the corrections."""
        return CorrectionsPane()
