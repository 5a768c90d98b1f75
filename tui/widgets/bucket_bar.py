"""A campaign's buckets as a bar with a legend."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from store.rows import CampaignRow
from tui.present.bars import bar_cells, legend
from tui.present.cells import cut, width
from tui.present.columns import Cell
from tui.widgets.looks import ground_of, palette_for


class BucketBar(Widget):
    """Two lines: the bar over the whole width, and the numbers; red where the buckets do not add up."""

    DEFAULT_CSS = "BucketBar { height: 2; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(
        self,
        row: CampaignRow | None = None,
        *,
        id: str | None = None,  # noqa: A002  (Textual's name)
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._row = row

    def show(self, row: CampaignRow | None) -> None:
        """Show another campaign, or the same one with newer counts; None: nothing."""
        if row != self._row:
            self._row = row
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the bar (line 0) or the legend (line 1)."""
        cells = max(0, self.size.width - 2)
        pieces: list[Cell] = []
        if self._row is not None and y == 0:
            pieces = bar_cells(self._row.buckets, cells)
        elif self._row is not None and y == 1:
            pieces = legend(self._row, cells)
        return self._strip(pieces, cells)

    def _strip(self, pieces: list[Cell], cells: int) -> Strip:
        palette, base = palette_for(self), ground_of(self)
        segments = [Segment(" ", base)]
        used = 0
        for text, style in pieces:
            text = cut(text, cells - used)
            used += width(text)
            segments.append(Segment(text, base + palette.style(style)))
        segments.append(Segment(" " * (cells - used + 1), base))
        return Strip(segments, cells + 2)
