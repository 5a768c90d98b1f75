from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from store.rates import benchmark, caveats, differences, earlier, interval, share
from store.rows import CampaignRow
from store.rows.reports import ComparisonRow, Measure, Share, Verdict
from tests.present import made

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def campaign(id_: int, **more: object) -> CampaignRow:
    """Return a campaign of 1,000 recipients that were all delivered."""
    known = {"planned": 1000, "delivered": 1000, "started_at": START + timedelta(days=id_)} | more
    return made.campaign(id=id_, **known)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_is_the_one_of_the_paper(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    difference, below, above = interval(Share(*one), Share(*other))
    assert difference == pytest.approx(one[0] / one[1] - other[0] / other[1])
    assert (below, above) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_share_of_nothing_is_not_compared() -> None:
    assert interval(Share(0, 0), Share(1, 2)) == (None, None, None)
    row = differences(campaign(1, planned=0, delivered=0), campaign(2))[0]
    assert row.verdict is Verdict.NOTHING


def test_a_large_difference_is_more_than_chance_and_a_small_one_may_be_chance() -> None:
    rows = {row.measure: row for row in differences(campaign(1, opened=420, clicked=50), campaign(2, opened=330))}
    assert rows[Measure.OPENED].verdict is Verdict.MORE
    assert rows[Measure.OPENED].difference == pytest.approx(0.09)
    assert rows[Measure.CLICKED].verdict is Verdict.MORE
    assert rows[Measure.COMPLAINED].verdict is Verdict.MAYBE


def test_the_best_share_has_place_one_whether_more_or_less_is_better() -> None:
    before = [campaign(1, opened=100, bounced=50, delivered=950), campaign(2, opened=300, bounced=20, delivered=980)]
    rows = {row.measure: row for row in benchmark(campaign(3, opened=200, bounced=10, delivered=990), before)}
    assert (rows[Measure.OPENED].rank, rows[Measure.OPENED].among) == (2, 3)
    assert (rows[Measure.BOUNCED].rank, rows[Measure.BOUNCED].among) == (1, 3)
    assert rows[Measure.BOUNCED].median == pytest.approx(0.035)
    # Those alike share a place.
    assert (rows[Measure.COMPLAINED].rank, rows[Measure.COMPLAINED].among) == (1, 3)


def test_without_earlier_campaigns_there_is_neither_median_nor_place() -> None:
    rows = benchmark(campaign(3), [])
    assert {(row.median, row.rank) for row in rows} == {(None, None)}


def test_earlier_are_those_whose_sending_began_before() -> None:
    row = campaign(3)
    planned = replace(campaign(1), started_at=None)
    unsent = campaign(2, ready=1000, delivered=0)
    assert earlier(row, [row, campaign(1), campaign(2), campaign(4), planned, unsent]) == (campaign(1), campaign(2))
    assert earlier(replace(row, started_at=None), [row, campaign(1), campaign(4)]) == (campaign(1), campaign(4))


def test_no_share_is_more_than_all() -> None:
    assert share(campaign(1, delivered=10, opened=12), Measure.OPENED) == Share(10, 10)


def test_whoever_is_in_both_plans_is_told_of_a_comparison() -> None:
    found = ComparisonRow(campaign(2), differences(campaign(1), campaign(2)))
    assert "both" not in caveats(found)
    assert caveats(replace(found, both=0)).endswith("Nobody is in both plans.")
    assert caveats(replace(found, both=1)).endswith("1 person is in both plans: that is no test of two halves.")
    assert "1,200 people are in both plans" in caveats(replace(found, both=1200))
