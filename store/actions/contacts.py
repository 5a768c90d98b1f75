"""Correcting what is known of a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from store import derive, journal
from store.actions.marking import SCOPES, lines, put, read
from store.addresses import address_key, search_fold
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.rows import Change
from store.times import to_ms
from store.vocabulary import Decision


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

    Raises:
        Refused: no valid address, the same address, or one that belongs to another contact.
        NotFound: no such recipient.
    """
    wanted = check_address(address)
    key = address_key(wanted)
    ms = to_ms(now)

    def change() -> Change:
        before = read(store, "recipient", [recipient_id], ("contact_id", "bounced_at"))
        if recipient_id not in before:
            raise NotFound("This recipient is no longer there.")
        row = before[recipient_id]
        contact = row["contact_id"]
        contacts = read(store, "contact", [contact], ("name",))
        old = contacts[contact]
        if old["email_key"] == key:
            raise Refused(f"{clean(wanted)} is the address already.")
        other = store.execute(
            "SELECT name, email FROM contact WHERE email_key = ? AND id <> ?", (key, contact)
        ).fetchone()
        if other:
            raise Refused(f"{clean(wanted)} belongs to {clean(other[0] or other[1])} already.")
        blocked = store.execute("SELECT 1 FROM address WHERE key = ? AND blocked_at IS NOT NULL", (key,)).fetchone()
        if blocked:
            raise Refused(f"{clean(wanted)} is blocked itself.")
        fixed: dict[str, Any] = {"email": wanted, "email_key": key}
        if not old["name"]:
            fixed["sort_key"] = search_fold(wanted)
        mark = {
            "decision": Decision.FIXED.code,
            "decided_at": max(ms, row["bounced_at"] or 0),
            "decided_by": who.name,
        }
        put(store, "contact", {contact: fixed})
        put(store, "recipient", {recipient_id: mark})
        index_contacts(store, [contact])
        derive.touch(store, [recipient_id])
        derive.settle(store)
        said = f"{clean(old['email'])} corrected to {clean(wanted)}"
        kept = [*lines("contact", contacts, {contact: fixed}), *lines("recipient", before, {recipient_id: mark})]
        entry = journal.write(store, who, now, "fix", said, kept, subjects=1)
        return Change("fix", entry, 1, said, scopes=SCOPES)

    return store.run(change)


def index_contacts(store: Store, ids: list[int]) -> None:
    """Write the search text of these contacts anew."""
    found = store.among("SELECT id, name, email, company FROM contact WHERE id IN ({})", ids)
    store.execute_many(
        "INSERT INTO contact_search (contact_id, s) VALUES (?, ?)"
        " ON CONFLICT (contact_id) DO UPDATE SET s = excluded.s",
        [(id_, search_fold(f"{name} {email} {company}")) for id_, name, email, company in found],
    )
