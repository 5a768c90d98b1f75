from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from store.feeds.times import NoZone, TimeDefect, TwoDays, decided_order, parse_time

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
        ("1.772.438.400", EIGHT),
        ("1772438400,51", EIGHT + 510),
        ("2026-03-02 08:00:00.1 +0000 UTC", EIGHT + 100),
        ("2026-03-02 11:00:00.123456789 +0300 +03", EIGHT + 123),
        ("2026-03-02 09:00:00.1 +0100 CET m=+0.012", EIGHT + 100),
        ("Mon, 02 Mar 2026 03:00:00 EST", EIGHT),
        ("2 March 2026 8:00 AM UTC", EIGHT),
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
        ("3/25/26 9:00 PM", None, EIGHT + (23 * 24 + 12) * HOUR),
        ("26/03/02 09:00", "ymd", EIGHT),
        ("2026/03/02 9:00", None, EIGHT),
        ("2026-03-02 09:00 PM", None, EIGHT + 12 * HOUR),
        ("03/02/2026 12:00 am", "mdy", EIGHT - 9 * HOUR),
        ("Mar 2, 2026 09:00 pm", None, EIGHT + 12 * HOUR),
        ("Monday, March 2, 2026 at 9:00 AM", None, EIGHT),
        ("02-Mar-2026 9:00", None, EIGHT),
        ("2. März 2026, 09:00 Uhr", None, EIGHT),
        ("2. mars 2026 kl. 09.00", None, EIGHT),
        ("20260302090000", None, EIGHT),
        ("20260302", None, EIGHT - 9 * HOUR),
        ("46083.375", None, EIGHT),
        ("46083,375", None, EIGHT),
        (46083.375, None, EIGHT),
    ],
)
def test_times_without_a_zone_are_in_the_zone_given(value: str | float, order: str | None, expected: int) -> None:
    assert parse_time(value, BERLIN, order) == expected


@pytest.mark.parametrize(
    ("value", "zone", "sentence"),
    [
        ("2026-03-02T08:00:00", None, "no time zone: give --zone"),
        ("02/03/2026 08:00", UTC, "two different days: say --date-style dmy or --date-style mdy"),
        ("25/03/26", UTC, "two different days: say --date-style dmy or --date-style ymd"),
        ("02/03/04", UTC, "three different days"),
        ("31.02.2026 08:00", UTC, "no day of the calendar"),
        ("31/31/2026", UTC, "no day of the calendar"),
        ("25/03/2026 13:00 pm", UTC, "no time of a clock of twelve hours"),
        ("2026-03-02 25:00", UTC, "no time of day"),
        ("March 2nd 2026, 8 pm", UTC, "is no time"),
        ("1,77244E+12", UTC, "rounded by a spreadsheet"),
        ("46.083", UTC, "two numbers: say --decimal comma or --decimal point"),
        ("yesterday", UTC, "is no time"),
        ("1026-03-02T08:00:00Z", UTC, "no likely time"),
        (12, UTC, "no likely time"),
        (10**400, UTC, "no likely one"),
        (float("nan"), UTC, "no likely time"),
        (float("inf"), UTC, "no likely time"),
        ("", UTC, "is no time"),
    ],
)
def test_a_time_is_never_guessed(value: str | float, zone: tzinfo | None, sentence: str) -> None:
    with pytest.raises(TimeDefect, match=sentence):
        parse_time(value, zone, None)


def test_the_style_of_decimals_settles_what_a_number_is() -> None:
    assert parse_time("46.083", BERLIN, None, "comma") == EIGHT - 9 * HOUR
    with pytest.raises(TimeDefect, match="no likely time"):
        parse_time("46.083", BERLIN, None, "point")


def test_a_date_that_does_not_fit_the_order_of_its_file_is_a_defect() -> None:
    with pytest.raises(TimeDefect, match="no day of the calendar as day/month/year"):
        parse_time("03/25/2026", UTC, "dmy")


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (("03/04/2026 08:00", "25/03/2026"), "dmy"),
        (("03/04/2026", "03/25/2026", "25/03/2026"), "mdy"),
        (("03-04-2026", "31-12-2026 9:00 am"), "dmy"),
        (("02.03.2026", "03/04/2026"), "dmy"),
        (("2026-03-04", "nonsense", "04/04/2026"), None),
    ],
)
def test_one_date_that_can_be_read_in_one_way_only_settles_the_order(dates: tuple[str, ...], order: str | None) -> None:
    assert decided_order(dates) == order


def test_dates_of_which_none_settles_the_order_are_not_guessed() -> None:
    with pytest.raises(TwoDays, match="'03/04/2026' can be two") as refused:
        decided_order(["2026-01-01", "03/04/2026", "05/05/2026"])
    assert {order: day.isoformat() for order, day in refused.value.days.items()} == {
        "dmy": "2026-04-03",
        "mdy": "2026-03-04",
    }


def test_a_time_without_a_zone_is_told_from_what_is_no_time() -> None:
    with pytest.raises(NoZone):
        parse_time("02.03.2026", None, None)
