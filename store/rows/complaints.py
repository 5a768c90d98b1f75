"""Complaints about spam."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.rows.recipients import RecipientRow
from store.vocabulary import Source


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """Somebody who complained about a campaign's mail.

    Attributes:
        recipient: whose mail it was.
        at: when.
        feedback: the sort of complaint (RFC 5965: "abuse", "fraud", …); "" if nothing told it.
        source: what told it; None if only an older import did.
        feed: the format of the file or mailbox that told it ("ses events"); "" if it was none.
        consent: the contact's consent today; False: it was withdrawn.
        blocked_at: since when the address is blocked; None: it is not.
        sent_since: mails of other campaigns that were sent to the person or the address after the complaint.
        sent_last: the last of those campaigns; "" without any.
    """

    recipient: RecipientRow
    at: datetime
    feedback: str
    source: Source | None
    feed: str
    consent: bool | None
    blocked_at: datetime | None
    sent_since: int
    sent_last: str

    @property
    def id(self) -> int:
        """The recipient's id."""
        return self.recipient.id

    @property
    def withdrawn(self) -> bool:
        """Whether the person's consent is withdrawn."""
        return self.consent is False

    @property
    def wrong(self) -> bool:
        """Whether mail was sent after the complaint, or still may be."""
        return bool(self.sent_since) or not self.withdrawn

    # What files hold of the recipient.
    @property
    def address(self) -> str:
        """The address used."""
        return self.recipient.address

    @property
    def name(self) -> str:
        """The person's name."""
        return self.recipient.name

    @property
    def company(self) -> str:
        """The person's company."""
        return self.recipient.company

    @property
    def campaign(self) -> str:
        """The campaign complained about."""
        return self.recipient.campaign
