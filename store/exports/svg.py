"""Charts as SVG that stands inside an HTML page: no script, no font, nothing from outside.

Each has a title and a description for those who cannot see it. Colours are classes that the page defines for light,
dark and print; what machines did is hatched, so that colour is not the only sign. All are drawn 360 units wide.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from store.figures import number
from store.weekhours import DAYS, Week

WIDTH: Final = 360
_ROW: Final = 22
_BAR: Final = 13
_LETTER: Final = 6.2
"""Units that a letter takes at most, near enough for cutting."""

HATCH: Final = (
    '<svg class="defs" width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="4" height="4"'
    ' patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="4" height="4"/>'
    '<rect class="hatch-line" width="1.6" height="4"/></pattern></defs></svg>'
)
"""The pattern of what machines did; stands once on the page."""


class Bar(NamedTuple):
    """A bar: its label, what people and machines did, what is written behind it, and the class of its colour."""

    label: str
    value: int
    machines: int
    words: str
    kind: str = "people"


def bars(name: str, title: str, said: str, rows: Sequence[Bar], most: int, *, above: bool = False) -> str:
    """Return horizontal bars.

    Args:
        name: an id, unique on the page.
        title: what the chart is.
        said: what it shows, in a sentence.
        rows: the bars.
        most: what fills a whole bar.
        above: labels stand over the bars, since they are long.
    """
    left = 0.0 if above else max((_cells(row.label) for row in rows), default=0) * _LETTER + 8
    right = max((_cells(row.words) for row in rows), default=0) * _LETTER + 8
    room = WIDTH - left - right
    step = _ROW + 12 if above else _ROW
    parts = []
    for at, row in enumerate(rows):
        top = at * step + (14 if above else 4)
        if above:
            parts.append(_text(0, top - 4, cut(row.label, int(WIDTH / _LETTER)), "label"))
        else:
            parts.append(_text(left - 6, top + _BAR - 2.5, row.label, "label end"))
        people = row.value / most * room if most else 0.0
        machines = row.machines / most * room if most else 0.0
        parts.append(_rect(left, top, room, _BAR, "track"))
        if row.value:
            parts.append(_rect(left, top, max(people, 1.0), _BAR, row.kind))
        if row.machines:
            parts.append(_rect(left + people, top, max(machines, 1.0), _BAR, "machines"))
        parts.append(_text(WIDTH, top + _BAR - 2.5, row.words, "number end"))
    return _picture(name, title, said, len(rows) * step + 4, parts)


def columns(
    name: str, title: str, said: str, pairs: Sequence[tuple[int, int]], most: int, ticks: Sequence[tuple[int, str]]
) -> str:
    """Return vertical bars, what machines did on top of what people did.

    Args:
        name: an id, unique on the page.
        title: what the chart is.
        said: what it shows, in a sentence.
        pairs: (people, machines) from left to right.
        most: the end of the scale.
        ticks: (number of the bar, words under it); words may have two lines.
    """
    left, top, high = 40.0, 8.0, 130.0
    wide = (WIDTH - left) / max(len(pairs), 1)
    ground = top + high
    parts = []
    for share, words in ((0.0, "0"), (0.5, number(most // 2) if most > 1 else ""), (1.0, number(most))):
        y = ground - share * high
        parts += [_line(left, y, WIDTH, y, "axis" if not share else "grid"), _text(left - 5, y + 4, words, "end label")]
    for at, (people, machines) in enumerate(pairs):
        x, y = left + at * wide + 0.5, ground
        for value, kind in ((people, "people"), (machines, "machines")):
            if value:
                tall = max(1.0, value / most * high)
                y -= tall
                parts.append(_rect(x, y, wide - 1, tall, kind))
    for at, words in ticks:
        x = left + at * wide
        parts.append(_line(x, ground, x, ground + 4, "axis"))
        side = "end " if at >= len(pairs) else ""
        for line, text in enumerate(words.split("\n")):
            parts.append(_text(x, ground + 15 + 12 * line, text, f"{side}label"))
    return _picture(name, title, said, ground + 34, parts)


def heat(name: str, title: str, said: str, grid: Week) -> str:
    """Return a map of the hours of a week; the fuller an hour, the stronger its colour."""
    left, top = 32.0, 16.0
    wide, high = (WIDTH - left) / 24, 18.0
    most = max((max(row) for row in grid), default=0)
    parts = [_text(left + hour * wide + 1, top - 4, str(hour), "label") for hour in range(0, 24, 3)]
    for day, row in enumerate(grid):
        y = top + day * high
        parts.append(_text(left - 6, y + 13, DAYS[day], "label end"))
        for hour, count in enumerate(row):
            x = left + hour * wide
            shade = f' fill-opacity="{0.12 + 0.88 * count / most:.2f}"' if count else ""
            tip = f"<title>{DAYS[day]} {hour}-{hour + 1} h: {number(count)}</title>"
            kind = "people" if count else "track"
            parts.append(
                f'<rect class="{kind}" x="{x + 0.5:.1f}" y="{y + 0.5:.1f}" width="{wide - 1:.1f}"'
                f' height="{high - 1:.1f}"{shade}>{tip}</rect>'
            )
    return _picture(name, title, said, top + 7 * high + 4, parts)


def cut(text: str, cells: int) -> str:
    """Return ``text`` in about ``cells`` letters, with an ellipsis in its middle where something was left out."""
    if _cells(text) <= cells:
        return text
    head = tail = ""
    for one, other in zip(text, reversed(text), strict=True):
        if _cells(head + one) > cells // 2 - 1 or _cells(other + tail) > cells // 2 - 1:
            break
        head, tail = head + one, other + tail
    return f"{head}…{tail}"


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _picture(name: str, title: str, said: str, high: float, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {high:.0f}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(said)}</desc>{"".join(parts)}</svg>'
    )


def _rect(x: float, y: float, wide: float, high: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0.0):.1f}" height="{high:.1f}"/>'


def _line(x: float, y: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'
