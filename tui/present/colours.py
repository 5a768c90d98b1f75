"""Style names, and what each looks like in the dark, the light and the ANSI theme.

Widgets and cells name styles ("bad", "muted"); a palette says what they look like. Colour is never the only sign of
anything. The ANSI palette uses the terminal's own sixteen colours and attributes, so it also works without colours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from rich.style import Style
from textual.theme import Theme

DARK_THEME: Final = "aftersend-dark"
LIGHT_THEME: Final = "aftersend-light"
ANSI_THEME: Final = "aftersend-ansi"

STYLE_NAMES: Final = (
    "text",
    "strong",
    "muted",
    "good",
    "warn",
    "soft",
    "bad",
    "info",
    "accent",
    "mark",
    "header",
    "header-active",
    "cursor",
    "cursor-blurred",
    "key",
    "label",
    "title",
    "title-blurred",
    "refused",
)
"""Every style name that cells and widgets may use."""


@dataclass(frozen=True, slots=True)
class Palette:
    """What each style name looks like.

    Attributes:
        styles: style name -> style; a style without a background lies on that of the widget.
        ansi: only the terminal's own sixteen colours are used.
    """

    name: str
    ansi: bool
    styles: Mapping[str, Style] = field(repr=False)

    def style(self, name: str) -> Style:
        """Return the look of ``name``; an unknown name looks like plain text."""
        return self.styles.get(name) or self.styles["text"]


def _palette(name: str, looks: Mapping[str, str], ansi: bool = False) -> Palette:
    styles = {style: Style.parse(looks[style]) for style in STYLE_NAMES}
    return Palette(name, ansi, MappingProxyType(styles))


# Grounds are nearly grey, so that a terminal of 256 colours keeps them apart instead of making all of them black.
DARK: Final = _palette(
    DARK_THEME,
    {
        "text": "#d6dce5",
        "strong": "bold #f2f5f9",
        "muted": "#8a95a5",
        "good": "#7fd088",
        "warn": "#e8c060",
        "soft": "#e5a06a",
        "bad": "#ff8080",
        "info": "#6fc3df",
        "accent": "#79b4ff",
        "mark": "bold #ffd866",
        "header": "bold #9fb0c6 on #23272d",
        "header-active": "bold underline #e8eef6 on #23272d",
        "cursor": "bold #ffffff on #2c5282",
        "cursor-blurred": "#d6dce5 on #31363e",
        "key": "bold #79b4ff on #23272d",
        "label": "#b7c1ce on #23272d",
        "title": "bold #ffffff on #2c5282",
        "title-blurred": "#9fb0c6 on #23272d",
        "refused": "bold #ffffff on #8c2f39",
    },
)

LIGHT: Final = _palette(
    LIGHT_THEME,
    {
        "text": "#22272e",
        "strong": "bold #0b0e12",
        "muted": "#646c76",
        "good": "#17752f",
        "warn": "#845c00",
        "soft": "#a34700",
        "bad": "#b91c28",
        "info": "#086579",
        "accent": "#0b57b0",
        "mark": "bold #8f3f97",
        "header": "bold #4a5562 on #e4e8ec",
        "header-active": "bold underline #0b0e12 on #e4e8ec",
        "cursor": "bold #ffffff on #2b62ab",
        "cursor-blurred": "#22272e on #d5dce4",
        "key": "bold #0b57b0 on #e4e8ec",
        "label": "#3d4651 on #e4e8ec",
        "title": "bold #ffffff on #2b62ab",
        "title-blurred": "#4a5562 on #e4e8ec",
        "refused": "bold #ffffff on #a3202c",
    },
)

ANSI: Final = _palette(
    ANSI_THEME,
    {
        "text": "default",
        "strong": "bold default",
        "muted": "dim default",
        "good": "green",
        "warn": "yellow",
        "soft": "yellow",
        "bad": "bold red",
        "info": "cyan",
        "accent": "blue",
        "mark": "bold magenta",
        "header": "bold default",
        "header-active": "bold underline default",
        "cursor": "reverse default",
        "cursor-blurred": "underline default",
        "key": "bold default",
        "label": "default",
        "title": "bold reverse default",
        "title-blurred": "default",
        "refused": "bold reverse red",
    },
    ansi=True,
)

_PALETTES: Final = {palette.name: palette for palette in (DARK, LIGHT, ANSI)}

THEMES: Final = (
    Theme(
        name=DARK_THEME,
        primary="#79b4ff",
        secondary="#6fc3df",
        warning="#e8c060",
        error="#ff8080",
        success="#7fd088",
        accent="#79b4ff",
        foreground="#d6dce5",
        background="#14161a",
        surface="#1a1d21",
        panel="#23272d",
        dark=True,
        variables={
            "border": "#2c5282",
            "border-blurred": "#31363e",
            "block-cursor-background": "#2c5282",
            "block-cursor-foreground": "#ffffff",
        },
    ),
    Theme(
        name=LIGHT_THEME,
        primary="#0b57b0",
        secondary="#086579",
        warning="#845c00",
        error="#b91c28",
        success="#17752f",
        accent="#0b57b0",
        foreground="#22272e",
        background="#fafaf7",
        surface="#f1f3f5",
        panel="#e4e8ec",
        dark=False,
        variables={
            "border": "#2b62ab",
            "border-blurred": "#d5dce4",
            "block-cursor-background": "#2b62ab",
            "block-cursor-foreground": "#ffffff",
        },
    ),
    Theme(
        name=ANSI_THEME,
        primary="ansi_blue",
        secondary="ansi_cyan",
        warning="ansi_yellow",
        error="ansi_red",
        success="ansi_green",
        accent="ansi_blue",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        dark=True,
        ansi=True,
        variables={
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_white",
            "border": "ansi_blue",
            "border-blurred": "ansi_default",
            "block-cursor-foreground": "ansi_default",
            "block-cursor-background": "ansi_default",
            "block-cursor-text-style": "reverse",
            "input-cursor-background": "ansi_default",
            "input-cursor-foreground": "ansi_default",
            "input-cursor-text-style": "reverse",
            "input-selection-background": "ansi_default",
            "input-selection-foreground": "ansi_default",
            "screen-selection-background": "ansi_default",
            "screen-selection-foreground": "ansi_default",
        },
    ),
)
"""The three themes for Textual: register each with ``App.register_theme``."""


def palette_of(theme: str, dark: bool = True, ansi: bool = False) -> Palette:
    """Return the palette of a theme of ours, or for a foreign one the palette nearest to it."""
    if theme in _PALETTES:
        return _PALETTES[theme]
    if ansi:
        return ANSI
    return DARK if dark else LIGHT


def theme_for(color_system: str | None, no_color: bool, light: bool = False) -> str:
    """Return the name of the theme that suits a terminal.

    Args:
        color_system: what rich found out: "truecolor", "256", "standard" (sixteen colours), "windows", or None (no
            terminal, as in tests).
        no_color: whether NO_COLOR asks for none.
        light: whether the operator prefers dark text on a light ground.
    """
    if no_color or color_system in {"standard", "windows"}:
        return ANSI_THEME
    return LIGHT_THEME if light else DARK_THEME
