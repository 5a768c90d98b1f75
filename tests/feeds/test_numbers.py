from __future__ import annotations

import pytest

from store.feeds.numbers import TwoNumbers, counted, parse_number


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("4", None, 4.0),
        ("1,5", None, 1.5),
        ("0.125", None, 0.125),
        ("1.234.567,5", None, 1234567.5),
        ("1,234,567.5", None, 1234567.5),
        ("1 234 567", None, 1234567.0),
        ("1'234", None, 1234.0),
        ("1.234", "comma", 1234.0),
        ("1.234", "point", 1.234),
        ("1,234.5", "point", 1234.5),
        ("1,234.5", "comma", None),
        ("1,5", "point", None),
        ("12.34.56", None, None),
        ("four", None, None),
        ("", None, None),
    ],
)
def test_a_number_is_read_by_the_marks_in_it(text: str, decimal: str | None, number: float | None) -> None:
    assert parse_number(text, decimal) == number


@pytest.mark.parametrize("text", ["1.234", "1,234", "-9.999"])
def test_a_number_that_can_be_two_is_not_guessed(text: str) -> None:
    with pytest.raises(TwoNumbers):
        parse_number(text, None)


def test_a_count_says_whether_it_happened_not_how_often() -> None:
    assert [text for text in ("4", "1.234", "yes", "0", "0,00", "-", "", " ", "no", "n/a") if counted(text)] == [
        "4",
        "1.234",
        "yes",
    ]
