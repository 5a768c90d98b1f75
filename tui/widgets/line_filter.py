"""The choke point: whatever a widget draws passes here before it is sent to the terminal.

The store cleans the text of its rows and no widget is handed a plain ``str``; this is the third layer, for text that
came another way. Colours: under NO_COLOR every colour is dropped here and attributes (bold, reverse, underline) stay,
which is why the ANSI theme draws its cursor row in reverse.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter, Monochrome, NoColor

_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class SafeLines(LineFilter):
    """Drops control, bidi and other format characters, links, and actions that hide in text."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return ``segments`` as safe ones of the same width; the very same list if there was nothing to drop."""
        if all(_is_safe(segment) for segment in segments):
            return segments
        return [
            Segment(safe_text(segment.text), None if segment.style is None else safe_style(segment.style))
            for segment in segments
            if not segment.control
        ]


class Colourless(LineFilter):
    """Drops colours and keeps attributes."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return ``segments`` without colours."""
        return [
            Segment(text, None if style is None else style.without_color, control) for text, style, control in segments
        ]


_SAFE_LINES = SafeLines()
_COLOURLESS = Colourless()


def line_filters(filters: Sequence[LineFilter], no_color: bool) -> list[LineFilter]:
    """Return the filters an app shall use: for ``App.get_line_filters``.

    Args:
        filters: those of Textual (``super().get_line_filters()``).
        no_color: whether NO_COLOR is set (``App.no_color``); Textual's own filters for it leave greys.
    """
    kept = [each for each in filters if not isinstance(each, (Monochrome, NoColor))]
    return [*kept, _COLOURLESS, _SAFE_LINES] if no_color else [*kept, _SAFE_LINES]


def safe_text(text: str) -> str:
    """Return ``text`` without control and format characters, in as many cells as before."""
    return text if text.isprintable() else _safe_text(text)


@lru_cache(maxsize=1024)
def safe_style(style: Style) -> Style:
    """Return ``style`` without a link and without actions (metadata named "@..."); other metadata stays."""
    if style.link is None and not any(key.startswith("@") for key in style.meta):
        return style
    meta = {key: value for key, value in style.meta.items() if not key.startswith("@")}
    bare = style.clear_meta_and_links()
    return bare + Style.from_meta(meta) if meta else bare


def _is_safe(segment: Segment) -> bool:
    text, style, control = segment
    return not control and text.isprintable() and (style is None or safe_style(style) is style)


@lru_cache(maxsize=1024)
def _safe_text(text: str) -> str:
    kept = "".join(char for char in text if unicodedata.category(char) not in _FORBIDDEN)
    cells = cell_len(text)
    return kept if cell_len(kept) == cells else set_cell_size(kept, cells)
