from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from store.feeds.times import TimeDefect, parse_time

BERLIN = ZoneInfo("Europe/Berlin")
EIGHT = int(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-02T08:00:00Z", EIGHT),
        ("2026-03-02 08:00:00.2735393-04:00", EIGHT + 4 * HOUR + 273),
        ("2026-03-02T09:00:00+0100", EIGHT),
        ("2026-03-02 08:00:00 +0000 UTC", EIGHT),
        ("2026-03-02 08:00:00 UTC", EIGHT),
        ("Mon, 02 Mar 2026 08:00:00 +0000", EIGHT),
        ("02.03.2026 09:00 +0100", EIGHT),
        (EIGHT // 1000, EIGHT),
        (EIGHT / 1000 + 0.51, EIGHT + 510),
        (EIGHT, EIGHT),
        (str(EIGHT), EIGHT),
        (EIGHT * 1000 + 1, EIGHT),
    ],
)
def test_times_with_a_zone_are_read_as_they_stand(value: str | float, expected: int) -> None:
    assert parse_time(value, None, None) == expected


@pytest.mark.parametrize(
    ("value", "order", "expected"),
    [
        ("2026-03-02T09:00", None, EIGHT),
        ("02.03.2026 09:00", None, EIGHT),
        ("2.3.26, 09:00 Uhr", None, EIGHT),
        ("02/03/2026 09:00", "dmy", EIGHT),
        ("03/02/2026 9:00 AM", "mdy", EIGHT),
        ("25/03/2026 9:00 pm", None, EIGHT + (23 * 24 + 12) * HOUR),
        ("02/02/2026 09:00", None, EIGHT - 28 * 24 * HOUR),
    ],
)
def test_times_without_a_zone_are_in_the_zone_given(value: str, order: str | None, expected: int) -> None:
    assert parse_time(value, BERLIN, order) == expected


@pytest.mark.parametrize(
    ("value", "zone", "sentence"),
    [
        ("2026-03-02T08:00:00", None, "no time zone: give --zone"),
        ("02/03/2026 08:00", UTC, "two different days: say dates=dmy or dates=mdy"),
        ("31.02.2026 08:00", UTC, "no day of the calendar"),
        ("yesterday", UTC, "is no time"),
        ("1026-03-02T08:00:00Z", UTC, "no likely time"),
        (12, UTC, "no likely time"),
        (float("nan"), UTC, "no likely time"),
        (float("inf"), UTC, "no likely time"),
        ("", UTC, "is no time"),
    ],
)
def test_a_time_is_never_guessed(value: str | float, zone: tzinfo | None, sentence: str) -> None:
    with pytest.raises(TimeDefect, match=sentence):
        parse_time(value, zone, None)
