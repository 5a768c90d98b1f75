"""Cells: what stands where, one glyph and one pen a cell."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import combining, east_asian_width

from rich.cells import cell_len
from textual.strip import Strip

from tui.output.pens import PLAIN, Pens

UNKNOWN = "\0"
"""The glyph of a cell of which nobody knows what stands there; no drawing has it."""
TAIL = ""
"""The glyph of the second cell of a wide one."""

_FIRST_COMBINING = "\u0300"


class Grid:
    """Lines of cells.

    Args:
        columns: cells of a line.
        lines: lines.
        glyph: what stands in every cell at first.

    Attributes:
        glyphs: for each line the text of each cell; :data:`TAIL` after a wide one.
        pens: for each line the pen of each cell.
    """

    def __init__(self, columns: int, lines: int, glyph: str = " ") -> None:
        self.columns = columns
        self.lines = lines
        self.glyphs = [[glyph] * columns for _ in range(lines)]
        self.pens = [[PLAIN] * columns for _ in range(lines)]

    def draw(self, x: int, y: int, strip: Strip, pens: Pens) -> None:
        """Put a strip into line ``y`` from cell ``x`` on; what does not fit is left out."""
        texts: list[str] = []
        looks: list[int] = []
        for text, style, control in strip:
            if control:
                continue
            cells = list(text) if text.isascii() else split(text)
            texts += cells
            looks += [pens.of(style)] * len(cells)
        line = self.glyphs[y]
        end = min(x + len(texts), self.columns)
        if x >= end:
            return
        if line[x] == TAIL and x:
            line[x - 1] = " "
        line[x:end] = texts[: end - x]
        self.pens[y][x:end] = looks[: end - x]
        if end < self.columns and line[end] == TAIL:
            line[end] = " "
        if end - x < len(texts) and texts[end - x] == TAIL:
            line[end - 1] = " "


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str, ...]:
    """Return the cells of ``text``: a mark goes to the cell before it, and after a wide glyph comes :data:`TAIL`."""
    cells: list[str] = []
    for char in text:
        cell_width = cell_len(char)
        if cell_width == 0:
            at = len(cells) - 1
            while at > 0 and cells[at] == TAIL:
                at -= 1
            if at >= 0:
                cells[at] += char
        else:
            cells.append(char)
            cells.extend([TAIL] * (cell_width - 1))
    if len(cells) != cell_len(text):  # a sequence that Textual measures as a whole (emoji with joiners, flags)
        cells = [*cells, *[" "] * cell_len(text)][: cell_len(text)]
    return tuple(cells)


def doubtful(glyph: str) -> bool:
    """Tell whether terminals disagree on how many cells ``glyph`` takes: emoji, marks, whatever is newer."""
    return glyph >= _FIRST_COMBINING and _doubtful(glyph)


@lru_cache(maxsize=4096)
def _doubtful(glyph: str) -> bool:
    if len(glyph) != 1 or ord(glyph) > 0xFFFF or combining(glyph):
        return True
    return east_asian_width(glyph) in {"W", "F"} and not _ideograph(ord(glyph))


def _ideograph(code: int) -> bool:
    """Tell whether a character has been wide in all terminals for decades: CJK, kana, hangul, full-width forms."""
    return 0x2E80 <= code <= 0xA4CF or 0xAC00 <= code <= 0xD7A3 or 0xF900 <= code <= 0xFAFF or 0xFF00 <= code <= 0xFFE6
