from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from store.feeds.stamps import Clock

BERLIN = ZoneInfo("Europe/Berlin")


def ms(*moment: int, zone: ZoneInfo | None = None) -> int:
    return int(datetime(*moment, tzinfo=zone or UTC).timestamp() * 1000)  # type: ignore[arg-type,misc]


def read(clock: Clock, stamp: str) -> int | None:
    found = clock.read(f"{stamp} mx1 postfix/smtp[1]: x\n".encode())
    return found[0] if found else None


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-03-02T08:00:02.123456+01:00", ms(2026, 3, 2, 7, 0, 2) + 123),
        ("2026-03-02T08:00:02+0000", ms(2026, 3, 2, 8, 0, 2)),
        ("2026-03-02T08:00:02.5Z", ms(2026, 3, 2, 8, 0, 2) + 500),
        ("2026-13-02T08:00:02Z", None),
    ],
)
def test_rfc_3339_stamps_carry_their_own_zone(stamp: str, expected: int | None) -> None:
    assert read(Clock(datetime(2026, 4, 1, tzinfo=UTC), BERLIN), stamp) == expected


def test_a_traditional_stamp_lies_in_the_last_year_in_which_it_is_past() -> None:
    latest = datetime(2026, 1, 3, tzinfo=UTC)
    assert read(Clock(latest, UTC), "Dec 31 23:59:58") == ms(2025, 12, 31, 23, 59, 58)
    assert read(Clock(latest, UTC), "Jan  2 10:00:00") == ms(2026, 1, 2, 10)


def test_the_year_turns_between_december_and_january() -> None:
    clock = Clock(datetime(2026, 1, 3, tzinfo=UTC), UTC)
    assert read(clock, "Dec 31 23:59:59") == ms(2025, 12, 31, 23, 59, 59)
    assert read(clock, "Jan  1 00:00:01") == ms(2026, 1, 1, 0, 0, 1)
    assert read(clock, "Dec 31 23:59:59") == ms(2025, 12, 31, 23, 59, 59)


def test_the_29th_of_february_is_found_in_a_leap_year() -> None:
    assert read(Clock(datetime(2026, 3, 1, tzinfo=UTC), UTC), "Feb 29 12:00:00") == ms(2024, 2, 29, 12)


def test_traditional_stamps_are_in_the_zone_given() -> None:
    assert read(Clock(datetime(2026, 8, 1, tzinfo=UTC), BERLIN), "Jul  1 12:00:00") == ms(2026, 7, 1, 10)


def test_the_hour_that_an_autumn_night_repeats_is_told_apart() -> None:
    clock = Clock(datetime(2025, 11, 1, tzinfo=UTC), BERLIN)
    stamps = ["Oct 26 01:59:00", "Oct 26 02:30:00", "Oct 26 02:59:00", "Oct 26 02:30:00", "Oct 26 03:10:00"]
    hours = [0, 0.5, 59 / 60, 1.5, 2 + 10 / 60]
    start = ms(2025, 10, 26)
    expected = [start - 60_000, *(start + round(hour * 3_600_000) for hour in hours[1:])]
    assert [read(clock, stamp) for stamp in stamps] == expected


@pytest.mark.parametrize("stamp", ["Foo 12 08:00:00", "Mar 32 08:00:00", "Mar  2 8:00", ""])
def test_what_is_no_stamp_gives_none(stamp: str) -> None:
    assert read(Clock(datetime(2026, 4, 1, tzinfo=UTC), UTC), stamp) is None
