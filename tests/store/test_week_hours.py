from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from store.weekhours import DAYS, best, week, zone_words

BERLIN = ZoneInfo("Europe/Berlin")
QUARTER = timedelta(minutes=15)


def quarters(begin: datetime, count: int) -> list[tuple[datetime, int]]:
    """Return so many quarters of an hour with one opening in each."""
    return [(begin + number * QUARTER, 1) for number in range(count)]


def test_the_hour_that_comes_twice_in_autumn_has_twice_as_many() -> None:
    # On 2026-10-25 at 3:00 CEST the clocks go back to 2:00 CET.
    grid = week(quarters(datetime(2026, 10, 24, 22, tzinfo=UTC), 25 * 4), BERLIN)
    assert grid[DAYS.index("Sun")] == (4, 4, 8, *(4,) * 21)
    assert sum(map(sum, grid)) == 100


def test_the_hour_that_is_left_out_in_spring_has_none() -> None:
    grid = week(quarters(datetime(2026, 3, 28, 23, tzinfo=UTC), 23 * 4), BERLIN)
    assert grid[DAYS.index("Sun")] == (4, 4, 0, *(4,) * 21)
    assert sum(map(sum, grid)) == 92


def test_zones_apart_by_quarters_of_an_hour_get_their_own_hours() -> None:
    grid = week([(datetime(2026, 3, 2, 8, 0, tzinfo=UTC), 1), (datetime(2026, 3, 2, 8, 15, tzinfo=UTC), 2)],
                ZoneInfo("Asia/Kathmandu"))  # fmt: skip
    assert (grid[0][13], grid[0][14]) == (1, 2)


def test_the_best_hours_are_the_fullest_and_never_empty() -> None:
    begin = datetime(2026, 3, 2, 9, tzinfo=UTC)
    grid = week([(begin, 5), (begin + timedelta(days=1), 7), (begin + timedelta(hours=1), 5)], UTC)
    assert best(grid) == [(1, 9, 7), (0, 9, 5), (0, 10, 5)]
    assert best(week([], UTC)) == []


def test_a_zone_is_named_as_it_was_then() -> None:
    winter, summer = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    assert zone_words([winter], BERLIN) == "CET (UTC+1)"
    assert zone_words([winter, summer], BERLIN) == "CET/CEST (UTC+1/+2)"
    assert zone_words([winter], UTC) == "UTC"
    assert zone_words([winter], ZoneInfo("Asia/Kathmandu")) == "UTC+5:45"
    assert zone_words([winter], ZoneInfo("America/St_Johns")) == "NST (UTC-3:30)"
    assert zone_words([winter], timezone(timedelta(hours=-3))) == "UTC-3"
