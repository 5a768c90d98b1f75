"""The screens by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from textual.screen import Screen

from tui.actions import Pane

SCREENS: dict[str, str] = {
    "main": "tui.screens.main:MainScreen",
    "welcome": "tui.screens.text:WelcomeScreen",
    "help": "tui.screens.text:HelpScreen",
    "lists": "tui.screens.tables:ListsScreen",
    "journal": "tui.screens.journal:JournalScreen",
    "people": "tui.screens.people:PeopleScreen",
    "corrections": "tui.screens.corrections:CorrectionsScreen",
    "blocked": "tui.screens.blocked:BlockedScreen",
    "policy": "tui.screens.policy:PolicyScreen",
    "complaints": "tui.screens.complaints:ComplaintsScreen",
    "reconcile": "tui.screens.reconciliation:ReconciliationScreen",
    "strangers": "tui.screens.strangers:StrangersScreen",
    "outbox": "tui.screens.outbox:OutboxScreen",
}
"""Name -> where the screen's class stands; it is loaded when it is first opened."""

OPENED = frozenset(SCREENS) - {"main", "welcome"}
"""The screens that an action of the same name opens."""


def screen_named(name: str, of: Pane = "campaigns") -> Screen[None]:
    """Return a new screen of :data:`SCREENS`; "help" is about the pane ``of``."""
    module, _, kind = SCREENS[name].partition(":")
    make = cast("Callable[..., Screen[None]]", getattr(import_module(module), kind))
    return make(of) if name == "help" else make()
