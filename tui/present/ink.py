"""With which characters charts are drawn: blocks, coarser blocks, or plain ASCII, as the terminal can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Ink:
    """The characters of charts.

    Attributes:
        full: a whole cell of a bar.
        parts: a cell filled in part, from the emptiest to the fullest, evenly spaced; "" where there are none.
        machine: a cell of what machines did.
        shades: the four levels of a map, from the faintest on.
        nothing: a cell of a map where nothing was.
        axis: the line on which bars stand; ``corner``, ``rule`` and ``tick`` are those of the scale under it.
    """

    full: str
    parts: str
    machine: str
    shades: str
    nothing: str
    axis: str
    corner: str
    rule: str
    tick: str


BLOCKS: Final = Ink("█", "▏▎▍▌▋▊▉", "░", "░▒▓█", "·", "│", "└", "─", "┴")
COARSE: Final = Ink("█", "▌", "░", "░▒▓█", "·", "│", "└", "─", "┴")
"""What the fonts of a PC's own console have."""

ASCII: Final = Ink("#", "", ":", ".:*#", " ", "|", "+", "-", "+")


def ink_for(encoding: str | None, environment: Mapping[str, str]) -> Ink:
    """Return the characters that a terminal can show.

    Args:
        encoding: that of the output; None: not known.
        environment: TERM tells a console with few characters; AFTERSEND_ASCII asks for plain ones.
    """
    if environment.get("AFTERSEND_ASCII") or "utf" not in (encoding or "").lower():
        return ASCII
    return COARSE if environment.get("TERM", "").startswith("linux") else BLOCKS


def bar(value: int, most: int, cells: int, ink: Ink) -> str:
    """Return a bar of at most ``cells`` cells, which ``most`` fills; what is not nothing is always seen."""
    if value <= 0 or most <= 0 or cells <= 0:
        return ""
    fine = len(ink.parts) + 1
    steps = max(1, round(min(value, most) * cells * fine / most))
    whole, rest = divmod(steps, fine)
    return ink.full * whole + (ink.parts[rest - 1] if rest else "")


def stacked(people: int, machines: int, most: int, cells: int, ink: Ink) -> tuple[str, str]:
    """Return the bar of ``people`` and behind it that of ``machines``, together at most ``cells`` cells."""
    first = bar(people, most, cells, ink)
    if not machines:
        return first, ""
    first = first[: cells - 1]
    end = max(len(first) + 1, round(min(people + machines, most) * cells / most))
    return first, ink.machine * (min(end, cells) - len(first))


def ruler(end: str, middle: str, cells: int, ink: Ink) -> str:
    """Return the scale under bars of ``cells`` cells: "└0────┴100────200", the middle only where it has room."""
    line = list(ink.corner + "0" + ink.rule * cells)[: cells + 1]
    _place(line, end, cells + 1 - len(end))
    at = 1 + cells // 2
    if middle and at + len(middle) + len(end) + 2 <= cells:
        line[at] = ink.tick
        _place(line, middle, at + 1)
    return "".join(line)


def _place(line: list[str], text: str, at: int) -> None:
    if at > 1:
        line[at : at + len(text)] = text
