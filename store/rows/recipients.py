"""Recipients: one contact in one campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.vocabulary import BounceKind, Decision, Delivery, Engagement, SkipReason, Triage


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
