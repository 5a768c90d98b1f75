"""How fast, how long, and how failures came over time, for sendings under way, over, replayed and broken off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.pace import QUIET_AFTER, Going, course, pace
from store.rows.monitor import MinuteRow, MonitorRow
from store.tripwires import Tripwires
from tests.present.made import campaign

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def sending(
    counts: list[tuple[int, int, int]], *, ready: int = 0, waiting: int = 0, deferred: int = 0, skipped: int = 0
) -> MonitorRow:
    """Return a sending with these outcomes (delivered, hard, other) minute by minute from START on."""
    minutes = tuple(MinuteRow(START + n * MINUTE, *each) for n, each in enumerate(counts) if any(each))
    delivered, failed = sum(each[0] for each in counts), sum(each[1] + each[2] for each in counts)
    row = campaign(
        planned=delivered + failed + ready + waiting + deferred + skipped,
        delivered=delivered,
        bounced=failed,
        ready=ready,
        under_way=waiting + deferred,
        skipped=skipped,
    )
    last = minutes[-1].at if minutes else None
    return MonitorRow(row, minutes, 0, deferred, waiting, (), 0, last, Tripwires(), ())


STEADY = [(100, 1, 1)] * 30


def test_now_is_the_running_minute_and_the_two_before_it() -> None:
    row = sending([*STEADY, (10, 0, 0), (20, 0, 0), (30, 0, 0)], ready=1000)
    assert pace(row, START + 33 * MINUTE).now == pytest.approx(50 / 2)
    at = START + 32 * MINUTE + timedelta(seconds=30)
    assert pace(row, at).now == pytest.approx(60 / 2.5)


def test_a_sending_that_has_just_begun_is_not_slow() -> None:
    row = sending([(100, 0, 0)], ready=1000)
    found = pace(row, START + timedelta(seconds=50))
    assert found.going is Going.UNDER_WAY
    assert found.now == pytest.approx(100)


def test_time_left_is_what_is_to_go_at_the_present_rate() -> None:
    row = sending(STEADY, ready=1000, waiting=20, deferred=500)
    found = pace(row, START + 30 * MINUTE)
    assert found.now == pytest.approx(204 / 2)
    assert found.left == timedelta(minutes=1020 / 102)
    assert found.average == pytest.approx(102)


def test_without_a_rate_nothing_is_foretold() -> None:
    found = pace(sending(STEADY, ready=1000), START + 40 * MINUTE)
    assert (found.going, found.now, found.left) == (Going.UNDER_WAY, 0.0, None)


def test_a_log_of_last_month_shows_when_it_was_over_and_no_rate() -> None:
    row = sending(STEADY)
    for later in (QUIET_AFTER + 30 * MINUTE, timedelta(days=30)):
        found = pace(row, START + later)
        assert (found.going, found.now, found.left) == (Going.OVER, None, None)
        assert found.average == pytest.approx(102)
        assert (found.begin, found.end) == (START, START + 30 * MINUTE)


def test_what_was_never_sent_stands_still() -> None:
    assert pace(sending(STEADY, ready=5), START + timedelta(days=1)).going is Going.STOPPED
    assert pace(sending(STEADY, deferred=5), START + timedelta(days=1)).going is Going.OVER


def test_nothing_to_go_is_over_at_once_and_deferred_mail_is_still_under_way() -> None:
    assert pace(sending(STEADY), START + 31 * MINUTE).going is Going.OVER
    assert pace(sending(STEADY, deferred=3), START + 31 * MINUTE).going is Going.UNDER_WAY


def test_before_the_first_mail_nothing_has_begun() -> None:
    row = sending([], ready=10)
    found = pace(row, START)
    assert (found.going, found.now, found.average, found.left) == (Going.NOT_BEGUN, None, None, None)
    assert course(row, START, 40).slots == ()


def test_a_late_bounce_is_no_part_of_the_average_or_of_the_course() -> None:
    minutes = (*sending(STEADY).minutes, MinuteRow(START + timedelta(days=3), 0, 1, 0))
    row = replace(sending(STEADY), minutes=minutes)
    found = pace(row, START + timedelta(days=4))
    assert found.average == pytest.approx(102)
    told = course(row, START + timedelta(days=4), 40)
    assert (told.minutes, len(told.slots), told.later, told.later_failed) == (1, 30, 1, 1)


def test_a_clock_that_went_wrong_does_not_stretch_the_course() -> None:
    odd = MinuteRow(datetime(1970, 1, 1, tzinfo=UTC), 1, 0, 0)
    row = replace(sending(STEADY), minutes=(odd, *sending(STEADY).minutes))
    assert pace(row, START + 31 * MINUTE).begin == START
    assert len(course(row, START + timedelta(days=1), 40).slots) == 30


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5), st.integers(0, 5)), max_size=300),
    st.integers(1, 120),
    st.integers(0, 600),
)
def test_the_course_fits_and_loses_nobody(counts: list[tuple[int, int, int]], width: int, later: int) -> None:
    row = sending(counts, ready=1)
    told = course(row, START + later * MINUTE, width)
    assert len(told.slots) <= width
    assert sum(slot.settled for slot in told.slots) + told.later == sum(map(sum, counts))
    assert sum(slot.failed for slot in told.slots) + told.later_failed == sum(each[1] + each[2] for each in counts)
    assert all(b.at - a.at == told.minutes * MINUTE for a, b in zip(told.slots, told.slots[1:], strict=False))
