"""Quarters of an hour in UTC as hours of the week in a zone.

Zones stand apart from UTC by quarters of an hour (Kathmandu: 5:45), and by another number of them in summer; so what
is counted by quarters can be put into the hours of any zone, each with the offset that held then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final, TypeAlias

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Week: TypeAlias = tuple[tuple[int, ...], ...]
"""Seven days from Monday, 24 numbers each."""


def week(quarters: Iterable[tuple[datetime, int]], zone: tzinfo | None = None) -> Week:
    """Return the counts by weekday and hour in ``zone`` (None: the zone of the machine)."""
    grid = [[0] * 24 for _ in DAYS]
    for begin, count in quarters:
        local = begin.astimezone(zone)
        grid[local.weekday()][local.hour] += count
    return tuple(map(tuple, grid))


def best(grid: Week, count: int = 3) -> list[tuple[int, int, int]]:
    """Return (weekday, hour, number) of the fullest hours, the fullest first; empty hours are none."""
    hours = [(day, hour, number) for day, row in enumerate(grid) for hour, number in enumerate(row) if number]
    return sorted(hours, key=lambda found: (-found[2], found[0], found[1]))[:count]


def zone_words(moments: Iterable[datetime], zone: tzinfo | None = None) -> str:
    """Return the name of a zone as it was at these moments: "CET (UTC+1)", "CET/CEST (UTC+1/+2)", "UTC"."""
    names: dict[str, None] = {}
    offsets: dict[str, None] = {}
    for moment in moments:
        local = moment.astimezone(zone)
        names[local.tzname() or ""] = None
        offsets[_offset(local)] = None
    name = "/".join(filter(None, names)) or "UTC"
    apart = "/".join(offsets) or "+0"
    if apart == "+0" and name in {"UTC", "GMT"}:
        return "UTC"
    # Zones without letters are named by their offset.
    return f"UTC{apart}" if name[0] in "+-" or name.startswith("UTC") else f"{name} (UTC{apart})"


def _offset(local: datetime) -> str:
    offset = local.utcoffset()
    minutes = 0 if offset is None else round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
