"""Times and rates for people: short, in the operator's own zone, never wider than said."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

from store.figures import number, percent

__all__ = [
    "DAY_CELLS",
    "MOMENT_CELLS",
    "SPAN_CELLS",
    "ago",
    "day",
    "duration",
    "exact",
    "moment",
    "number",
    "percent",
    "span",
]

MOMENT_CELLS: Final = 16
DAY_CELLS: Final = 10
SPAN_CELLS: Final = 17

_STEPS: Final = (
    (60, 1, "s"),
    (3_600, 60, "min"),
    (86_400, 3_600, "h"),
    (14 * 86_400, 86_400, "day"),
    (60 * 86_400, 7 * 86_400, "week"),
    (730 * 86_400, 30 * 86_400, "month"),
)


def moment(when: datetime | None, zone: tzinfo | None = None) -> str:
    """Return "2026-03-12 14:03" in ``zone`` (None: the zone of the machine); nothing for None."""
    return "" if when is None else when.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def day(when: datetime | None, zone: tzinfo | None = None) -> str:
    """Return "2026-03-12" in ``zone`` (None: the zone of the machine); nothing for None."""
    return "" if when is None else when.astimezone(zone).strftime("%Y-%m-%d")


def exact(when: datetime | None, zone: tzinfo | None = None) -> str:
    """Return "2026-03-12 14:03:05 +0100" in ``zone``; nothing for None."""
    return "" if when is None else when.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")


def span(first: datetime, last: datetime, zone: tzinfo | None = None) -> str:
    """Return from when to when, in 17 cells at most: "11-12 08:34-08:43", "11-12 08:34", "11-12 to 11-14"."""
    begin, end = first.astimezone(zone), last.astimezone(zone)
    if begin.date() != end.date():
        return f"{begin:%m-%d} to {end:%m-%d}" if begin.year == end.year else f"{begin:%Y-%m} to {end:%Y-%m}"
    if (begin.hour, begin.minute) == (end.hour, end.minute):
        return f"{begin:%m-%d %H:%M}"
    return f"{begin:%m-%d %H:%M}-{end:%H:%M}"


def ago(when: datetime | None, now: datetime) -> str:
    """Return how long ago something was: "just now", "5 min ago", "3 days ago"; "in 2 h" for the future."""
    if when is None:
        return ""
    seconds = int((now - when).total_seconds())
    if abs(seconds) < 10:
        return "just now"
    span = duration(abs(seconds))
    return f"{span} ago" if seconds > 0 else f"in {span}"


def duration(seconds: int) -> str:
    """Return a span in its largest whole unit: "40 s", "5 min", "3 days", "2 weeks", "4 years"."""
    for limit, unit, name in _STEPS:
        if seconds < limit:
            return _counted(seconds // unit, name)
    return _counted(seconds // (365 * 86_400), "year")


def _counted(count: int, unit: str) -> str:
    plural = "" if count == 1 or unit in {"s", "min", "h"} else "s"
    return f"{count} {unit}{plural}"
