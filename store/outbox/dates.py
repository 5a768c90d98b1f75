"""Dates with a weekday in a text, German and English, and whether the two agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

_DAYS: Final = (
    "montag monday mon mo",
    "dienstag tuesday tues tue di",
    "mittwoch wednesday weds wed mi",
    "donnerstag thursday thurs thur thu do",
    "freitag friday fri fr",
    "samstag sonnabend saturday sat sa",
    "sonntag sunday sun so",
)
_MONTHS: Final = (
    "januar jänner january jan jän",
    "februar feber february feb",
    "märz maerz march mär mrz mar",
    "april apr",
    "mai may",
    "juni juno june jun",
    "juli july jul",
    "august aug",
    "september sept sep",
    "oktober october okt oct",
    "november nov",
    "dezember december dez dec",
)
_DAY_OF: Final = {word: at for at, words in enumerate(_DAYS) for word in words.split()}
_MONTH_OF: Final = {word: at for at, words in enumerate(_MONTHS, 1) for word in words.split()}
_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_AHEAD_DAYS: Final = 366
_BACK_DAYS: Final = 183
_CENTURY: Final = 2000


def _words(table: dict[str, int]) -> str:
    return "|".join(sorted(table, key=len, reverse=True))


# "So 3 may be enough" is no Sunday: the short German names need the dot that stands behind them or the day.
_SHORT: Final = r"(?!(?:mo|di|mi|do|fr|sa|so)\b(?![.,]|\s+\d{1,2}\.))"
_DAY: Final = rf"{_SHORT}(?P<weekday>{_words(_DAY_OF)})\b\.?"
_MONTH: Final = rf"(?P<month>{_words(_MONTH_OF)})\b\.?"
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_NUMBER: Final = r"(?<!\d)(?P<day>\d{1,2})"
_WRITTEN: Final = (
    rf"{_NUMBER}(?:\.|st\b|nd\b|rd\b|th\b)?\s*(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
    rf"{_MONTH}\s+{_NUMBER}(?:st|nd|rd|th)?(?!\d|[.:]\d)(?:,?\s+{_YEAR})?",
    r"(?<!\d)(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?:\s?(?P<year>(?:20)?\d\d)(?!\d|[.:]\d))?",
    r"(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)",
    r"(?<!\d)(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>(?:20)?\d\d)(?!\d)",
)
_BETWEEN: Final = r",?\s+(?:(?:den|dem|the|on)\s+)?"
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for written in _WRITTEN
    for pattern in (rf"\b{_DAY}{_BETWEEN}{written}", rf"{written}\s*\(\s*{_DAY}\s*\)")
)
_SLASHES: Final = 4


@dataclass(frozen=True, slots=True)
class Dated:
    """A date with a weekday, as it stands in a text.

    Attributes:
        start: where in the text.
        words: as it is written, blanks made one.
        wrong: what does not agree, as the end of a sentence ("is a Wednesday"); "" if all does.
        day: the day that is meant; None if there is none, or the year was not told.
    """

    start: int
    words: str
    wrong: str
    day: date | None


def find_dates(text: str, today: date) -> Iterator[Dated]:
    """Yield the dates with a weekday in a text, in order.

    A date without a year is that of any year near ``today``: half a year back, a year ahead.
    """
    found: dict[int, Dated] = {}
    for at, pattern in enumerate(_PATTERNS):
        for match in pattern.finditer(text):
            found.setdefault(match.start(), _judged(match, today, either=at // 2 == _SLASHES))
    yield from (found[start] for start in sorted(found))


def _judged(match: re.Match[str], today: date, *, either: bool) -> Dated:
    words = " ".join(match[0].split())
    weekday = _DAY_OF[match["weekday"].casefold()]
    written = match["month"].casefold()
    day, month = int(match["day"]), _MONTH_OF[written] if written in _MONTH_OF else int(written)
    pairs = {(day, month), (month, day)} if either else {(day, month)}
    year = match["year"]
    years = [int(year) % _CENTURY + _CENTURY if len(year) == 2 else int(year)] if year else _near(today)
    days = [made for one, other in sorted(pairs) for of in years if (made := _date(of, other, one))]
    if not year:
        days = [made for made in days if -_BACK_DAYS <= (made - today).days <= _AHEAD_DAYS] or days
    right = [made for made in days if made.weekday() == weekday]
    if not days:
        return Dated(match.start(), words, "is no date", None)
    if right:
        return Dated(match.start(), words, "", right[0] if year else None)
    told = {_NAMES[made.weekday()] for made in days}
    if not year:
        ahead = next((made for made in days if made >= today), days[-1])
        return Dated(match.start(), words, f"is a {_NAMES[ahead.weekday()]} in {ahead.year}", None)
    return Dated(match.start(), words, f"is a {' or a '.join(sorted(told))}", days[0])


def _near(today: date) -> list[int]:
    return [today.year - 1, today.year, today.year + 1]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
