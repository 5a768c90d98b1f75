"""The picture: the cells that are wanted, and those that the terminal shows as far as we know."""

from __future__ import annotations

from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

from tui.output.changes import Changes
from tui.output.grid import UNKNOWN, Grid
from tui.output.pens import Pens
from tui.output.terminal import Terminal


class Picture:
    """Takes what Textual would send, and gives what is left to send.

    Args:
        terminal: what it can do.
        colours: what it shows.
    """

    def __init__(self, terminal: Terminal, colours: ColorSystem) -> None:
        self._pens = Pens(colours)
        self._changes = Changes(terminal, self._pens)
        self._wanted = Grid(0, 0)
        self._shown = Grid(0, 0)

    def forget(self) -> None:
        """Know no more what the terminal shows: others wrote to it, or it was away."""
        self._shown = Grid(self._wanted.columns, self._wanted.lines, UNKNOWN)

    def take(self, update: CompositorUpdate) -> None:
        """Put an update of the whole screen or of parts into the picture; one of another size begins a new picture."""
        if isinstance(update, LayoutUpdate):
            self._fit(*update.region.size)
            self._take_layout(update)
        elif isinstance(update, ChopsUpdate):
            self._fit(update.chop_ends[0][-1], len(update.chop_ends))
            self._take_chops(update)

    def frame(self) -> str:
        """Return what makes the terminal show the picture; "" if it does."""
        return self._changes.frame(self._shown, self._wanted)

    def _fit(self, columns: int, lines: int) -> None:
        if (columns, lines) != (self._wanted.columns, self._wanted.lines):
            self._wanted = Grid(columns, lines)
            self.forget()

    def _take_layout(self, update: LayoutUpdate) -> None:
        for y, strips in enumerate(update.strips):
            x = 0
            for strip in strips:
                self._wanted.draw(x, y, strip, self._pens)
                x += strip.cell_length

    def _take_chops(self, update: ChopsUpdate) -> None:
        for y, first, last in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                # As Textual's own ChopsUpdate.render_segments does it: strips are cut at the right end only.
                if strip is None or x > last or end <= first:
                    continue
                whole = first <= x < last and end <= last
                self._wanted.draw(x, y, strip if whole else strip.crop(0, min(end, last) - x), self._pens)
