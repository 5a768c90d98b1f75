"""How fast a campaign goes out, how long it will take, and how failures came over time. Pure; "now" is passed in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from store.rows.monitor import MinuteRow, MonitorRow

NOW_MINUTES: Final = 3
"""What "now" means: the running minute and the two before it."""

QUIET_AFTER: Final = timedelta(minutes=30)
"""After so long without a delivery or a try nothing goes out any more."""

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_BULK = 0.99
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440)


class Going(StrEnum):
    """How a sending goes."""

    NOT_BEGUN = "not begun"
    UNDER_WAY = "under way"
    OVER = "over"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a campaign goes out.

    Attributes:
        now: outcomes a minute over the last minutes; None: it does not go out.
        average: outcomes a minute from ``begin`` to ``end``; None without any.
        begin: when the first of them came; ``end``: when 99 of 100 had come.
        left: how long what is still to go takes at the present rate; None: nothing to go, or no rate to go by.
    """

    going: Going
    now: float | None
    average: float | None
    begin: datetime | None
    end: datetime | None
    left: timedelta | None


@dataclass(frozen=True, slots=True)
class Slot:
    """Some minutes of a sending, taken together."""

    at: datetime
    settled: int
    failed: int


@dataclass(frozen=True, slots=True)
class Course:
    """The bulk of a sending in slots of equal length.

    Attributes:
        minutes: the length of a slot.
        slots: in order, also those in which nothing came.
        later: outcomes after the last slot; ``later_failed``: those of them that failed.
    """

    minutes: int
    slots: tuple[Slot, ...]
    later: int
    later_failed: int


def pace(row: MonitorRow, now: datetime) -> Pace:
    """Return how fast a campaign goes out at ``now``."""
    begin, end = _bulk(row.minutes)
    going = _going(row, now)
    rate = _rate(row.minutes, now) if going is Going.UNDER_WAY else None
    average = None
    if begin is not None and end is not None:
        span = max((end - begin) / _MINUTE, 1.0)
        average = sum(minute.settled for minute in row.minutes if begin <= minute.at < end) / span
    left = timedelta(minutes=row.to_go / rate) if rate and row.to_go else None
    return Pace(going, rate, average, begin, end, left)


def course(row: MonitorRow, now: datetime, width: int) -> Course:
    """Return the outcomes over time in at most ``width`` slots; while mail is under way, up to ``now``."""
    begin, end = _bulk(row.minutes)
    if begin is None or end is None or width <= 0:
        return Course(1, (), 0, 0)
    if _going(row, now) is Going.UNDER_WAY:
        end = max(end, min(_minute_of(now) + _MINUTE, (row.last_at or end) + QUIET_AFTER))
    minutes = max(1, math.ceil((end - begin) / _MINUTE))
    step = next((step for step in _STEPS if step * width >= minutes), _days(minutes, width))
    counts = [[0, 0] for _ in range(-(-minutes // step))]
    later = failed = 0
    for minute in row.minutes:
        index = int((minute.at - begin) / _MINUTE) // step
        if 0 <= index < len(counts):
            counts[index][0] += minute.settled
            counts[index][1] += minute.failed
        elif index >= 0:
            later += minute.settled
            failed += minute.failed
    slots = tuple(Slot(begin + index * step * _MINUTE, *both) for index, both in enumerate(counts))
    return Course(step, slots, later, failed)


def _going(row: MonitorRow, now: datetime) -> Going:
    if not row.campaign.attempted or row.last_at is None:
        return Going.NOT_BEGUN
    if now - row.last_at < QUIET_AFTER and (row.to_go or row.deferred):
        return Going.UNDER_WAY
    return Going.STOPPED if row.to_go else Going.OVER


def _rate(minutes: Sequence[MinuteRow], now: datetime) -> float:
    first = _minute_of(now) - (NOW_MINUTES - 1) * _MINUTE
    if minutes:
        first = max(first, min(minutes[0].at, _minute_of(now)))
    count = sum(minute.settled for minute in minutes if minute.at >= first)
    return count / max((now - first) / _MINUTE, 1.0)


def _bulk(minutes: Sequence[MinuteRow]) -> tuple[datetime | None, datetime | None]:
    """Return when outcomes began to come, and the end of the minute by which 99 of 100 had come.

    A few that came more than a day before the others are a clock's fault.
    """
    whole = sum(minute.settled for minute in minutes)
    begin: datetime | None = None
    before: datetime | None = None
    seen = 0
    for minute in minutes:
        if begin is None or (before is not None and minute.at - before > _DAY and seen <= whole * (1 - _BULK)):
            begin = minute.at
        before = minute.at
        seen += minute.settled
        if seen >= whole * _BULK:
            return begin, minute.at + _MINUTE
    return None, None


def _minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _days(minutes: int, width: int) -> int:
    """Return the whole days, in minutes, that make ``minutes`` fit into ``width`` slots."""
    return math.ceil(minutes / width / _STEPS[-1]) * _STEPS[-1]
