"""Groups of failures and single ones in words: what is left, whose fault it is, where and when."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from store.asking import Grouping
from store.rows import BounceGroupRow, BounceRow, BouncesLeft
from store.vocabulary import BounceKind, Decision, Delivery, Triage
from tests.present.made import NOON, recipient
from tui.present.bounces import (
    cause,
    domains,
    group_columns,
    group_lines,
    left_words,
    single_columns,
    single_lines,
    whose,
)
from tui.present.cells import width
from tui.present.columns import share
from tui.present.times import SPAN_CELLS, span


def group(**given: Any) -> BounceGroupRow:
    values: dict[str, Any] = {
        "id": 1,
        "key": "c1234567",
        "reason": "authfailure",
        "acts": "us",
        "kind": BounceKind.BLOCK,
        "causes": 1,
        "status": "5.7.26",
        "reply": 550,
        "words": "550 5.7.26 not authenticated",
        "sample": "550 5.7.26 not authenticated",
        "domains": (("gmail.example", 412),),
        "domain_count": 1,
        "campaigns": ("Spring",),
        "first": NOON,
        "last": NOON + timedelta(minutes=17),
        "n": 412,
        "open": 412,
        "later": 0,
        "decision": None,
        "one": 1,
    }
    return BounceGroupRow(**(values | given))


def single(**given: Any) -> BounceRow:
    failed = {"delivery": Delivery.BOUNCED, "bounce_kind": BounceKind.HARD, "reason": "userunknown"}
    return BounceRow(
        recipient(**(failed | {"triage": Triage.OPEN, "status": "5.1.1", "bounced_at": NOON} | given)), "550 no"
    )


def left_cell(row: BounceGroupRow) -> str:
    return group_columns(Grouping.CAUSE)[0].cell(row)[0]


def state_cell(row: BounceRow) -> str:
    return single_columns(several=False)[0].cell(row)[0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "412"),
        ({"open": 30}, "30 of 412"),
        ({"open": 0, "later": 12}, "~ 12 later"),
        ({"open": 0, "decision": Decision.EXCUSED}, "✓ excused"),
        ({"open": 0}, "✓ decided"),
    ],
)
def test_what_is_left_of_a_group_stands_in_one_cell(given: dict[str, Any], words: str) -> None:
    assert left_cell(group(**given)) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "✗ Bounced hard"),
        ({"triage": Triage.LATER, "decision": Decision.LATER}, "~ Later"),
        ({"triage": Triage.DONE, "decision": Decision.FORMER}, "✓ Former"),
        ({"triage": Triage.NONE, "delivery": Delivery.DELIVERED}, "✓ ✓ Delivered"),
    ],
)
def test_the_state_of_a_failure_says_what_was_decided(given: dict[str, Any], words: str) -> None:
    assert state_cell(single(**given)) == words.replace("✓ ✓", "✓")


def test_a_group_is_told_in_the_trades_words() -> None:
    row = group()
    assert (cause(row), domains(row), whose(row)) == ("sender not authenticated 5.7.26", "all gmail.example", "ours")
    lines = ["".join(text for text, _ in line) for line in group_lines(row, 100, UTC)]
    assert lines[0] == "412 x Our mail failed their check of SPF, DKIM or DMARC · ours, not theirs"
    assert lines[1] == "03-12 12:00-12:17 · Spring · all gmail.example"
    assert lines[2] == "550 5.7.26 not authenticated"


def test_several_causes_and_domains_are_counted() -> None:
    many = (("a.example", 5), ("b.example", 1), ("c.example", 1))
    row = group(reason=None, causes=4, status=None, reply=None, words="", acts="", domains=many, domain_count=9)
    assert (cause(row), domains(row), whose(row)) == ("4 causes", "a.example +8", "mixed")
    assert "a.example 5, b.example, c.example and 6 more" in group_lines(row, 100, UTC)[1][0][0]


@pytest.mark.parametrize("cells", [20, 78, 138])
def test_the_lines_under_the_table_fit_and_are_four_at_most(cells: int) -> None:
    long = "550 5.7.26 refused for reasons told at length " * 20
    for lines in (group_lines(group(sample=long), cells), single_lines(single(name="N" * 200), cells)):
        assert len(lines) <= 4
        assert all(sum(width(text) for text, _ in line) <= cells for line in lines)


def test_what_left_says_how_far_the_work_is() -> None:
    assert left_words(BouncesLeft(100, 88, 2, 5)) == "88 of 100 left · 2 later · 5 new, . reads them"
    assert left_words(BouncesLeft(100, 0, 0, 5), narrow=True) == "all 100 decided · 5 new"


@pytest.mark.parametrize("by", list(Grouping))
def test_what_they_are_grouped_by_is_shown_in_a_narrow_terminal(by: Grouping) -> None:
    columns = group_columns(by)
    shown = {columns[slot.index].key for slot in share(columns, 78)}
    wanted = {Grouping.DOMAIN: {"domain", "left"}, Grouping.TIME: {"when", "left", "cause"}}
    assert shown >= wanted.get(by, {"left", "cause", "acts", "domain"})


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "03-12 12:00"), (17, "03-12 12:00-12:17"), (60 * 24, "03-12 to 03-13"), (60 * 24 * 400, "2026-03 to 2027-04")],
)
def test_a_span_is_short(minutes: int, words: str) -> None:
    found = span(NOON, NOON + timedelta(minutes=minutes), UTC)
    assert found == words
    assert len(found) <= SPAN_CELLS + 1
