"""The rows a table holds at a time: pages of its source around the window, never all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

PAGE_ROWS = 64
PAGES_KEPT = 8


class Row(Protocol):
    """What every row has."""

    @property
    def id(self) -> int:
        """The row's identity, kept while rows come and go."""
        ...


class RowSource(Protocol):
    """An ordered set of rows that can be read by position, cheaply (0.1 ms) and on the spot."""

    @property
    def total(self) -> int:
        """How many rows there are."""
        ...

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        """Return the rows at positions ``offset`` to ``offset + limit - 1``, fewer at the end."""
        ...


R = TypeVar("R", bound=Row)


class ListedRows:
    """A source over rows that are few enough to be held: campaigns, links, lists."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self.rows = tuple(rows)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        """Return the rows at positions ``offset`` to ``offset + limit - 1``."""
        return self.rows[offset : offset + limit]

    def position(self, row_id: int) -> int | None:
        """Return the position of a row; None if it is not here."""
        return next((index for index, row in enumerate(self.rows) if row.id == row_id), None)


def position_in(source: RowSource, row_id: int) -> int | None:
    """Return where a row stands, if the source can tell (it has a method ``position(id)``)."""
    find: Callable[[int], int | None] | None = getattr(source, "position", None)
    return None if find is None else find(row_id)


class RowWindow:
    """The pages of a source that were read last; at most 512 rows."""

    def __init__(self, source: RowSource) -> None:
        self.source = source
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()

    def row(self, position: int) -> Row | None:
        """Return the row at ``position``; None outside the source."""
        if position < 0:
            return None
        number, index = divmod(position, PAGE_ROWS)
        page = self._pages.get(number)
        if page is None:
            if position >= self.source.total:
                return None
            page = self._read(number)
        return page[index] if index < len(page) else None

    def rows(self, first: int, last: int) -> list[Row]:
        """Return the rows at positions ``first`` to ``last``, both included."""
        found = (self.row(position) for position in range(first, last + 1))
        return [row for row in found if row is not None]

    def replace(self, rows: Mapping[int, Row]) -> set[int]:
        """Put newer rows (id -> row) in place of those held; return the ids whose row differs from the one before."""
        changed: set[int] = set()
        for page in self._pages.values():
            for index, old in enumerate(page):
                new = rows.get(old.id)
                if new is not None and new != old:
                    page[index] = new
                    changed.add(old.id)
        return changed

    def keep(self, first: int, last: int) -> list[int]:
        """Drop all pages but those with the positions ``first`` to ``last``; return the ids of the rows kept."""
        near = range(first // PAGE_ROWS, last // PAGE_ROWS + 1)
        for number in [number for number in self._pages if number not in near]:
            del self._pages[number]
        return [row.id for page in self._pages.values() for row in page]

    def forget(self) -> None:
        """Drop the pages held, so that they are read again."""
        self._pages.clear()

    def _read(self, number: int) -> list[Row]:
        page = self._pages[number] = list(self.source.page(number * PAGE_ROWS, PAGE_ROWS))
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        return page
