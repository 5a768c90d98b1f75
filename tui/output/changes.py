"""What has to be sent so that the terminal shows other cells: the changed ones, and the shortest ways between them."""

from __future__ import annotations

import re

from tui.output.grid import Grid, doubtful
from tui.output.pens import PLAIN, Pens
from tui.output.terminal import Terminal

_ERASED_FROM = 4
"""Blanks at the end of a line from which erasing is shorter than writing them."""
_BLANKS = re.compile("( {10,})")
"""Blanks inside a line that are shorter erased and stepped over than written."""


class Changes:
    """Writes the sequences of one frame after the other.

    A frame begins wherever the cursor is, with the plain pen, and ends with the plain pen.

    Args:
        terminal: what it can do.
        pens: the numbers in the grids are theirs.
    """

    def __init__(self, terminal: Terminal, pens: Pens) -> None:
        self._terminal = terminal
        self._pens = pens
        self._sent: list[str] = []
        self._pen = PLAIN
        self._at: tuple[int, int] | None = None

    def frame(self, shown: Grid, wanted: Grid) -> str:
        """Return what turns ``shown`` into ``wanted``, a grid of the same size; afterwards they are alike."""
        self._sent, self._pen, self._at = [], PLAIN, None
        for y in range(wanted.lines):
            if shown.glyphs[y] != wanted.glyphs[y] or shown.pens[y] != wanted.pens[y]:
                changed = self._changed(y, shown, wanted)
                if changed:
                    self._line(y, changed, wanted.glyphs[y], wanted.pens[y])
                shown.glyphs[y][:] = wanted.glyphs[y]
                shown.pens[y][:] = wanted.pens[y]
        self._take(PLAIN)
        return "".join(self._sent)

    def _changed(self, y: int, shown: Grid, wanted: Grid) -> list[int]:
        """Return the cells of a line that look different, from left to right; blanks do if their background does."""
        blank, glyphs, new = self._pens.blank, shown.glyphs[y], wanted.glyphs[y]
        changed = [
            x
            for x, (glyph, pen, other, new_pen) in enumerate(
                zip(glyphs, shown.pens[y], new, wanted.pens[y], strict=True)
            )
            if glyph != other or (pen != new_pen and (glyph != " " or blank[pen] != blank[new_pen]))
        ]
        # Where terminals disagree on a width, nobody knows what stands beside the glyph: the line is written whole.
        if any(map(doubtful, {new[x] for x in changed} | {glyphs[x] for x in changed})):
            return list(range(wanted.columns))
        return changed

    def _line(self, y: int, changed: list[int], glyphs: list[str], pens: list[int]) -> None:
        tail = self._tail(glyphs, pens)
        if sum(x >= tail for x in changed) < _ERASED_FROM:
            tail = len(glyphs)
        place = 0
        while place < len(changed) and changed[place] < tail:
            x = changed[place]
            pen = self._pen_for(x, glyphs, pens)
            end = self._end(changed, place, tail, pen, glyphs, pens)
            place += end - x
            if not glyphs[x]:
                x -= 1
            self._step(x, y, glyphs, pens)
            self._take(pen)
            self._write(x, end, y, glyphs)
        if place < len(changed):
            self._go(changed[place], y)
            self._take_ground(pens[changed[place]])
            self._sent.append("\x1b[K")

    def _tail(self, glyphs: list[str], pens: list[int]) -> int:
        """Return the cell from which on a line can be erased; its end if none."""
        blank, at = self._pens.blank, len(glyphs)
        ground = blank[pens[-1]]
        if self._erases(ground):
            while at and glyphs[at - 1] == " " and blank[pens[at - 1]] == ground:
                at -= 1
        return at

    def _erases(self, ground: int) -> bool:
        """Tell whether erased cells look like blanks of this pen."""
        return ground == PLAIN or (self._terminal.colours_erased and self._pens.is_ground(ground))

    def _pen_for(self, x: int, glyphs: list[str], pens: list[int]) -> int:
        """Return the pen to write a cell with: for a blank one that is used anyway, if it looks the same."""
        blank, pen = self._pens.blank, pens[x]
        if glyphs[x] != " " or blank[pen] == blank[self._pen]:
            return pen if glyphs[x] != " " else self._pen
        following = next((cell for cell in range(x, len(glyphs)) if glyphs[cell] != " "), x)
        return pens[following] if blank[pens[following]] == blank[pen] else pen

    def _end(self, changed: list[int], place: int, tail: int, pen: int, glyphs: list[str], pens: list[int]) -> int:
        """Return where the changed cells end that follow each other and can be written with one pen."""
        blank, end = self._pens.blank, changed[place]
        ground = blank[pen]
        for x in changed[place:]:
            if x != end or x >= tail or (pens[x] != pen and (glyphs[x] != " " or blank[pens[x]] != ground)):
                break
            end += 1
        return end

    def _write(self, x: int, end: int, y: int, glyphs: list[str]) -> None:
        text = "".join(glyphs[x:end])
        if not text.isascii() and any(map(doubtful, glyphs[x:end])):
            self._write_one_by_one(x, end, y, glyphs)
            return
        erases = len(text) == end - x and self._terminal.erases_characters and self._erases(self._pens.blank[self._pen])
        for piece in _BLANKS.split(text) if erases else (text,):
            if erases and len(piece) > 1 and _BLANKS.fullmatch(piece):
                self._go(x, y)
                self._sent.append(f"\x1b[{len(piece)}X")
                x += len(piece)
            elif piece:
                self._go(x, y)
                self._sent.append(piece)
                x += len(piece) if erases else end - x
                self._at = (x, y) if x < len(glyphs) else None

    def _write_one_by_one(self, x: int, end: int, y: int, glyphs: list[str]) -> None:
        """Write glyphs of which terminals disagree how wide they are: each one finds its place anew."""
        for cell in range(x, end):
            if not glyphs[cell]:
                continue
            self._go(cell, y)
            wide = cell + 1 < len(glyphs) and not glyphs[cell + 1]
            if wide and doubtful(glyphs[cell]):
                self._sent.append("  ")
                self._at = None
                self._go(cell, y)
            self._sent.append(glyphs[cell])
            after = cell + 1 + wide
            self._at = None if doubtful(glyphs[cell]) or after >= len(glyphs) else (after, y)

    def _take(self, pen: int) -> None:
        if pen != self._pen:
            self._sent.append(self._pens.way(self._pen, pen))
            self._pen = pen

    def _take_ground(self, pen: int) -> None:
        ground = self._pens.blank[pen]
        if self._pens.blank[self._pen] != ground:
            self._take(ground)

    def _step(self, x: int, y: int, glyphs: list[str], pens: list[int]) -> None:
        """Go to a cell; over a few cells by writing them again, if the pen is right for them."""
        at = self._at
        if at is not None and at[1] == y and 0 < x - at[0] <= 4:
            text = "".join(glyphs[at[0] : x])
            if text.isascii() and len(text) == x - at[0] and self._fits(at[0], x, glyphs, pens):
                way = _way(at, x, y)
                if len(text) <= len(way):
                    self._sent.append(text)
                    self._at = (x, y)
        self._go(x, y)

    def _fits(self, start: int, end: int, glyphs: list[str], pens: list[int]) -> bool:
        blank, pen = self._pens.blank, self._pen
        return all(pens[x] == pen or (glyphs[x] == " " and blank[pens[x]] == blank[pen]) for x in range(start, end))

    def _go(self, x: int, y: int) -> None:
        if self._at != (x, y):
            self._sent.append(_way(self._at, x, y))
            self._at = (x, y)


def _way(at: tuple[int, int] | None, x: int, y: int) -> str:
    """Return the shortest way of the cursor from one cell to another; None: from anywhere."""
    ways = ["\x1b[H" if not x and not y else f"\x1b[{y + 1}H" if not x else f"\x1b[{y + 1};{x + 1}H"]
    if at is not None:
        from_x, from_y = at
        if from_y == y:
            ways.append(_sideways(x - from_x))
        if from_y == y or from_y + 1 == y:
            ways.append("\r" + "\n" * (y - from_y) + _sideways(x))
    return min(ways, key=len)


def _sideways(cells: int) -> str:
    if not cells:
        return ""
    return f"\x1b[{abs(cells) if abs(cells) > 1 else ''}{'C' if cells > 0 else 'D'}"
