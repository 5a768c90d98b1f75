"""The screens by name."""

from __future__ import annotations

from textual.screen import Screen

from tui.actions import Pane


def screen_named(name: str, of: Pane = "campaigns") -> Screen[None]:
    """Return a new screen: "main", "welcome", "lists", "journal", "strangers", or "help" about the pane ``of``."""
    if name in {"lists", "journal"}:
        from tui.screens.tables import JournalScreen, ListsScreen

        return ListsScreen() if name == "lists" else JournalScreen()
    if name == "strangers":
        from tui.screens.strangers import StrangersScreen

        return StrangersScreen()
    if name in {"help", "welcome"}:
        from tui.screens.text import HelpScreen, WelcomeScreen

        return HelpScreen(of) if name == "help" else WelcomeScreen()
    from tui.screens.main import MainScreen

    return MainScreen()
