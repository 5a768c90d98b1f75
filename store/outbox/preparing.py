"""Making a send ready: a campaign of its own, its message, and one row of the outbox for each who gets it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from store import derive, journal
from store.addresses import address_key, campaign_key
from store.cleaning import clean, normalized
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.outbox.content import Message
from store.outbox.keeping import keep
from store.outbox.mailid import is_key, mail_id
from store.outbox.whom import Sifted, Whom, sifted
from store.queries.relays import find_relay
from store.times import to_ms
from store.vocabulary import Delivery, Engagement, OutboxState, SendState, SkipReason, Triage

_LONGEST_KEY = 40
_ANALYZED_FROM = 1000
_RECIPIENTS = (
    "INSERT INTO recipient (id, campaign_id, contact_id, address, address_key, occurrence, skip_reason, delivery,"
    " engagement, triage, partly, clicks) SELECT ?1 + s.id, ?2, s.contact_id, s.address, s.key, s.occurrence, s.skip,"
    f" CASE WHEN s.skip IS NULL THEN {Delivery.READY.code} ELSE {Delivery.SKIPPED.code} END, {Engagement.NONE.code},"
    f" {Triage.NONE.code}, FALSE, 0 FROM sifting AS s ORDER BY s.id"
)
_OUTBOX = (
    "INSERT INTO outbox (message_id, recipient_id, state, attempts, next_at, landed, mail_id)"
    f" SELECT ?1, ?2 + s.id, {OutboxState.WAITING.code}, 0, 0, TRUE, mail_name(?2 + s.id) FROM sifting AS s"
    " WHERE s.skip IS NULL ORDER BY s.id"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent, and to whom.

    Attributes:
        name: of the campaign that the send will be.
        relay: the relay's name; None: the only one.
        parent_id: the campaign that it follows up.
        rate: mails a second; None: the relay's.
        connections: how many at a time; None: the relay's.
    """

    name: str
    message: Message
    whom: Whom
    relay: str | None = None
    parent_id: int | None = None
    rate: float | None = None
    connections: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A send that is ready: nothing leaves before it is started."""

    message_id: int
    campaign_id: int
    campaign: str
    key: str
    count: int
    left_out: dict[SkipReason, int]


def prepare(store: Store, draft: Draft, who: Operator, now: datetime) -> Prepared:
    """Make a send ready, in one transaction with its journal entry.

    Whoever is chosen becomes a recipient of the new campaign, with today's address; those who must not be written to
    are skipped, with the reason, and have no row in the outbox. Only what stands there is ever sent to.

    Raises:
        NotFound: the relay, the list or the parent is not there.
        Refused: the name is empty or taken, nobody is left to be sent to, or the sender is no address.
    """
    name = " ".join("".join(char if char.isprintable() else " " for char in draft.name).split())
    if not name:
        raise Refused("A send needs a name.")

    def change() -> Prepared:
        relay = find_relay(store, draft.relay)
        domain = relay.sender_domain or _domain_of(draft.message.sender)
        with sifted(store, draft.whom) as found:
            if not found.count:
                raise Refused(f"Nobody is left to be sent to{_reasons(found)}.")
            campaign_id, key = _campaign(store, name, draft, to_ms(now))
            message_id = _message(store, campaign_id, draft, relay.name, who, now)
            base = int(store.execute("SELECT coalesce(max(id), 0) FROM recipient").fetchone()[0])
            store.execute(_RECIPIENTS, (base, campaign_id))
            secret = secrets.token_hex(16)
            numbers = f"SELECT {base} + id FROM sifting WHERE skip IS NULL"
            store.teach("mail_name", lambda number: mail_id(key, secret, number, domain), numbers)
            store.execute(_OUTBOX, (message_id, base))
        derive.recount(store, campaign_id)
        if found.chosen >= _ANALYZED_FROM:
            store.execute("ANALYZE recipient")
            store.execute("ANALYZE outbox")
        whom = f" ({clean(draft.whom.words)})" if draft.whom.words else ""
        said = (
            f"“{clean(name)}” made ready for {found.count:,} recipients{whom}{_reasons(found)}, by relay {relay.name}"
        )
        journal.write(store, who, now, "prepare", said, undoable=False, subjects=found.count)
        return Prepared(message_id, campaign_id, name, key, found.count, found.left_out)

    return store.run(change)


def free_name(store: Store, name: str) -> str:
    """Return ``name``, with a number behind it if a campaign is called so already."""
    taken = {campaign_key(text) for row in store.rows("SELECT name, key FROM campaign") for text in row}
    number, wanted = 1, name
    while campaign_key(wanted) in taken or _key(wanted) in taken:
        number += 1
        wanted = f"{name} {number}"
    return wanted


def _reasons(found: Sifted) -> str:
    if not found.left_out:
        return ""
    return f"; left out: {', '.join(f'{count:,} {reason}' for reason, count in found.left_out.items())}"


def _domain_of(sender: str) -> str:
    """Return the domain of a From header, as a Message-ID can hold it."""
    _, at, domain = address_key(parseaddr(sender)[1]).rpartition("@")
    if not at or not re.fullmatch(r"[a-z0-9.-]+", domain):
        raise Refused(f"“{clean(sender)}” is no sender: an address is needed, for example Ann <ann@shop.example>.")
    return domain


def _key(name: str) -> str:
    """Return the key of a campaign: letters, digits and hyphens, as X-Campaign-ID and Message-ID can hold them."""
    plain = normalized("NFKD", name.casefold()).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_KEY].strip("-") or "send"


def _campaign(store: Store, name: str, draft: Draft, at: int) -> tuple[int, str]:
    if draft.parent_id is not None:
        if not store.execute("SELECT 1 FROM campaign WHERE id = ?", (draft.parent_id,)).fetchone():
            raise NotFound("The campaign that this follows up is no longer there.")
    taken = {campaign_key(text) for row in store.execute("SELECT name, key FROM campaign").fetchall() for text in row}
    if campaign_key(name) in taken:
        raise Refused(f"There is a campaign “{clean(name)}” already; give this send another name with --name.")
    wished = draft.message.campaign.strip().casefold()
    if wished and not is_key(wished):
        raise Refused(f"“{clean(wished)}” cannot be the key of a campaign; letters, digits, - and _ make one.")
    number, key = 1, wished or _key(name)
    while key in taken:
        number += 1
        key = f"{wished or _key(name)}-{number}"
    cursor = store.execute(
        "INSERT INTO campaign (name, key, subject, keyed, created_at, parent_id) VALUES (?, ?, ?, FALSE, ?, ?)",
        (name, key, draft.message.subject, at, draft.parent_id),
    )
    return int(cursor.lastrowid), key


def _message(store: Store, campaign_id: int, draft: Draft, relay: str, who: Operator, now: datetime) -> int:
    columns = {
        **keep(draft.message),
        "campaign_id": campaign_id,
        "state": SendState.READY.code,
        "why": "",
        "relay": relay,
        "rate": draft.rate,
        "connections": draft.connections,
        "made_at": to_ms(now),
        "made_by": who.name,
    }
    marks = ", ".join("?" * len(columns))
    cursor = store.execute(f"INSERT INTO message ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))
    return int(cursor.lastrowid)
