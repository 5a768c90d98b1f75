"""Rows in columns: aligned and cut to the terminal's width for people, tab-separated for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from tui.present.cells import fit
from tui.present.cells import width as cells_of

SAMPLE = 500
"""How many rows the widths are taken from; later rows are cut to them, so that any number of rows can be streamed."""

_FEWEST = 6
_WIDE = "  "
_TIGHT = " "
_TRIES = (
    (False, _WIDE, False),
    (False, _TIGHT, False),
    (True, _WIDE, False),
    (True, _TIGHT, False),
    (True, _WIDE, True),
    (True, _TIGHT, True),
)
"""Headings on two lines or one, the gap, and whether columns are narrowed: from the best look to the worst."""


class Column(NamedTuple):
    """A column of a printed table.

    Attributes:
        title: the heading, one word or two; the blank may become a line break, a no-break space stays.
        right: whether it is aligned to the right (numbers).
        floor: cells below which it is narrowed only when no other column can be left out; 0: never narrowed.
        rank: columns with the highest rank are left out first where the terminal is too narrow; 0: never. On a
            terminal a ranked column without any content is left out too.
    """

    title: str
    right: bool = False
    floor: int = 0
    rank: int = 0


def terminal_width() -> int | None:
    """Return the width of the terminal that stdout is; None if it is none."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size((80, 24)).columns


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, always: bool = False) -> int:
    """Print rows as an aligned table on a terminal, otherwise tab-separated and without a heading.

    Args:
        columns: the columns.
        rows: one text for each column; consumed as it is printed.
        always: print the aligned table also where stdout is no terminal.

    Returns:
        the number of rows printed.
    """
    width = terminal_width()
    if width is None and not always:
        return _write(_tabbed(columns, row) for row in rows)
    taken = iter(rows)
    head = list(islice(taken, SAMPLE))
    if not head:
        return 0
    layout = _layout(columns, head, width)
    _write(_headings(columns, layout))
    return _write(_line(columns, row, layout) for row in chain(head, taken))


def _tabbed(columns: Sequence[Column], row: Sequence[str]) -> str:
    cells = zip(columns, row, strict=True)
    return "\t".join(text.replace(",", "") if column.right else text for column, text in cells)


def _write(lines: Iterable[str]) -> int:
    count = 0
    write = sys.stdout.write
    for line in lines:
        write(line + "\n")
        count += 1
    return count


class _Layout(NamedTuple):
    widths: dict[int, int]
    gap: str
    two_lines: bool


def _layout(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int | None) -> _Layout:
    """Find the widths: first as they come, then with broken headings, then with narrower or fewer columns."""
    content = [max(cells_of(row[at]) for row in rows) for at in range(len(columns))]
    shown = list(range(len(columns)))
    if room is None:
        return _Layout(_natural(columns, content, shown, False), _WIDE, False)
    shown = [at for at in shown if content[at] or not columns[at].rank]
    floors = [column.floor for column in columns]
    while True:
        for two_lines, gap, narrowing in _TRIES:
            widths = _natural(columns, content, shown, two_lines)
            excess = sum(widths.values()) + len(gap) * (len(shown) - 1) - room
            if excess <= 0 or (narrowing and _narrow(floors, widths, excess)):
                return _Layout(widths, gap, two_lines)
        dropped = max(shown, key=lambda at: columns[at].rank)
        if columns[dropped].rank:
            shown.remove(dropped)
        elif max(floors) > _FEWEST:
            floors = [min(floor, _FEWEST) for floor in floors]
        else:
            return _Layout(widths, _TIGHT, True)


def _natural(
    columns: Sequence[Column], content: Sequence[int], shown: Sequence[int], two_lines: bool
) -> dict[int, int]:
    titles = {at: columns[at].title.split(" ") if two_lines else [columns[at].title] for at in shown}
    return {at: max(content[at], *map(len, titles[at])) for at in shown}


def _narrow(floors: Sequence[int], widths: dict[int, int], excess: int) -> bool:
    """Take ``excess`` cells from the columns furthest above their floors; return whether the floors allowed it."""
    for _ in range(excess):
        slack = {at: width - floors[at] for at, width in widths.items() if floors[at]}
        widest = max(slack, key=lambda at: slack[at], default=None)
        if widest is None or slack[widest] <= 0:
            return False
        widths[widest] -= 1
    return True


def _headings(columns: Sequence[Column], layout: _Layout) -> Iterator[str]:
    titles = [
        (column.title.upper().rpartition(" ") if layout.two_lines else ("", "", column.title.upper()))
        for column in columns
    ]
    upper = [title[0] for title in titles]
    if any(upper[at] for at in layout.widths):
        yield _line(columns, upper, layout)
    yield _line(columns, [title[2] for title in titles], layout)


def _line(columns: Sequence[Column], row: Sequence[str], layout: _Layout) -> str:
    parts = (fit(row[at], width, "right" if columns[at].right else "left") for at, width in layout.widths.items())
    return layout.gap.join(parts).rstrip()
