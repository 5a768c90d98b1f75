"""What the send monitor shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.rows.campaigns import CampaignRow
from store.rows.tripwires import TripRow
from store.tripwires import Tripwires


@dataclass(frozen=True, slots=True)
class MinuteRow:
    """The recipients whose mail came to its outcome within one minute, each in the minute of the one that counts.

    Attributes:
        at: when the minute began.
        delivered: taken by the receiving server.
        hard: bounced hard.
        other: failed otherwise.
    """

    at: datetime
    delivered: int
    hard: int
    other: int

    @property
    def settled(self) -> int:
        """All that came to an outcome."""
        return self.delivered + self.hard + self.other

    @property
    def failed(self) -> int:
        """All that failed."""
        return self.hard + self.other


@dataclass(frozen=True, slots=True)
class DeferredRow:
    """The recipients at one receiving domain whose mail waits for another try.

    Attributes:
        domain: as people write it; ``key``: as addresses are compared.
        n: how many recipients.
        since: when the first of them was deferred.
        last: the latest try.
        words: what the server said then.
    """

    domain: str
    key: str
    n: int
    since: datetime | None
    last: datetime | None
    status: str | None
    reply: int | None
    words: str


@dataclass(frozen=True, slots=True)
class MonitorRow:
    """How the sending of a campaign goes.

    Attributes:
        minutes: minutes with outcomes, in order; those without are left out.
        hard: recipients bounced hard.
        deferred: recipients whose mail waits for another try; ``waiting``: handed over and not tried yet.
        domains: domains that defer, most recipients first, at most :data:`store.queries.monitor.DOMAINS`.
        domain_count: how many such domains there are.
        last_at: when a mail was last delivered or tried; None: never.
        wires: the tripwires that hold.
        trips: those that stand, the newest first.
        watched_until: when they fall quiet unless more mail goes out; None: nothing was sent yet.
    """

    campaign: CampaignRow
    minutes: tuple[MinuteRow, ...]
    hard: int
    deferred: int
    waiting: int
    domains: tuple[DeferredRow, ...]
    domain_count: int
    last_at: datetime | None
    wires: Tripwires
    trips: tuple[TripRow, ...]
    watched_until: datetime | None = None

    @property
    def settled(self) -> int:
        """Delivered or failed."""
        return self.campaign.delivered + self.campaign.failed

    @property
    def to_send(self) -> int:
        """Planned without those who get no mail."""
        return self.campaign.planned - self.campaign.skipped

    @property
    def to_go(self) -> int:
        """Not sent yet, or handed over and not tried yet."""
        return self.campaign.ready + self.waiting
