"""What leaves the store: frozen, slotted dataclasses; times are aware UTC datetimes or None.

Every text in a row is *clean*: control characters, bidi overrides and other invisible characters were replaced when
the row was made (:mod:`store.cleaning`), so it can be drawn as it is. Markup is still text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from store.vocabulary import (
    Actor,
    Attribution,
    BlockReason,
    BounceKind,
    Bucket,
    Decision,
    Delivery,
    Engagement,
    EventType,
    Hop,
    ListKind,
    SkipReason,
    Source,
    Triage,
)

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A window on an ordered set of rows.

    Attributes:
        rows: the rows, in order.
        total: how many rows the whole set has.
        offset: position of the first row in the whole set, from 0.
    """

    rows: tuple[R, ...]
    total: int
    offset: int = 0


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
class RecipientRow:
    """One recipient of one campaign, as the recipients pane shows it.

    Attributes:
        address: the address used, as it was written in the recipient list.
        contact_address: the contact's address today (differs after a fix).
        bounce_kind, reason, status, reply: of the failure that counts; None if there is none.
        blocked: whether the address used is blocked today.
        partly: some of several outcomes (an alias, a second mail) failed although the recipient got one.
        clicks: number of human clicks.
    """

    id: int
    campaign_id: int
    campaign: str
    contact_id: int
    address: str
    contact_address: str
    name: str
    company: str
    language: str
    responsible: str
    delivery: Delivery
    engagement: Engagement
    skip_reason: SkipReason | None
    bounce_kind: BounceKind | None
    reason: str | None
    status: str | None
    reply: int | None
    triage: Triage
    decision: Decision | None
    blocked: bool
    partly: bool
    clicks: int
    sent_at: datetime | None
    delivered_at: datetime | None
    deferred_at: datetime | None
    bounced_at: datetime | None
    opened_at: datetime | None
    machine_opened_at: datetime | None
    clicked_at: datetime | None
    machine_clicked_at: datetime | None
    replied_at: datetime | None
    complained_at: datetime | None
    unsubscribed_at: datetime | None
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in a recipient's history; ``diagnostic`` holds the server's words, whole."""

    id: int
    ts: datetime
    type: EventType
    source: Source
    address: str
    message_id: str | None
    kind: BounceKind | None
    expired: bool
    reason: str | None
    status: str | None
    reply: int | None
    diagnostic: str | None
    actor: Actor
    hop: Hop
    attribution: Attribution
    url: str | None
    where: str


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """How one message to one final address ended (an alias gives one recipient several)."""

    message_id: str | None
    address: str
    delivery: Delivery
    bounce_kind: BounceKind | None
    reason: str | None
    status: str | None
    reply: int | None
    diagnostic: str | None
    ts: datetime | None


@dataclass(frozen=True, slots=True)
class AddressRow:
    """What is known of one address over all campaigns."""

    address: str
    consecutive: int
    last_bounce_at: datetime | None
    last_success_at: datetime | None
    blocked_at: datetime | None
    block_reason: BlockReason | None
    unsubscribed_at: datetime | None
    complained_at: datetime | None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """Everything about one recipient: the row, contact, address, outcomes, events and journal entries, oldest first."""

    recipient: RecipientRow
    crm_id: str | None
    consent: bool | None
    tracking_consent: bool | None
    former: bool
    address: AddressRow
    outcomes: tuple[OutcomeRow, ...]
    events: tuple[EventRow, ...]
    journal: tuple[JournalRow, ...]
    elsewhere: tuple[RecipientRow, ...]


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link of a campaign: clicks by humans (or unknown), unique clickers, and clicks by machines."""

    id: int
    campaign_id: int
    url: str
    clicks: int
    clickers: int
    machine_clicks: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClickerRow:
    """One recipient who clicked one link."""

    recipient_id: int
    address: str
    name: str
    company: str
    clicks: int
    machine_clicks: int
    first_at: datetime
    last_at: datetime

    @property
    def id(self) -> int:
        """The recipient's id: one link has each clicker once."""
        return self.recipient_id


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list of recipients or contacts."""

    id: int
    kind: ListKind
    name: str
    campaign_id: int | None
    campaign: str | None
    members: int
    created_at: datetime
    created_by: str
    note: str


@dataclass(frozen=True, slots=True)
class ReminderCounts:
    """Who has not read a campaign, and who is left out of its reminder.

    Attributes:
        not_read: surely not read: opens can be seen for them (tracking consent is not refused) and none came.
        unknown: whether they read it cannot be seen (tracking consent refused).
        machine: only machines opened it.
        left_out: reason -> number, for those who get no reminder.
    """

    campaign_id: int
    days: int
    not_read: int
    unknown: int
    machine: int
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many the reminder list will hold."""
        return self.not_read + self.unknown + self.machine


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One action of an operator.

    Attributes:
        verb: the action's id ("mark-hard", "fix-address", ...).
        sentence: what was done, for people.
        subjects: how many rows it changed.
        undone_at: when it was undone; None if it stands.
        undoable: whether it can be undone (what left the house cannot).
    """

    id: int
    ts: datetime
    operator: str
    host: str
    verb: str
    sentence: str
    subjects: int
    undone_at: datetime | None
    undoable: bool


@dataclass(frozen=True, slots=True)
class StrangerRow:
    """One outcome of mail that belongs to no planned recipient, or what else is told of somebody in no plan.

    Attributes:
        ids: the numbers of the records that tell it; an action assigns them together.
        source: where the last word on it came from.
        engagement: what the person did, where records tell that.
    """

    campaign: str | None
    message_id: str | None
    address: str
    original: str | None
    delivery: Delivery
    bounce_kind: BounceKind | None
    status: str | None
    reply: int | None
    diagnostic: str | None
    ts: datetime | None
    reason: str | None = None
    source: Source | None = None
    engagement: Engagement = Engagement.NONE
    campaign_id: int | None = None
    ids: tuple[int, ...] = ()

    @property
    def id(self) -> int:
        """The number of its first record."""
        return self.ids[0]


@dataclass(frozen=True, slots=True)
class Change:
    """What an action did.

    Attributes:
        verb: the action's id.
        journal_id: its journal entry; None if nothing changed.
        count: rows changed.
        sentence: what happened, for a toast ("18 marked hard bounced").
        refused: (recipient id, why) of rows that were left alone.
        scopes: what must be read again: "campaigns", "recipients", "links", "lists", "journal", "addresses".
        list_id: the list made or filled, if any.
    """

    verb: str
    journal_id: int | None
    count: int
    sentence: str
    refused: tuple[tuple[int, str], ...] = ()
    scopes: frozenset[str] = frozenset()
    list_id: int | None = None
