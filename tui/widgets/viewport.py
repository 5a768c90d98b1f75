"""Where the cursor stands and which rows are in sight: the arithmetic of a table's window, without a screen."""

from __future__ import annotations


class Viewport:
    """Cursor and first row in sight, over ``total`` rows of which ``lines`` fit on the screen.

    Attributes:
        cursor: position of the cursor; 0 if there are no rows.
        top: position of the first row in sight.
    """

    def __init__(self) -> None:
        self.cursor = 0
        self.top = 0
        self.total = 0
        self.lines = 1

    @property
    def last(self) -> int:
        """Position of the last row in sight; -1 if there are no rows."""
        return min(self.total, self.top + self.lines) - 1

    def sees(self, position: int) -> bool:
        """Whether the row at ``position`` has a line on the screen."""
        return self.top <= position <= self.last

    def step_to(self, position: int) -> None:
        """Put the cursor on a row; beyond an edge the rows scroll by half a page at least (few repaints when held)."""
        self.cursor = self._inside(position)
        half = max(1, self.lines // 2)
        if self.cursor < self.top:
            self.top = min(self.cursor, self.top - half)
        elif self.cursor >= self.top + self.lines:
            self.top = max(self.cursor - self.lines + 1, self.top + half)
        self._hold()

    def turn(self, rows: int) -> None:
        """Move cursor and rows together."""
        self.cursor = self._inside(self.cursor + rows)
        self.top += rows
        self._hold()

    def resize(self, lines: int) -> None:
        """Take a new height; the cursor stays in sight."""
        self.lines = max(1, lines)
        self._hold()

    def place(self, position: int, total: int) -> None:
        """Take new rows: the cursor goes to ``position`` and stays on the line where it was, if that can be."""
        line = self.cursor - self.top
        self.total = total
        self.cursor = self._inside(position)
        self.top = self.cursor - line
        self._hold()

    def _inside(self, position: int) -> int:
        return max(0, min(position, self.total - 1))

    def _hold(self) -> None:
        """Keep the cursor in sight and the last page full."""
        top = max(self.cursor - self.lines + 1, min(self.top, self.cursor))
        self.top = max(0, min(top, self.total - self.lines))
