"""Mails that wait in a mail queue."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class QueuedRow:
    """A mail of one campaign in a Postfix queue.

    Attributes:
        id: its number in the listing.
        queue_id: with ``arrived_at``, ``sender`` and ``addresses`` it names the mail.
        queue: "deferred", "active", "incoming" or "hold".
        sender: the envelope sender.
        addresses: to whom it still has to be delivered.
        recipient_ids: the campaign's recipients that these are, in the same order.
        name: of the first of them.
        message_id: its Message-ID, "" if it has none.
        reason: why it has not been delivered yet, "" if it was not tried.
    """

    id: int
    queue_id: str
    queue: str
    arrived_at: datetime
    size_bytes: int
    sender: str
    addresses: tuple[str, ...]
    recipient_ids: tuple[int, ...]
    name: str
    message_id: str
    reason: str

    @property
    def held(self) -> bool:
        """Whether it is on hold, so that Postfix does not try to deliver it."""
        return self.queue == "hold"

    @property
    def identity(self) -> tuple[str, datetime, str, tuple[str, ...]]:
        """What a mail is known again by, since queue ids are used again."""
        return self.queue_id, self.arrived_at, self.sender, tuple(sorted(self.addresses))


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What a Postfix queue holds, as seen from one campaign.

    Attributes:
        instance: which Postfix, in words.
        config: its configuration directory; "": the machine's own.
        mails: those that are surely of the campaign.
        unsure: mails to its recipients of which nothing says that they are the campaign's; they are never touched.
        others: all other mails.
    """

    instance: str
    config: str
    mails: tuple[QueuedRow, ...]
    unsure: int
    others: int

    @property
    def held(self) -> int:
        """How many are on hold."""
        return sum(mail.held for mail in self.mails)

    @property
    def waiting(self) -> int:
        """How many Postfix still tries to deliver."""
        return len(self.mails) - self.held

    def chosen(self, ids: Collection[int] | None) -> tuple[QueuedRow, ...]:
        """Return the mails with these numbers; None: all."""
        return tuple(mail for mail in self.mails if ids is None or mail.id in ids)
