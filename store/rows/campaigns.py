"""Campaigns with their counts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from store.vocabulary import Bucket, FollowUp

if TYPE_CHECKING:
    from store.asking import Unread
    from store.rows.recipients import RecipientRow


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign with its buckets and engagement counts (each a number of recipients).

    Attributes:
        key: the campaign key that its mails carry.
        started_at: time of the first event of its sending.
        strangers: distinct addresses that events of this campaign name and the plan does not.
        opened: recipients with a human (or unknown) open or more; clicked, replied and so on likewise.
        machine: recipients whose only opens and clicks came from machines.
        open_bounces: failures nobody has decided about yet.
        parent_id, parent: the campaign that it follows up, and its name; None if it is none, or that one is gone.
        follow_up: what it is to that campaign, if it was sent from here for that.
        depth: 1 below the campaign that it follows up, 2 below a follow-up of that, and so on; 0 else.
    """

    id: int
    name: str
    key: str
    subject: str
    created_at: datetime
    started_at: datetime | None
    planned: int
    ready: int
    skipped: int
    under_way: int
    delivered: int
    bounced: int
    expired: int
    rejected: int
    strangers: int
    opened: int
    machine: int
    clicked: int
    replied: int
    unsubscribed: int
    complained: int
    open_bounces: int
    parent_id: int | None = None
    parent: str | None = None
    follow_up: FollowUp | None = None
    depth: int = 0

    @property
    def buckets(self) -> dict[Bucket, int]:
        """The seven buckets in their order on the bar."""
        return {
            Bucket.DELIVERED: self.delivered,
            Bucket.UNDER_WAY: self.under_way,
            Bucket.BOUNCED: self.bounced,
            Bucket.EXPIRED: self.expired,
            Bucket.REJECTED: self.rejected,
            Bucket.SKIPPED: self.skipped,
            Bucket.READY: self.ready,
        }

    @property
    def adds_up(self) -> bool:
        """Whether the buckets add up to the number planned."""
        return sum(self.buckets.values()) == self.planned

    @property
    def failed(self) -> int:
        """Bounced, expired and rejected together."""
        return self.bounced + self.expired + self.rejected

    @property
    def attempted(self) -> int:
        """Recipients that somebody tried to reach: planned without ready and skipped."""
        return self.planned - self.ready - self.skipped

    @property
    def state(self) -> str:
        """Return "planned" (nothing sent yet), "under way" (something is not settled) or "finished"."""
        if self.attempted == 0:
            return "planned"
        return "under way" if self.ready or self.under_way else "finished"


@dataclass(frozen=True, slots=True)
class ReminderCounts:
    """Who has not read a campaign, and who is left out of its reminder.

    Attributes:
        not_read: surely not read: opens can be seen for them (tracking consent is not refused) and none came.
        unknown: whether they read it cannot be seen.
        machine: only machines opened it.
        left_out: reason -> number, for those who get no reminder.
        why_unknown: reason -> number, of the unknown.
        seen: whether any opening of the campaign was seen; if not, its openings were probably never read in.
    """

    campaign_id: int
    days: int
    not_read: int
    unknown: int
    machine: int
    left_out: dict[str, int] = field(default_factory=dict)
    why_unknown: dict[str, int] = field(default_factory=dict)
    seen: bool = True

    @property
    def groups(self) -> dict[Unread, int]:
        """The groups and how many each has."""
        from store.asking import Unread

        return {Unread.NOT_READ: self.not_read, Unread.UNKNOWN: self.unknown, Unread.MACHINE: self.machine}

    @property
    def total(self) -> int:
        """How many there are in all groups."""
        return sum(self.groups.values())

    def of(self, groups: Collection[Unread]) -> int:
        """Return how many a reminder list of these groups will hold."""
        return sum(count for group, count in self.groups.items() if group in groups)


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """Somebody and why they get no reminder, or to which group of those who do they belong."""

    recipient: RecipientRow
    reason: str

    @property
    def id(self) -> int:
        """The recipient's id."""
        return self.recipient.id
