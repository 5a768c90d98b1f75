"""What happened, who clicked what, and what belongs to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.vocabulary import Actor, Attribution, BounceKind, Delivery, Engagement, EventType, Hop, Source


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in a recipient's history; ``diagnostic`` holds the server's words, whole.

    ``times`` is more than 1 where others like it, up to the next that is shown, were folded into it.
    """

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
    times: int = 1


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
