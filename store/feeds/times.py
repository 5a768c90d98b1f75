"""Times in event files: ISO 8601, epoch of any magnitude, and the dates that people write; nothing is guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"\d{9,20}(?:\.\d*)?\Z")
_GAP = re.compile(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d)")
_ZONE_NAME = re.compile(r"\s*(?:[(]?(UTC|GMT|Z)[)]?|\s[A-Z]{3,5})\Z")
_DATE = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})"
    r"(?:,?[ T]+(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?:\s*([AaPp])\.?[Mm]\.?)?(?: Uhr)?)?"
    r"\s*([+-]\d\d:?\d\d|Z|UTC|GMT)?\Z"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1990, 2100)


class TimeDefect(Exception):
    """A time that cannot be read; the text says why, and which option settles it."""


def parse_time(value: str | int | float, zone: tzinfo | None, order: str | None) -> int:
    """Return a time as epoch milliseconds UTC.

    Args:
        value: what the file says.
        zone: of times that tell none; None: they are defects.
        order: "dmy", "mdy" or "ymd" for dates like 03/02/2026; None: those are defects.

    Raises:
        TimeDefect: it is no time, has no zone, or could be two different days.
    """
    if isinstance(value, (int, float)):
        return _epoch(float(value))
    text = value.strip()
    if _NUMBER.match(text):
        return _epoch(float(text))
    moment = _moment(text, order)
    if moment.tzinfo is None:
        if zone is None:
            raise TimeDefect("the time has no time zone: give --zone")
        moment = moment.replace(tzinfo=zone)
    if moment.year not in _YEARS:
        raise TimeDefect(f"{value!r} is no likely time")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


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


def _moment(text: str, order: str | None) -> datetime:
    try:
        return datetime.fromisoformat(text if text[-1:] == "Z" else _iso(text))
    except ValueError:
        pass
    match = _DATE.match(text)
    if match:
        return _written(match, text, order)
    if text[:1].isalpha() or text[:2].strip().isdigit():
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


def _written(match: re.Match[str], text: str, order: str | None) -> datetime:
    first, mark, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
    if mark == "." or order == "dmy":
        day, month = first, second
    elif order == "mdy":
        day, month = second, first
    elif first > 12 >= second:
        day, month = first, second
    elif second > 12 >= first:
        day, month = second, first
    elif first == second:
        day = month = first
    else:
        raise TimeDefect(f"{text!r} can be two different days: say dates=dmy or dates=mdy in --map")
    hour = int(match[5] or 0)
    if match[8]:
        hour = hour % 12 + (12 if match[8].lower() == "p" else 0)
    try:
        moment = datetime(  # noqa: DTZ001 - the zone comes after
            year + 2000 if year < 100 else year, month, day, hour, int(match[6] or 0), int(match[7] or 0)
        )
    except ValueError:
        raise TimeDefect(f"{text!r} is no day of the calendar") from None
    if match[9]:
        sign = match[9]
        return datetime.fromisoformat(moment.isoformat() + ("+00:00" if sign[0].isalpha() else sign))
    return moment
