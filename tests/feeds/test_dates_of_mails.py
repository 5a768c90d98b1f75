"""The usual date of a mail is read by a short way; it leads where the standard library's leads."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.feeds.bounces.parts import date_ms


@given(
    weekday=st.sampled_from(["Mon, ", "", "Xyz, ", "Sun,"]),
    day=st.integers(0, 33),
    month=st.sampled_from(["Jan", "Feb", "Dec", "feb", "Foo"]),
    year=st.sampled_from([1970, 1989, 1999, 2000, 2026, 2099, 99]),
    clock=st.tuples(st.integers(0, 25), st.integers(0, 61), st.integers(0, 61)),
    zone=st.tuples(st.sampled_from("+-"), st.integers(0, 25), st.integers(0, 65)),
    comment=st.sampled_from(["", " (CET)", " (at night)"]),
)
def test_a_date_is_what_the_standard_library_makes_of_it(
    weekday: str,
    day: int,
    month: str,
    year: int,
    clock: tuple[int, int, int],
    zone: tuple[str, int, int],
    comment: str,
) -> None:
    hour, minute, second = clock
    sign, hours, minutes = zone
    value = f"{weekday}{day} {month} {year} {hour:02}:{minute:02}:{second:02} {sign}{hours:02}{minutes:02}{comment}"
    expected = None
    try:
        moment = parsedate_to_datetime(value)
        expected = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) * 1000
    except (ValueError, OverflowError):
        pass
    if expected is not None and not 600_000_000_000 <= expected <= 4_100_000_000_000:
        expected = None
    assert date_ms(value) == expected


@pytest.mark.parametrize("value", ["Mon, 02 Mar 2026 08:00:05 +0100", "2 Mar 2026 02:00:05 -0500 (EST)"])
def test_a_date_is_told_in_utc(value: str) -> None:
    assert date_ms(value) == 1_772_434_805_000
