from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from tests.present.made import NOON, later
from tui.present.times import ago, day, duration, exact, moment, number, percent

CET = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ({"seconds": 3}, "just now"),
        ({"seconds": 40}, "40 s ago"),
        ({"minutes": 1}, "1 min ago"),
        ({"minutes": 59}, "59 min ago"),
        ({"hours": 23}, "23 h ago"),
        ({"days": 1}, "1 day ago"),
        ({"days": 3}, "3 days ago"),
        ({"days": 15}, "2 weeks ago"),
        ({"days": 90}, "3 months ago"),
        ({"days": 1500}, "4 years ago"),
        ({"hours": -2}, "in 2 h"),
    ],
)
def test_how_long_ago_in_the_largest_whole_unit(span, words):
    assert ago(NOON, later(**span)) == words


def test_no_time_is_shown_as_nothing():
    assert ago(None, NOON) == moment(None) == day(None) == exact(None) == ""


def test_times_are_shown_in_the_zone_asked_for():
    assert moment(NOON, CET) == "2026-03-12 13:00"
    assert day(later(hours=11, minutes=30), CET) == "2026-03-13"
    assert exact(NOON, CET) == "2026-03-12 13:00:00 +0100"


def test_a_duration_counts_whole_units():
    assert duration(0) == "0 s"
    assert duration(86_399) == "23 h"


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "-"),
        (0, 10, "0.0 %"),
        (1, 100_000, "<0.1 %"),
        (21, 1000, "2.1 %"),
        (99_999, 100_000, "99.9 %"),
        (5, 5, "100 %"),
    ],
)
def test_a_rate_never_says_nothing_or_all_when_it_is_not(part, whole, words):
    assert percent(part, whole) == words


def test_thousands_are_parted():
    assert number(1_402_000) == "1,402,000"
