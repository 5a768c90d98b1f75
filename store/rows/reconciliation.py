"""Whether everything that was planned and everything that came in is accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.rows.campaigns import CampaignRow
from store.vocabulary import Bucket


@dataclass(frozen=True, slots=True)
class CampaignAccount:
    """A campaign's plan beside its buckets, and what is told of it beside the plan.

    Attributes:
        campaign: the campaign with its buckets as they are shown everywhere; None: mail that names no campaign.
        planned: recipients of the plan, counted one by one.
        counted: recipients in each bucket, counted one by one.
        events: events of its recipients; None while they are not counted yet.
        stray_records: records that name it, about nobody in the plan.
        stray_addresses: distinct addresses among those.
    """

    campaign: CampaignRow | None
    planned: int
    counted: dict[Bucket, int]
    events: int | None
    stray_records: int
    stray_addresses: int

    @property
    def id(self) -> int:
        """The campaign's number; 0 for none."""
        return 0 if self.campaign is None else self.campaign.id

    @property
    def sum(self) -> int:
        """All buckets together, as they are shown."""
        return 0 if self.campaign is None else sum(self.campaign.buckets.values())

    @property
    def difference(self) -> int:
        """The buckets' sum less the plan."""
        return self.sum - self.planned

    @property
    def wrong(self) -> tuple[Bucket, ...]:
        """The buckets that are not as large as they are shown."""
        shown = {} if self.campaign is None else self.campaign.buckets
        return tuple(bucket for bucket, count in shown.items() if self.counted.get(bucket, 0) != count)

    @property
    def adds_up(self) -> bool:
        """Whether each bucket holds what it shows, and all together the plan."""
        return not self.difference and not self.wrong


@dataclass(frozen=True, slots=True)
class FeedAccount:
    """What was read of a feed, and what became of it.

    Attributes:
        path: the file or mailbox.
        records: records read, in all readings.
        events: records that became events of recipients; None while they are not counted yet.
        strangers: records about nobody in a plan.
        defects: pieces that could not be read.
        read_at: when it was read last.
        ended: whether the last reading came to its end.
    """

    id: int
    path: str
    format: str
    records: int
    events: int | None
    strangers: int
    defects: int
    read_at: datetime
    ended: bool

    @property
    def known(self) -> int | None:
        """Records that had been read before, in this feed or in another one."""
        return None if self.events is None else self.records - self.events - self.strangers

    @property
    def adds_up(self) -> bool:
        """Whether each event and stranger came with a record, and the reading came to its end."""
        return self.ended and (self.known is None or self.known >= 0)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All campaigns and all feeds.

    Attributes:
        campaigns: the newest first; mail that names no campaign stands last, if there is any.
        feeds: the one read last first.
        other_events: events that came from no feed; None while they are not counted yet.
    """

    campaigns: tuple[CampaignAccount, ...]
    feeds: tuple[FeedAccount, ...]
    other_events: int | None

    @property
    def counted(self) -> bool:
        """Whether the events are counted, too."""
        return self.other_events is not None

    @property
    def adds_up(self) -> bool:
        """Whether all of it adds up."""
        return all(row.adds_up for row in self.campaigns) and all(row.adds_up for row in self.feeds)


@dataclass(frozen=True, slots=True)
class DefectRow:
    """A piece of a feed that could not be read."""

    id: int
    where: str
    sentence: str
