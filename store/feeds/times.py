"""Times in event files: ISO 8601, epoch of any magnitude, what people and spreadsheets write; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache

from store.feeds.numbers import TwoNumbers, parse_number

ORDERS = {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}
"""The orders in which people write day, month and year."""

_EPOCH_DIGITS = re.compile(r"\d{9,20}(?:[.,]\d*)?\Z")
_COMPACT = re.compile(r"(?:19|20)\d{12}\Z")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+\Z")
_GAP = re.compile(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d)")
_ZONE_NAME = re.compile(r"\s*(?:[(]?(UTC|GMT|Z)[)]?|\s(?:[A-Z]{3,5}|[+-]\d\d))\Z")
_MONOTONIC = re.compile(r" m=[+-]\d+\.\d+\Z")
_HALF_DAY = re.compile(r"\d\s*[ap]\.?\s?m\b", re.IGNORECASE)
_CLOCK = (
    r"(?:,?(?:[ T]|\s(?:kl\.?|um|at|à)\s)\s*(?P<hour>\d{1,2})[:.](?P<minute>\d\d)"
    r"(?:[:.](?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?(?:\s*(?P<half>[AaPp])\.?\s?[Mm]\.?)?(?: Uhr)?)?"
    r"\s*(?P<zone>[+-]\d\d:?\d\d|Z|UTC|GMT)?\Z"
)
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})" + _CLOCK)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})([./-])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _CLOCK)
_WEEKDAY = r"(?:[^\W\d_]+\.?,?\s+)?"
_NAMED = (
    re.compile(_WEEKDAY + r"(?P<day>\d{1,2})\.?[ -](?P<name>[^\W\d_]{3,9})\.?,?[ -](?P<year>\d{4})" + _CLOCK),
    re.compile(_WEEKDAY + r"(?P<name>[^\W\d_]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})" + _CLOCK),
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar januari janvier janv",
            "feb february februar februari février févr fév",
            "mar march märz mär mrz mars maart mrt",
            "apr april avril avr",
            "may mai maj mei",
            "jun june juni juin",
            "jul july juli juillet juil",
            "aug august augustus augusti août",
            "sep sept september septembre",
            "oct october okt oktober octobre",
            "nov november novembre",
            "dec december dez dezember des desember décembre déc",
        ),
        1,
    )
    for name in names.split()
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_YEARS = range(1990, 2100)
_TIMES = {2: "two", 3: "three"}
_SERIAL_BEGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone; it comes after
_SERIALS = ((date(1990, 1, 1) - _SERIAL_BEGIN.date()).days, (date(2100, 1, 1) - _SERIAL_BEGIN.date()).days)


class TimeDefect(Exception):
    """A time that cannot be read; the text says why, and which option settles it."""


class NoZone(TimeDefect):
    """A time that tells no zone, where none was given."""


class TwoDays(TimeDefect):
    """A date that is another day if its numbers change places.

    Attributes:
        date: the date as it is written.
        days: the days that it can be, by the order ("dmy", "mdy").
    """

    def __init__(self, written: str, days: Mapping[str, date]) -> None:
        """Say which options settle it."""
        self.date = written
        self.days = dict(days)
        options = " or ".join(f"--date-style {order}" for order in days)
        super().__init__(f"{written!r} can be {_TIMES[len(days)]} different days: say {options}")


_SIGNS = frozenset("+-")
_EXACT = len("2026-03-02T08:00:00.000Z")


def parse_time(value: str | int | float, zone: tzinfo | None, order: str | None, decimal: str | None = None) -> int:
    """Return a time as epoch milliseconds UTC.

    Args:
        value: what the file says.
        zone: of times that tell none; None: they are defects.
        order: "dmy", "mdy" or "ymd" for dates like 03/02/2026; None: those are defects.
        decimal: "point" or "comma" for numbers like 46.083; None: those are defects.

    Raises:
        NoZone: it tells no zone.
        TwoDays: it could be two different days.
        TimeDefect: it is no time, or no likely one.
    """
    if isinstance(value, (int, float)):
        try:
            number: float | None = float(value)
        except OverflowError:
            raise TimeDefect("the time is no likely one") from None
    else:
        if len(value) == _EXACT and value[-1] == "Z":
            within = value[17:19] + value[20:23]
            if within.isdigit() and within < "60" and value[16] + value[19] == ":." and value.isascii():
                # As providers write times, and most events of a file within few minutes.
                begun = _minute(value[:17])
                if begun is not None:
                    return begun + int(within)
        # Most times are ISO 8601, whose fifth character tells.
        number = None if value[4:5] == "-" else _number(value, decimal)
    if number is not None and not _SERIALS[0] <= number < _SERIALS[1]:
        return _epoch(number)
    moment = _of_serial(number) if number is not None else _moment(str(value).strip(), order)
    if moment.tzinfo is None:
        if zone is None:
            raise NoZone("the time has no time zone: give --zone")
        moment = moment.replace(tzinfo=zone)
    if moment.year not in _YEARS:
        raise TimeDefect(f"{value!r} is no likely time")
    return (moment - _EPOCH) // _MILLISECOND


@lru_cache(maxsize=1 << 12)
def _minute(text: str) -> int | None:
    """Return when the minute begins that stands as ``2026-03-02T08:00:``; None if it is none."""
    try:
        moment = datetime.fromisoformat(f"{text}00Z")
    except ValueError:
        return None
    return (moment - _EPOCH) // _MILLISECOND if moment.year in _YEARS else None


def decided_order(values: Iterable[str]) -> str | None:
    """Return the order of day, month and year that the first date settles which can be read in one way only.

    Returns:
        "dmy", "mdy" or "ymd"; None if no date needs it to be known.

    Raises:
        TwoDays: there are dates that need it, and none settles it.
    """
    doubtful: TwoDays | None = None
    for value in values:
        match = _NUMERIC.match(value.strip())
        if not match:
            continue
        days = dict(_days(match))
        if len(days) == 1:
            return next(iter(days))
        if doubtful is None and len(set(days.values())) > 1:
            doubtful = TwoDays(value.strip(), days)
    if doubtful is not None:
        raise doubtful
    return None


def _number(text: str, decimal: str | None) -> float | None:
    """Return the number if ``text`` is one that stands for a time, None if it is a date."""
    text = text.strip()
    if _ROUNDED.match(text):
        raise TimeDefect(f"{text!r} was rounded by a spreadsheet and tells no time any more")
    if _COMPACT.match(text):
        return None
    if _EPOCH_DIGITS.match(text):
        return float(text.replace(",", "."))
    try:
        number = parse_number(text, decimal)
    except TwoNumbers:
        raise TimeDefect(f"{text!r} can be two numbers: say --decimal comma or --decimal point") from None
    # Numbers of eight digits are days: 20260302.
    return None if number is None or re.fullmatch(r"\d{8}", text) else number


def _epoch(number: float) -> int:
    """Read an epoch in seconds, milli-, micro- or nanoseconds, told by its magnitude."""
    for limit, divisor in ((1e17, 1e6), (1e14, 1e3), (1e11, 1.0)):
        if number >= limit:
            milliseconds = number / divisor
            break
    else:
        milliseconds = number * 1000
    if not 631_152_000_000 <= milliseconds < 4_102_444_800_000:
        raise TimeDefect(f"{number:g} is no likely time")
    return round(milliseconds)


def _of_serial(number: float) -> datetime:
    """Read the days since 1899-12-30 that a spreadsheet counts; its fractions are good for whole seconds."""
    return _SERIAL_BEGIN + timedelta(seconds=round(number * 86_400))


def _moment(text: str, order: str | None) -> datetime:
    if text[10:11] == "T" and (text[-1:] == "Z" or (text[-3:-2] == ":" and text[-6:-5] in _SIGNS)):
        # What nearly every provider writes needs no more looking at.
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    text = _MONOTONIC.sub("", text)
    try:
        if _COMPACT.match(text):
            return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone comes after
        return datetime.fromisoformat(text if text[-1:] == "Z" else _iso(text))
    except ValueError:
        pass
    match = _NUMERIC.match(text)
    if match:
        return _clocked(match, _day(match, text, order), text)
    for pattern in (_YEAR_FIRST, *_NAMED):
        match = pattern.match(text)
        if match:
            number = int(match["month"]) if pattern is _YEAR_FIRST else _MONTHS.get(match["name"].casefold(), 0)
            try:
                return _clocked(match, date(int(match["year"]), number, int(match["day"])), text)
            except ValueError:
                break
    # The standard library's reader of mail dates would pass over "pm".
    if not _HALF_DAY.search(text) and (text[:1].isalpha() or text[:2].strip().isdigit()):
        try:
            return parsedate_to_datetime(text)
        except (TypeError, ValueError, IndexError, OverflowError):
            pass
    raise TimeDefect(f"{text!r} is no time; ISO 8601 like 2026-03-02T08:00:00Z is best")


def _iso(text: str) -> str:
    text = _GAP.sub("", text)
    match = _ZONE_NAME.search(text)
    if not match:
        return text
    rest = text[: match.start()]
    aware = re.search(r"[+-]\d\d:?\d\d\Z", rest)
    return rest if aware else f"{rest}+00:00" if match[1] else text


def _days(match: re.Match[str]) -> Iterator[tuple[str, date]]:
    """Yield the orders in which a date of three numbers is a day of the calendar, each with that day."""
    first, mark, second, third = match[1], match[2], match[3], match[4]
    readings = {"dmy": (third, second, first)}
    if mark != ".":
        readings["mdy"] = (third, first, second)
        if {len(first), len(second), len(third)} == {2}:
            readings["ymd"] = (first, second, third)
    for order, parts in readings.items():
        day = _date(*parts)
        if day is not None:
            yield order, day


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) < 4 else 0), int(month), int(day))
    except ValueError:
        return None


def _day(match: re.Match[str], text: str, order: str | None) -> date:
    if order is None:
        days = dict(_days(match))
        if len(set(days.values())) > 1:
            raise TwoDays(text, days)
        found = next(iter(days.values()), None)
    else:
        by_letter = dict(zip(order, (match[1], match[3], match[4]), strict=True))
        found = _date(by_letter["y"], by_letter["m"], by_letter["d"])
    if found is None:
        read_as = f" as {ORDERS[order]}" if order else ""
        raise TimeDefect(f"{text!r} is no day of the calendar{read_as}")
    return found


def _clocked(match: re.Match[str], day: date, text: str) -> datetime:
    """Put the time of day and the zone that a pattern found to a day."""
    hour, half = int(match["hour"] or 0), (match["half"] or "").lower()
    if half:
        if hour > 12 or (hour == 0 and half == "p"):
            raise TimeDefect(f"{text!r} is no time of a clock of twelve hours")
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = int((match["fraction"] or "0").ljust(6, "0")[:6])
    try:
        moment = datetime(  # noqa: DTZ001 - the zone comes after
            day.year, day.month, day.day, hour, int(match["minute"] or 0), int(match["second"] or 0), fraction
        )
        sign = match["zone"]
        if sign:
            return datetime.fromisoformat(moment.isoformat() + ("+00:00" if sign[0].isalpha() else sign))
    except ValueError:
        raise TimeDefect(f"{text!r} is no time of day") from None
    return moment
