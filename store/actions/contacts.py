"""Correcting what is known of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from store import journal
from store.actions.marking import SCOPES, Refusal, decided, left_alone, lines, nothing, put, read
from store.addresses import address_key, search_fold
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.marks import mark
from store.queries.objections import Wanted, objections
from store.rows import Change
from store.syntax import is_address
from store.times import to_ms
from store.vocabulary import Decision

_GONE = "It is no longer there."


def check_address(text: str) -> str:
    """Check the syntax of an address and return it in normal form (no DNS is asked).

    Raises:
        Refused: it is no address; the text says what is wrong (RFC 5321 4.1.2, RFC 6531, by email-validator).
    """
    from email_validator import EmailNotValidError, validate_email

    stripped = text.strip()
    if not stripped:
        raise Refused("An address is needed.")
    try:
        found = validate_email(stripped, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Refused(f"{clean(stripped)} is no address: {error}") from error
    return found.normalized


def fix(store: Store, recipient_id: int, address: str, who: Operator, now: datetime) -> Change:
    """Move a recipient's contact to a corrected address; what is known of the old address stays with the old one.

    Where the contact has that address by now, only the failure is taken as decided.

    Raises:
        Refused: no valid address, the same address, or one that must not be written to or would get the mail twice.
        NotFound: no such recipient.
    """
    wanted = check_address(address)

    def change() -> Change:
        done = _correct(store, {recipient_id: wanted}, who, now, "fix")
        if not done.count:
            why = done.refused[0][1]
            raise NotFound("This recipient is no longer there.") if why == _GONE else Refused(why)
        return done

    return store.run(change)


def accept(store: Store, wanted: Mapping[int, str], who: Operator, now: datetime) -> Change:
    """Move the contacts of recipients to suggested addresses, one journal entry for all of them.

    Left alone is whoever's contact was given another address meanwhile, and what :func:`fix` refuses.

    Args:
        store: the open store.
        wanted: recipient id -> address, as suggested.
        who: the operator.
        now: aware UTC time.
    """
    return store.run(lambda: _correct(store, wanted, who, now, "accept"))


@dataclass(slots=True)
class _Corrections:
    """What is to be changed: columns by contact and by recipient, and what is left alone."""

    contacts: dict[int, dict[str, Any]] = field(default_factory=dict)
    recipients: dict[int, dict[str, Any]] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)


def _correct(store: Store, wanted: Mapping[int, str], who: Operator, now: datetime, verb: str) -> Change:
    ms = to_ms(now)
    before = read(
        store, "recipient", list(wanted), ("contact_id", "campaign_id", "bounced_at", "address", "address_key")
    )
    contacts = read(store, "contact", sorted({row["contact_id"] for row in before.values()}), ("name",))
    against = objections(
        store,
        (Wanted(id_, row["campaign_id"], row["contact_id"], address_key(wanted[id_])) for id_, row in before.items()),
    )
    made = _Corrections()
    for id_, address in wanted.items():
        row = before.get(id_)
        why = _GONE if row is None else against.get((id_, address_key(address)), "")
        if row is not None and not why:
            why = _move(made, row, contacts[row["contact_id"]], address, suggested=verb == "accept")
        if why or row is None:
            made.refused.append((id_, why if why == _GONE else f"{clean(address)} {why}."))
        else:
            made.recipients[id_] = decided(Decision.FIXED, who, max(ms, row["bounced_at"] or 0))
    if not made.recipients:
        return Change(verb, None, 0, nothing(made.refused), tuple(made.refused))
    put(store, "contact", made.contacts)
    index_contacts(store, list(made.contacts))
    mark(store, made.recipients)
    first = next(iter(made.recipients))
    said = f"{len(made.recipients):,} addresses corrected"
    if len(made.recipients) == 1:
        said = f"{clean(_old(before[first], contacts))} corrected to {clean(wanted[first])}"
    said += left_alone(made.refused)
    kept = [*lines("contact", contacts, made.contacts), *lines("recipient", before, made.recipients)]
    entry = journal.write(store, who, now, verb, said, kept, subjects=len(made.recipients))
    return Change(verb, entry, len(made.recipients), said, tuple(made.refused), SCOPES)


def _move(
    made: _Corrections, row: Mapping[str, Any], contact: Mapping[str, Any], address: str, *, suggested: bool
) -> str:
    """Note that a contact moves to an address; return why it does not, to be said behind the address."""
    key, id_ = address_key(address), row["contact_id"]
    if key == row["address_key"] == contact["email_key"] and is_address(contact["email"]):
        return "is the address already"
    if made.taken.setdefault(key, id_) != id_:
        return "is another one's of them by now"
    moved = made.contacts.get(id_, contact)
    if moved["email_key"] == key and row["address_key"] != key:
        return ""
    if id_ in made.contacts or (suggested and contact["email_key"] != row["address_key"]):
        return f"is not what the contact has by now, {clean(moved['email']) or 'nothing'}"
    made.contacts[id_] = {"email": address, "email_key": key}
    if not contact["name"]:
        made.contacts[id_]["sort_key"] = search_fold(address)
    return ""


def _old(row: Mapping[str, Any], contacts: Mapping[int, Mapping[str, Any]]) -> str:
    """Return the address that was corrected: the contact's, or the recipient's where the contact had the right one."""
    contact = contacts[row["contact_id"]]
    return str(contact["email"] if contact["email_key"] == row["address_key"] else row["address"])


def index_contacts(store: Store, ids: list[int]) -> None:
    """Write the search text of these contacts anew."""
    found = store.among("SELECT id, name, email, company FROM contact WHERE id IN ({})", ids)
    store.execute_many(
        "INSERT INTO contact_search (contact_id, s) VALUES (?, ?)"
        " ON CONFLICT (contact_id) DO UPDATE SET s = excluded.s",
        [(id_, search_fold(f"{name} {email} {company}")) for id_, name, email, company in found],
    )
