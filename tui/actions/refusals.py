"""Reasons against an action that several actions share."""

from __future__ import annotations

from tui.action import Context


def any_shown(context: Context) -> str | None:
    """Refuse where there is no row."""
    return None if context.shown else "There is no row here."
