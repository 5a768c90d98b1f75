"""Terminals as pyte models them, and what can be seen on them."""

from __future__ import annotations

from typing import Any

import pyte
from pyte.screens import Char

VISIBLE_ON_BLANKS = ("underscore", "reverse", "strikethrough", "blink")


class Erasing(pyte.Screen):
    """A terminal that erases to its own background, whatever the pen (one without ``bce``), and knows no ECH."""

    def erase_in_line(self, *args: Any, **more: Any) -> None:
        self._plainly(super().erase_in_line, *args, **more)

    def erase_characters(self, count: int | None = None) -> None:
        raise AssertionError("this terminal has no ECH")

    def _plainly(self, erase: Any, *args: Any, **more: Any) -> None:
        kept = self.cursor.attrs
        self.cursor.attrs = self.default_char
        erase(*args, **more)
        self.cursor.attrs = kept


def seen(cell: Char) -> tuple[Any, ...]:
    """Return what can be seen of a cell: of a blank only its ground, unless an attribute shows on it."""
    if cell.data == " " and not any(getattr(cell, name) for name in VISIBLE_ON_BLANKS):
        return (" ", cell.bg)
    return tuple(cell)


def unlike(one: pyte.Screen, other: pyte.Screen) -> list[tuple[int, int, Any, Any]]:
    """Return the cells that look different: (column, line, in one, in the other)."""
    return [
        (x, y, one.buffer[y][x], other.buffer[y][x])
        for y in range(one.lines)
        for x in range(one.columns)
        if seen(one.buffer[y][x]) != seen(other.buffer[y][x])
    ]
