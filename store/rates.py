"""The six shares by which campaigns are judged: among the earlier ones, and beside another one.

Two campaigns are compared by the difference of two proportions with Newcombe's interval from Wilson's scores, without
continuity correction (R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10). It holds for small numbers
and shares near nothing, as complaints are, where the textbook interval fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from statistics import median
from typing import Final, NamedTuple

from store.figures import number
from store.rows import CampaignRow
from store.rows.reports import BenchmarkRow, ComparisonRow, DifferenceRow, Measure, Share

METHOD: Final = "Newcombe's score interval for two proportions (95 %)"
"""The name of the method, for people."""

_Z: Final = 1.959963984540054
"""Of the normal distribution, for 95 %."""


class Judged(NamedTuple):
    """How a measure is read: its part and whole, and whether more is better."""

    part: Callable[[CampaignRow], int]
    whole: Callable[[CampaignRow], int]
    more_is_better: bool


def _tried(row: CampaignRow) -> int:
    return row.attempted


def _delivered(row: CampaignRow) -> int:
    return row.delivered


JUDGED: Final = {
    Measure.DELIVERED: Judged(_delivered, _tried, True),
    Measure.BOUNCED: Judged(lambda row: row.failed, _tried, False),
    Measure.OPENED: Judged(lambda row: row.opened, _delivered, True),
    Measure.CLICKED: Judged(lambda row: row.clicked, _delivered, True),
    Measure.UNSUBSCRIBED: Judged(lambda row: row.unsubscribed, _delivered, False),
    Measure.COMPLAINED: Judged(lambda row: row.complained, _delivered, False),
}
"""Delivered and bounced (with expired and rejected) are shares of those tried, the others of the delivered."""


def share(row: CampaignRow, measure: Measure) -> Share:
    """Return a campaign's share; a part that is larger than its whole (late bounces of openers) is cut to it."""
    judged = JUDGED[measure]
    whole = judged.whole(row)
    return Share(min(judged.part(row), whole), whole)


def earlier(row: CampaignRow, campaigns: Sequence[CampaignRow]) -> tuple[CampaignRow, ...]:
    """Return those of ``campaigns`` whose sending began before that of ``row``; all sent ones if it did not begin."""
    return tuple(
        other
        for other in campaigns
        if other.id != row.id
        and other.started_at is not None
        and other.attempted
        and (row.started_at is None or other.started_at < row.started_at)
    )


def benchmark(row: CampaignRow, before: Sequence[CampaignRow]) -> tuple[BenchmarkRow, ...]:
    """Return where each of a campaign's shares stands among those of the campaigns ``before`` it."""
    return tuple(_placed(row, before, measure) for measure in Measure)


def _placed(row: CampaignRow, before: Sequence[CampaignRow], measure: Measure) -> BenchmarkRow:
    own = share(row, measure)
    others = [value for other in before if (value := share(other, measure).value) is not None]
    middle = median(others) if others else None
    if own.value is None or not others:
        return BenchmarkRow(measure, own, middle, None, len(others))
    better = JUDGED[measure].more_is_better
    ahead = sum(value > own.value if better else value < own.value for value in others)
    return BenchmarkRow(measure, own, middle, ahead + 1, len(others) + 1)


def differences(row: CampaignRow, other: CampaignRow) -> tuple[DifferenceRow, ...]:
    """Return each share of ``row`` beside that of ``other``."""
    found = []
    for measure in Measure:
        own, theirs = share(row, measure), share(other, measure)
        difference, low, high = interval(own, theirs)
        found.append(DifferenceRow(measure, own, theirs, difference, low, high))
    return tuple(found)


def caveats(found: ComparisonRow) -> str:
    """Return what a comparison rests on and what speaks against it, in sentences."""
    words = f"{METHOD}, in percentage points. One of six differences may look real by chance."
    if found.both is None:
        return words
    if not found.both:
        return f"{words} Nobody is in both plans."
    people = "person is" if found.both == 1 else "people are"
    return f"{words} {number(found.both)} {people} in both plans: that is no test of two halves."


def interval(own: Share, other: Share) -> tuple[float | None, float | None, float | None]:
    """Return the difference of two shares with the ends of its interval; None where one share has no whole."""
    if not own.whole or not other.whole:
        return None, None, None
    p, q = own.part / own.whole, other.part / other.whole
    p_low, p_high = _wilson(own)
    q_low, q_high = _wilson(other)
    below = sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    above = sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return p - q, p - q - below, p - q + above


def _wilson(one: Share) -> tuple[float, float]:
    n, p = one.whole, one.part / one.whole
    middle = 2 * n * p + _Z**2
    reach = _Z * sqrt(_Z**2 + 4 * n * p * (1 - p))
    return (middle - reach) / (2 * (n + _Z**2)), (middle + reach) / (2 * (n + _Z**2))
