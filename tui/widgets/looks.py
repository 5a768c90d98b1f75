"""How a widget looks in the theme of its app."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

from tui.present.colours import Palette, palette_of


def palette_for(widget: Widget) -> Palette:
    """Return the palette of the app's theme."""
    theme = widget.app.current_theme
    return palette_of(theme.name, theme.dark, theme.ansi)


def ground_of(widget: Widget) -> Style:
    """Return the widget's background; nothing where it is the terminal's own (fewer bytes)."""
    ground = widget.background_colors[1].rich_color
    return Style() if ground.is_default else Style(bgcolor=ground)
