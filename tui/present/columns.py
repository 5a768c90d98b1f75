"""What a column of a table is, and how columns share a width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from tui.present.cells import Align

R = TypeVar("R")

Cell: TypeAlias = tuple[str, str]
"""A cell: its text (any text; the table makes it safe and cuts it) and the name of a style of present.colours."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column of a table.

    Attributes:
        key: its id ("name", "address", ...), the word that sorting uses.
        title: its heading.
        cell: row -> cell.
        width: its cells; for a flexible column the least it is useful with.
        weight: its share of the cells left over; 0: fixed.
        limit: cells beyond which a flexible column does not grow; 0: none.
        align: where text stands in the column.
        middle: text that is too long is cut in its middle, since its end matters too.
        since: cells that the table must have for this column to be shown at all; keeps more room for the others.
        priority: columns with the highest priority number are left out first when the table is narrow; 0: never.
    """

    key: str
    title: str
    cell: Callable[[R], Cell]
    width: int
    weight: int = 0
    limit: int = 0
    align: Align = "left"
    middle: bool = False
    since: int = 0
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A column's place on the line: its index among all columns, first cell and cells."""

    index: int
    x: int
    width: int


def gap_for(width: int) -> int:
    """Return the blanks between two columns in a table of ``width`` cells."""
    return 1 if width < 100 else 2


def share(columns: Sequence[Column[R]], width: int) -> tuple[Slot, ...]:
    """Return the slots of the columns that fit into ``width`` cells, in order; the last one ends at most there.

    Columns that do not fit are left out by priority, from the right among equals; at least one always stays. What is
    left over goes to the flexible columns by weight, up to their limits.
    """
    if not columns or width <= 0:
        return ()
    gap = gap_for(width)
    kept = _kept(columns, width, gap)
    widths = {index: columns[index].width for index in kept}
    _grow(columns, widths, width - sum(widths.values()) - gap * (len(kept) - 1))
    slots: list[Slot] = []
    x = 0
    for index in kept:
        cells = min(widths[index], width - x)
        if cells <= 0:
            break
        slots.append(Slot(index, x, cells))
        x += cells + gap
    return tuple(slots)


def _kept(columns: Sequence[Column[R]], width: int, gap: int) -> list[int]:
    kept = [index for index, column in enumerate(columns) if column.since <= width] or [0]
    while len(kept) > 1 and sum(columns[index].width for index in kept) + gap * (len(kept) - 1) > width:
        last = max(kept, key=lambda index: (columns[index].priority, index))
        if columns[last].priority == 0:
            break
        kept.remove(last)
    return kept


def _grow(columns: Sequence[Column[R]], widths: dict[int, int], spare: int) -> None:
    growing = [index for index in widths if columns[index].weight]
    while spare > 0 and growing:
        total = sum(columns[index].weight for index in growing)
        shares = {index: spare * columns[index].weight // total for index in growing}
        if not any(shares.values()):
            shares = {growing[0]: spare}
        for index, more in shares.items():
            limit = columns[index].limit
            more = min(more, limit - widths[index]) if limit else more
            widths[index] += more
            spare -= more
        growing = [index for index in growing if not columns[index].limit or widths[index] < columns[index].limit]
