"""The rows of a forgotten person, table by table: what tells who it was goes, what counts stays.

Each function is called inside the transaction of :func:`store.actions.forgetting.forget`, and returns how many rows it
changed. Events keep their times, so that every state that follows from them stays as it is; the keys by which they are
known again are hashed once more, so that they fit no address that somebody tries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.addresses import address_key
from store.database import Store
from store.feeds.storing import dedupe_key, outcome_key, record_from_json, record_to_json
from store.matching import CONTACT, keys_of
from store.pseudonyms import DOMAIN, Pseudonyms

_BY_KEY = "SELECT id, record FROM {} WHERE address_key IN ({{}})"
_EVENT = "SELECT id, recipient_id, address, message_id, outcome, dedupe FROM event WHERE {} IN ({{}})"


def messages(store: Store, recipients: Sequence[int]) -> set[str]:
    """Return the Message-IDs of the mails to a person; nothing is changed."""
    sql = "SELECT DISTINCT message_id FROM event WHERE message_id IS NOT NULL AND recipient_id IN ({})"
    return {id_ for (id_,) in store.among(sql, recipients)}


def events(store: Store, names: Pseudonyms, recipients: Sequence[int], keys: Sequence[str]) -> tuple[int, list[int]]:
    """Erase what events tell of a person: the person's own, and those of others whose mail was led on to the person.

    Returns:
        How many, and the recipients among the others whose events were changed.
    """
    own = set(recipients)
    found = list(store.among(_EVENT.format("recipient_id"), recipients))
    led = [row for row in store.among(_EVENT.format("lower(address)"), keys) if row[1] not in own]
    store.execute_many(
        "UPDATE event SET address = ?, message_id = ?, outcome = ?, dedupe = ?, location = '', diagnostic = NULL"
        " WHERE id = ?",
        [_veiled(names, row) for row in [*found, *led] if not _is_veiled(row)],
    )
    return len(found) + len(led), sorted({row[1] for row in led})


def _is_veiled(row: tuple[Any, ...]) -> bool:
    """Tell whether an event came when the person was forgotten already."""
    return any(text is not None and text.endswith("@" + DOMAIN) for text in (row[2], row[3]))


def _veiled(names: Pseudonyms, row: tuple[Any, ...]) -> tuple[Any, ...]:
    id_, _, address, message_id, outcome, dedupe = row
    address = None if address is None else names.address(address)
    message_id = None if message_id is None else names.message_id(message_id)
    if outcome is not None:
        outcome = outcome_key(message_id, None if address is None else address_key(address))
    return address, message_id, outcome, names.dedupe(bytes(dedupe)), id_


def strangers(store: Store, names: Pseudonyms, keys: Sequence[str], crm_ids: Sequence[str]) -> int:
    """Erase the person from records that belong to nobody in a plan; they still count."""
    wanted = [*keys, *(CONTACT + crm_id for crm_id in crm_ids)]
    found = {id_: text for id_, text in store.among(_BY_KEY.format("stranger"), wanted)}
    found |= _naming(store, "stranger", keys)
    rows = []
    for id_, text in found.items():
        record = names.veil(record_from_json(text))
        of = keys_of(record)
        rows.append((of[0] if of else "", record.message_id, record_to_json(record), dedupe_key(record), id_))
    store.execute_many("UPDATE stranger SET address_key = ?, message_id = ?, record = ?, dedupe = ? WHERE id = ?", rows)
    return len(rows)


def guesses(store: Store, recipients: Sequence[int], keys: Sequence[str]) -> int:
    """Drop the records of guesses, which are final from now on: the events that were made of them stay."""
    found = {id_ for (id_,) in store.among("SELECT id FROM guess WHERE recipient_id IN ({})", recipients)}
    found |= {id_ for id_, _ in store.among(_BY_KEY.format("guess"), keys)} | set(_naming(store, "guess", keys))
    store.execute_many("DELETE FROM guess WHERE id = ?", [(id_,) for id_ in found])
    return len(found)


def _naming(store: Store, table: str, keys: Sequence[str]) -> dict[int, str]:
    """Return the records of a table that name an address as one of their recipients, under whichever key they stand."""
    named: dict[int, str] = {}
    for key in keys:
        like = "%" + "".join(char if char.isascii() and char not in "%_\\" else "_" for char in key) + "%"
        found = store.execute(f"SELECT id, record FROM {table} WHERE lower(record) LIKE ?", (like,)).fetchall()
        for id_, text in found:
            record = record_from_json(text)
            if key in {address_key(one) for one in (record.address, record.original, record.verp) if one}:
                named[id_] = text
    return named


def memberships(store: Store, contact_ids: Sequence[int]) -> int:
    """Take contacts off all lists, also those that were deleted."""
    found = list(store.among("SELECT list_id, contact_id FROM list_member WHERE contact_id IN ({})", contact_ids))
    store.execute_many("DELETE FROM list_member WHERE list_id = ? AND contact_id = ?", found)
    return len(found)


def sent(store: Store, names: Pseudonyms, recipients: Sequence[int]) -> int:
    """Erase by what mails that were sent from here, or pulled out of a queue, are known elsewhere."""
    rows = list(store.among("SELECT id, mail_id FROM outbox WHERE recipient_id IN ({})", recipients))
    store.execute_many(
        "UPDATE outbox SET mail_id = ?, diagnostic = NULL WHERE id = ?",
        [(names.message_id(mail_id), id_) for id_, mail_id in rows],
    )
    pulled = list(store.among("SELECT id, message_id, queue_id FROM pulled WHERE recipient_id IN ({})", recipients))
    store.execute_many(
        "UPDATE pulled SET message_id = ?, queue_id = ? WHERE id = ?",
        [
            (message_id and names.message_id(message_id), names.digest(queue_id), id_)
            for id_, message_id, queue_id in pulled
        ],
    )
    store.execute_many(
        "DELETE FROM journal_line WHERE subject = 'pulled' AND subject_id = ?", [(id_,) for id_, *_ in pulled]
    )
    return len(rows) + len(pulled)


def addresses(store: Store, names: Pseudonyms, keys: Sequence[str]) -> int:
    """Put pseudonyms in the place of addresses that are known over all campaigns; how they stand stays."""
    found = [key for (key,) in store.among("SELECT key FROM address WHERE key IN ({})", keys)]
    store.execute_many(
        "UPDATE address SET key = ?, address = ? WHERE key = ?",
        [(names.address(key), names.address(key), key) for key in found],
    )
    return len(found)


def contacts(store: Store, names: Pseudonyms, contact_ids: Sequence[int], at: int) -> None:
    """Empty the contacts themselves; whoever was forgotten consents to nothing."""
    rows = store.among("SELECT id, ident, crm_id, email_key FROM contact WHERE id IN ({})", contact_ids)
    found = [(id_, ident, crm_id, names.address(key)) for id_, ident, crm_id, key in rows]
    store.execute_many(
        "UPDATE contact SET ident = ?, crm_id = ?, email = ?, email_key = ?, name = '', company = '', language = '',"
        " responsible = '', consent = FALSE, tracking_consent = FALSE, tracking_at = ?, tracking_source = 'forget',"
        " sort_key = ?, company_key = '', updated_at = ? WHERE id = ?",
        [
            (_ident(names, ident), crm_id and names.contact(crm_id), pseudonym, pseudonym, at, pseudonym, at, id_)
            for id_, ident, crm_id, pseudonym in found
        ],
    )


def _ident(names: Pseudonyms, ident: str) -> str:
    kind, _, rest = ident.partition(":")
    if kind == "crm":
        return CONTACT + names.contact(rest)
    return f"mail:{names.address(rest)}" if kind == "mail" else f"name:{names.digest(ident)}"


def journal_lines(store: Store, contact_ids: Sequence[int], recipients: Sequence[int]) -> int:
    """Drop the lines with what a person's contact held, places on lists, and records that were assigned to the person.

    Entries that are left without any line cannot be undone any more; the others lose the person.
    """
    found = set(
        store.among(
            "SELECT journal_id, subject, subject_id FROM journal_line WHERE (subject = 'contact'"
            " OR subject >= 'member:' AND subject < 'member;') AND subject_id IN ({})",
            contact_ids,
        )
    )
    assigned = {
        entry
        for (entry,) in store.among(
            "SELECT journal_id FROM journal_line WHERE subject = 'assigned' AND subject_id IN ({})", recipients
        )
    }
    found.update(
        store.among(
            "SELECT journal_id, subject, subject_id FROM journal_line WHERE subject IN ('stranger', 'assigned')"
            " AND journal_id IN ({})",
            sorted(assigned),
        )
    )
    store.execute_many("DELETE FROM journal_line WHERE journal_id = ? AND subject = ? AND subject_id = ?", list(found))
    store.execute_many(
        "UPDATE journal SET undoable = FALSE WHERE id = ?"
        " AND NOT EXISTS (SELECT 1 FROM journal_line AS l WHERE l.journal_id = journal.id)",
        [(entry,) for entry in sorted({row[0] for row in found})],
    )
    return len(found)
