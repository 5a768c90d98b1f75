"""One line of pieces in different styles."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.present.cells import cut, width
from tui.present.columns import Cell
from tui.widgets.looks import ground_of, palette_for


class CellLine(Widget):
    """A line of (text, style) pieces, cut at its end; drawn in place, without layout."""

    DEFAULT_CSS = "CellLine { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, pieces: Sequence[Cell] = (), *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id)
        self._pieces = tuple(pieces)

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(text for text, _ in self._pieces)

    def show(self, pieces: Sequence[Cell]) -> None:
        """Show other pieces; the same ones again cost nothing."""
        new = tuple(pieces)
        if new != self._pieces:
            self._pieces = new
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        palette, base = palette_for(self), ground_of(self)
        cells, used = self.size.width, 0
        segments: list[Segment] = []
        for text, style in self._pieces:
            text = cut(text, cells - used)
            used += width(text)
            segments.append(Segment(text, base + palette.style(style)))
        segments.append(Segment(" " * (cells - used), base + palette.style("title-blurred")))
        return Strip(segments, cells)
