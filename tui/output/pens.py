"""Pens: what a style looks like on the terminal, as a small number, and the shortest way from one to another."""

from __future__ import annotations

from typing import NamedTuple

from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

PLAIN = 0
"""The terminal's own colours and no attribute: what ``ESC [ m`` leaves."""

_SEEN_ON_BLANKS = frozenset({"4", "5", "6", "7", "9", "21", "51", "52", "53"})
_ENDS = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29"}
"""What ends an attribute; the others end with everything else."""


class _Look(NamedTuple):
    attributes: frozenset[str]
    fore: str
    back: str


_PLAIN_LOOK = _Look(frozenset(), "", "")


class Pens:
    """Numbers the pens of one terminal.

    Args:
        colours: what the terminal shows; colours beyond that are brought down as Textual does it.

    Attributes:
        blank: for each pen the one that gives a blank the same look; unless an attribute is seen on blanks, that is
            the background alone.
    """

    def __init__(self, colours: ColorSystem) -> None:
        self._colours = colours
        self._looks: list[_Look] = [_PLAIN_LOOK]
        self._numbers: dict[_Look, int] = {_PLAIN_LOOK: PLAIN}
        self._by_codes: dict[str, int] = {"": PLAIN}
        self._ways: dict[tuple[int, int], str] = {}
        self.blank: list[int] = [PLAIN]

    def of(self, style: Style | None) -> int:
        """Return the pen of a style; a link is no part of it."""
        if style is None:
            return PLAIN
        # Not by the style: Textual puts metadata into styles, so that there is no end of them.
        codes = style._ansi
        if codes is None:
            codes = Strip.render_ansi(style, self._colours)
        number = self._by_codes.get(codes)
        if number is None:
            number = self._by_codes[codes] = self._number(_look(codes))
        return number

    def way(self, old: int, new: int) -> str:
        """Return what makes a terminal that writes with ``old`` write with ``new``; "" if they are one."""
        if old == new:
            return ""
        way = self._ways.get((old, new))
        if way is None:
            way = self._ways[old, new] = _shortest(self._looks[old], self._looks[new])
        return way

    def is_ground(self, pen: int) -> bool:
        """Tell whether the pen is a background and nothing else."""
        attributes, fore, _ = self._looks[pen]
        return not attributes and not fore

    def _number(self, look: _Look) -> int:
        number = self._numbers.get(look)
        if number is None:
            number = self._numbers[look] = len(self._looks)
            self._looks.append(look)
            self.blank.append(number)
            if not look.attributes & _SEEN_ON_BLANKS:
                self.blank[number] = self._number(_Look(frozenset(), "", look.back))
        return number


def _shortest(old: _Look, new: _Look) -> str:
    whole = ";".join(part for part in (*sorted(new.attributes), new.fore, new.back) if part)
    afresh = f"\x1b[0;{whole}m" if whole else "\x1b[m"
    gone = old.attributes - new.attributes
    if not gone <= _ENDS.keys():
        return afresh
    ends = {_ENDS[each] for each in gone}
    # 22 ends bold and dim at once; the one that stays begins again.
    begins = (new.attributes - old.attributes) | (new.attributes & {"1", "2"} if "22" in ends else frozenset())
    changes = [*sorted(ends), *sorted(begins)]
    if old.fore != new.fore:
        changes.append(new.fore or "39")
    if old.back != new.back:
        changes.append(new.back or "49")
    step = f"\x1b[{';'.join(changes)}m"
    return step if len(step) < len(afresh) else afresh


def _look(codes: str) -> _Look:
    """Return the look that the parameters of an SGR sequence give, as rich writes them."""
    attributes: set[str] = set()
    fore = back = ""
    numbers = iter(codes.split(";"))
    for number in numbers:
        colour, value = number, int(number)
        if value in {38, 48}:
            kind = next(numbers)
            colour = ";".join((number, kind, *(next(numbers) for _ in range(1 if kind == "5" else 3))))
        if 30 <= value <= 39 or 90 <= value <= 97:
            fore = "" if value == 39 else colour
        elif 40 <= value <= 49 or 100 <= value <= 107:
            back = "" if value == 49 else colour
        else:
            attributes.add(number)
    return _Look(frozenset(attributes), fore, back)
