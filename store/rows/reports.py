"""What a report on a campaign holds: openings over time, rates beside those of other campaigns, receiving domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from store.rows.campaigns import CampaignRow
from store.rows.events import LinkRow

FIRST_HOURS: Final = 48
"""How many hours from the beginning of a sending are looked at one by one."""


@dataclass(frozen=True, slots=True)
class OpeningsRow:
    """When the recipients of a campaign opened it first, each of them counted once.

    Attributes:
        hours: openings in each of the first 48 hours from the beginning of the sending; empty if that is not known.
        before: openings before it (by clocks that go wrong).
        later: openings after these hours.
        quarters: (beginning of a quarter of an hour in UTC, openings in it), in order; quarters without are left out.
    """

    hours: tuple[int, ...]
    before: int
    later: int
    quarters: tuple[tuple[datetime, int], ...]

    @property
    def total(self) -> int:
        """All openings."""
        return sum(count for _, count in self.quarters)


class Measure(StrEnum):
    """What campaigns are compared by."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    OPENED = "opened"
    CLICKED = "clicked"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, both numbers of recipients."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share as a number from 0 to 1; None without a whole."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """A share of this campaign among those of the earlier ones.

    Attributes:
        median: the median share of the earlier campaigns; None without any.
        rank: the place of this one among them and itself, 1 is the best; None if it cannot be placed.
        among: how many were placed, this one too.
    """

    measure: Measure
    share: Share
    median: float | None
    rank: int | None
    among: int


class Verdict(StrEnum):
    """Whether two shares differ by more than chance would make them."""

    MORE = "more than chance"
    MAYBE = "may be chance"
    NOTHING = "nothing to compare"


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A share of this campaign beside that of another one.

    Attributes:
        difference: this share less the other one; None where one has no whole.
        low: the lower end of the interval in which the true difference lies with 95 % confidence; ``high`` likewise.
    """

    measure: Measure
    share: Share
    other: Share
    difference: float | None
    low: float | None
    high: float | None

    @property
    def verdict(self) -> Verdict:
        """Return whether the interval leaves out "no difference"."""
        if self.low is None or self.high is None:
            return Verdict.NOTHING
        return Verdict.MORE if self.low > 0 or self.high < 0 else Verdict.MAYBE


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A campaign beside another one.

    Attributes:
        both: contacts that are in both plans; None while they are not counted yet.
    """

    other: CampaignRow
    rows: tuple[DifferenceRow, ...]
    both: int | None = None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report on a campaign; what is None was not read yet.

    Attributes:
        earlier: how many campaigns were sent before it.
        benchmark: its shares among theirs, one row for each measure.
        links: its links, the most clicked first.
        people: first openings by people; a first click counts where no opening was seen before it or after it.
        machines: the same of recipients whose only openings and clicks came from machines.
        unknown: delivered recipients who refuse tracking and of whom nothing was seen: nobody knows whether they read.
        comparison: the campaign beside another one, if one was asked for.
    """

    campaign: CampaignRow
    earlier: int
    benchmark: tuple[BenchmarkRow, ...]
    links: tuple[LinkRow, ...] | None = None
    people: OpeningsRow | None = None
    machines: OpeningsRow | None = None
    unknown: int | None = None
    comparison: ComparisonRow | None = None

    @property
    def links_by_clicks(self) -> list[LinkRow]:
        """The links, the one with most clicks by people first; none while they are not read."""
        return sorted(
            self.links or (), key=lambda link: (link.clicks, link.clickers, link.machine_clicks), reverse=True
        )


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A receiving domain of a campaign: each planned recipient is in one of ``waiting`` to ``other``.

    Attributes:
        id: the lowest id of its recipients; the same as long as the plan is.
        domain: as it is written; "" for recipients without a usable address.
        key: as the filters of recipients take it.
        waiting: ready, skipped, or under way.
        hard: failed for good, because of the address; soft, block likewise by the kind of the failure.
        other: failed for their content, or for no reason that the servers told.
        deferred: put off at least once by the domain's servers, whatever came of it.
        opened: opened or clicked by people; ``machine``: by machines only.
    """

    id: int
    domain: str
    key: str
    planned: int
    waiting: int
    delivered: int
    hard: int
    soft: int
    block: int
    other: int
    deferred: int
    opened: int
    machine: int
    clicked: int
