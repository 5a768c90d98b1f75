"""People over all campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.rows.addresses import AddressRow
from store.rows.events import EventRow
from store.rows.journal import JournalRow
from store.rows.recipients import RecipientRow
from store.vocabulary import ListKind


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened in a person's history.

    Attributes:
        campaign: whose mail it was about; "" if what an operator did was about the person, or about several campaigns.
        what: an event of a mail, or what an operator did.
    """

    campaign: str
    what: EventRow | JournalRow


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person, however many campaigns they are in.

    Attributes:
        id: the contact's number.
        address: today's address; "" if it was deleted.
        earlier: other addresses they had, in plans or before a correction, the newest first.
        campaigns: campaigns whose plan they are in.
        newest: their row in the newest of these; None if they are in none.
        last: the last event of any of their mails; None: nothing happened yet.
        former: whether they were marked as a former employee.
        blocked: whether today's address is blocked.
        complained: whether they complained about any campaign.
        unsubscribed: whether they unsubscribed from any campaign.
        consent: False: they do not consent to mail.
    """

    id: int
    name: str
    company: str
    address: str
    earlier: tuple[str, ...]
    campaigns: int
    newest: RecipientRow | None
    last: Happening | None
    former: bool
    blocked: bool
    complained: bool
    unsubscribed: bool
    consent: bool | None

    # What files hold.
    @property
    def other_addresses(self) -> str:
        """The earlier addresses in a line."""
        return ", ".join(self.earlier)

    @property
    def last_event(self) -> str:
        """What happened last."""
        return self.last.what.type.value if self.last is not None and isinstance(self.last.what, EventRow) else ""

    @property
    def last_at(self) -> datetime | None:
        """When it happened."""
        return self.last.what.ts if self.last is not None else None

    @property
    def last_campaign(self) -> str:
        """In which campaign."""
        return self.last.campaign if self.last is not None else ""


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How an address of a person stands.

    Attributes:
        row: what is known of it.
        today: whether it is the address that they have today.
        by: by what it is blocked: an operator, or a campaign; "" if several campaigns did it, or it is not blocked.
    """

    row: AddressRow
    today: bool
    by: str


@dataclass(frozen=True, slots=True)
class Membership:
    """A list that a person is on."""

    list_id: int
    kind: ListKind
    name: str


@dataclass(frozen=True, slots=True)
class PersonHistory:
    """Everything about one person over all campaigns.

    Attributes:
        person: the person.
        crm_id: the contact's id in the CRM.
        tracking_at: since when ``tracking_consent`` is as it is; None: that is not known.
        tracking_source: who or what said so; "" if that is not known.
        recipients: their rows, the oldest campaign first, without repetitions in one list.
        addresses: how each address of theirs stands, today's first.
        lists: the lists they are on, by kind and name.
        happened: events of all their mails and what operators did, oldest first.
    """

    person: PersonRow
    crm_id: str | None
    language: str
    responsible: str
    tracking_consent: bool | None
    tracking_at: datetime | None
    tracking_source: str
    recipients: tuple[RecipientRow, ...]
    addresses: tuple[StandingRow, ...]
    lists: tuple[Membership, ...]
    happened: tuple[Happening, ...]
