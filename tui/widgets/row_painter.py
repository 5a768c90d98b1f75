"""Rows to strips: the drawing of a table's lines, cached, with as few changes of style as can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.present.cells import fit, width
from tui.present.colours import Palette
from tui.present.columns import Cell, Column, Slot, gap_for, share
from tui.widgets.row_window import Row

GUTTER = 2
MARGIN = 1
ASCENDING = "▲"
DESCENDING = "▼"
_STRIPS_KEPT = 1024


class RowPainter:
    """Draws the header and the rows of one table at one width.

    Attributes:
        width: cells of a line.
        slots: where the columns that fit stand, from the first cell after the gutter; the last cell stays free.
    """

    def __init__(self, columns: Sequence[Column[Any]], cells: int, palette: Palette, ground: Style) -> None:
        self.columns = columns
        self.width = cells
        self.slots: tuple[Slot, ...] = share(columns, cells - GUTTER - MARGIN)
        self._gap = " " * gap_for(cells - GUTTER - MARGIN)
        self._palette = palette
        self._ground = ground
        self._styles: dict[str, Style] = {}
        self._strips: dict[tuple[int, str, str], tuple[Row, Strip]] = {}

    def row(self, row: Row, sign: str, cursor: str) -> Strip:
        """Return the line of ``row``.

        Args:
            row: the row.
            sign: its sign in the gutter (one cell, or empty).
            cursor: the style of the whole line if the cursor is on it ("cursor", "cursor-blurred"), else "".
        """
        key = (row.id, sign, cursor)
        kept = self._strips.get(key)
        if kept is not None and (kept[0] is row or kept[0] == row):
            return kept[1]
        runs = self._runs(row, sign)
        strip = self._strip([("".join(text for text, _ in runs), cursor)] if cursor else _merged(runs))
        if len(self._strips) >= _STRIPS_KEPT:
            self._strips.clear()
        self._strips[key] = (row, strip)
        return strip

    def header(self, sort: tuple[str, bool] | None, active: str | None) -> Strip:
        """Return the heading line.

        Args:
            sort: column key and whether the order is descending.
            active: key of the column under the column cursor; None: it is not shown.
        """
        runs: list[Cell] = [(" " * GUTTER, "header")]
        for number, slot in enumerate(self.slots):
            column = self.columns[slot.index]
            title = column.title
            if sort is not None and sort[0] == column.key:
                title = f"{title} {DESCENDING if sort[1] else ASCENDING}"
            if number:
                runs.append((self._gap, "header"))
            text = fit(title, slot.width, column.align)
            runs.extend(_active(text) if column.key == active else [(text, "header")])
        return self._strip(_joined(runs))

    def message(self, text: str) -> Strip:
        """Return a line with ``text`` in its middle, for a table without rows."""
        return self._strip([(fit(text, self.width, "center"), "muted")])

    def blank(self) -> Strip:
        """Return an empty line."""
        return self._strip([(" " * self.width, "text")])

    def _runs(self, row: Row, sign: str) -> list[Cell]:
        runs: list[Cell] = [(sign.ljust(GUTTER), "mark")]
        for number, slot in enumerate(self.slots):
            column = self.columns[slot.index]
            text, style = column.cell(row)
            padded = fit(text, slot.width, column.align, middle=column.middle)
            runs.append((self._gap + padded if number else padded, style))
        return runs

    def _strip(self, runs: list[Cell]) -> Strip:
        """Return the line of ``runs``, each already cut to its place; the last one is drawn out to the line's end."""
        cells = sum(width(text) for text, _ in runs)
        *others, (text, style) = runs
        segments = [Segment(other, self._style(name)) for other, name in others]
        segments.append(Segment(text + " " * (self.width - cells), self._style(style)))
        return Strip(segments, max(cells, self.width))

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self._ground + self._palette.style(name)
        return style


def _merged(runs: list[Cell]) -> list[Cell]:
    """Return ``runs`` with equal styles joined and blanks counted to a neighbour (their colour cannot be seen)."""
    merged: list[Cell] = []
    for text, style in runs:
        if merged and (style == merged[-1][1] or text.isspace()):
            merged[-1] = (merged[-1][0] + text, merged[-1][1])
        elif len(merged) == 1 and merged[0][0].isspace():
            merged[0] = (merged[0][0] + text, style)
        else:
            merged.append((text, style))
    return merged


def _joined(runs: list[Cell]) -> list[Cell]:
    """Return ``runs`` with neighbours of equal style joined; it ends in the style of the heading."""
    joined: list[Cell] = []
    for text, style in [*runs, ("", "header")]:
        if joined and style == joined[-1][1]:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    return joined


def _active(text: str) -> list[Cell]:
    """Return a heading of which only the words, not the blanks around them, are drawn as active."""
    words = text.strip()
    before, _, after = text.partition(words) if words else (text, "", "")
    return [
        (piece, style) for piece, style in ((before, "header"), (words, "header-active"), (after, "header")) if piece
    ]
