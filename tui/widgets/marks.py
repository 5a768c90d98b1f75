"""The marked rows of a table: some ids, or all rows but some ids, so that marking a million costs nothing."""

from __future__ import annotations

from collections.abc import Iterable

from store.asking import Selection

MARKED = "*"
IN_RANGE = "+"


class Marks:
    """A set of marked ids that can be turned inside out, and the beginning of a range (a position) under way."""

    def __init__(self) -> None:
        self._ids: set[int] = set()
        self._inverted = False
        self._selection: Selection | None = None
        self._anchor: int | None = None

    def __contains__(self, row_id: int) -> bool:
        """Whether a row is marked."""
        return (row_id in self._ids) != self._inverted

    @property
    def inverted(self) -> bool:
        """Whether all rows are marked but the ids kept."""
        return self._inverted

    def any(self) -> bool:
        """Whether something may be marked (nothing surely is not)."""
        return self._inverted or bool(self._ids)

    def count(self, total: int) -> int:
        """Return how many of ``total`` rows are marked."""
        return max(0, total - len(self._ids)) if self._inverted else len(self._ids)

    def set(self, ids: Iterable[int], marked: bool) -> None:
        """Mark rows, or take their marks away."""
        self._selection = None
        if marked != self._inverted:
            self._ids.update(ids)
        else:
            self._ids.difference_update(ids)

    def all(self) -> None:
        """Mark every row, also those that were never read."""
        self._selection = None
        self._ids.clear()
        self._inverted = True

    def clear(self) -> None:
        """Take all marks away."""
        self._selection = None
        self._ids.clear()
        self._inverted = False

    def selection(self) -> Selection:
        """Return the marks as the store takes them."""
        if self._selection is None:
            self._selection = Selection(frozenset(self._ids), self._inverted)
        return self._selection

    @property
    def in_range(self) -> bool:
        """Whether a range is under way."""
        return self._anchor is not None

    def begin_range(self, position: int) -> None:
        """Begin a range at a position."""
        self._anchor = position

    def leave_range(self) -> None:
        """End the range without marking."""
        self._anchor = None

    def span(self, cursor: int) -> tuple[int, int]:
        """Return the first and the last position of the range that ends at the cursor."""
        anchor = cursor if self._anchor is None else self._anchor
        return min(anchor, cursor), max(anchor, cursor)

    def sign(self, row_id: int, position: int, cursor: int) -> str:
        """Return the sign in a row's gutter: in the range under way, marked, or nothing."""
        if self._anchor is not None:
            first, last = self.span(cursor)
            if first <= position <= last:
                return IN_RANGE
        return MARKED if row_id in self else ""
