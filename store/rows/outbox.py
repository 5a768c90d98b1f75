"""What is sent from here, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from store.vocabulary import OutboxState, SendState


@dataclass(frozen=True, slots=True)
class SendRow:
    """One message and its sending.

    Attributes:
        id: of the message.
        parent_id, parent: the campaign that it follows up; None, "" if it is none.
        why: why it was paused or stopped, in a sentence; "" if it was not.
        relay: its name.
        rate: mails a second; None: the relay's.
        counts: how many mails are in each state; all states are there.
        starts_at: when the countdown ends.
        began_at: when the first mail could leave; None: not yet.
        ended_at: when the last one was settled.
        alive: whether a process is known to send it now.
        next_at: when the next mail that was put off may be tried; None: nothing waits, or it may go now.
    """

    id: int
    campaign_id: int
    campaign: str
    key: str
    parent_id: int | None
    parent: str
    state: SendState
    why: str
    subject: str
    sender: str
    relay: str
    rate: float | None
    connections: int | None
    digest: str
    made_at: datetime
    made_by: str
    starts_at: datetime | None
    began_at: datetime | None
    ended_at: datetime | None
    alive: bool
    counts: Mapping[OutboxState, int]
    next_at: datetime | None

    @property
    def total(self) -> int:
        """How many mails there are."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """How many mails can still leave."""
        return self.counts[OutboxState.WAITING]


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One mail to one recipient.

    Attributes:
        id: of the row in the outbox.
        mail_id: its Message-ID, the same at every attempt.
        next_at: when it may be tried (again).
        claimed_at: when its last transaction came to the point from which it may have left.
        command: what the relay answered to; reply, status, diagnostic: what it said last, or why the mail is held.
    """

    id: int
    message_id: int
    recipient_id: int
    contact_id: int
    address: str
    name: str
    company: str
    state: OutboxState
    attempts: int
    next_at: datetime | None
    claimed_at: datetime | None
    settled_at: datetime | None
    mail_id: str
    command: str
    reply: int | None
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class SiftedRow:
    """Somebody who was chosen: ``because`` is why they get no mail, "" if they get it."""

    contact_id: int
    address: str
    name: str
    company: str
    because: str
