"""Who is meant, and by what the person is known in the store: rows, addresses, names, ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store.addresses import address_key
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.queries.people import PeopleView

_NAMED = 5
"""So many people are named where words fit several."""

_BEFORE = "json_extract(l.before, '$.email_key')"
_TODAY = "SELECT id FROM contact WHERE email_key = ? ORDER BY id"
_EARLIER = (
    "SELECT contact_id FROM recipient WHERE address_key = ?1 UNION SELECT l.subject_id FROM journal_line AS l"
    f" WHERE l.subject = 'contact' AND {_BEFORE} = ?1"
)
_ADDRESSES = (
    "SELECT email_key, email FROM contact WHERE id IN (SELECT value FROM json_each(?1))"
    " UNION SELECT address_key, address FROM recipient WHERE contact_id IN (SELECT value FROM json_each(?1))"
    " UNION SELECT substr(ident, 6), substr(ident, 6) FROM contact WHERE ident LIKE 'mail:%'"
    " AND id IN (SELECT value FROM json_each(?1))"
    " UNION SELECT json_extract(l.before, '$.email_key'), json_extract(l.before, '$.email') FROM journal_line AS l"
    " WHERE l.subject = 'contact' AND l.subject_id IN (SELECT value FROM json_each(?1))"
    " UNION SELECT json_extract(l.after, '$.email_key'), json_extract(l.after, '$.email') FROM journal_line AS l"
    " WHERE l.subject = 'contact' AND l.subject_id IN (SELECT value FROM json_each(?1))"
)
_LED_TO = (
    "SELECT DISTINCT e.address FROM recipient AS r CROSS JOIN event AS e ON e.recipient_id = r.id"
    " WHERE r.contact_id IN (SELECT value FROM json_each(?)) AND e.address IS NOT NULL"
)
_OTHERS = (
    "SELECT email_key FROM contact WHERE email_key IN ({0}) AND NOT id IN (SELECT value FROM json_each({1}))"
    " UNION SELECT address_key FROM recipient WHERE address_key IN ({0})"
    " AND NOT contact_id IN (SELECT value FROM json_each({1}))"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """A person, as far as the store knows one.

    Attributes:
        contacts: ids of the contact; none if only records of nobody in a plan tell of the address.
        addresses: key -> the address as it was written: today's, those of plans, those that were corrected.
        led_to: key -> addresses that mail to these was led on to, and that are nobody's else.
        shared: keys among the addresses that other contacts have, too.
        names: what the person is called.
        crm_ids: ids in the CRM.
    """

    contacts: tuple[int, ...]
    addresses: dict[str, str]
    led_to: dict[str, str]
    shared: frozenset[str]
    names: tuple[str, ...]
    crm_ids: tuple[str, ...]

    @property
    def called(self) -> str:
        """Name and address, or what there is of them, for people."""
        name = next(iter(self.names), "")
        address = next(iter(self.addresses.values()), "")
        return clean(f"{name} <{address}>" if name and address else name or address)


def who_is(store: Store, text: str) -> Identity:
    """Return whom an address, ``crm:ID`` or words of the name mean.

    Raises:
        NotFound: nobody.
        Refused: several people; the sentence names some.
    """
    wanted = text.strip()
    if not wanted:
        raise Refused("Say who is meant: an address, crm:ID, or words of the name.")
    key = address_key(wanted)
    found = [id_ for (id_,) in store.rows(_TODAY, (key,))] if "@" in wanted else []
    if "@" in wanted and not found:
        found = [id_ for (id_,) in store.rows(_EARLIER, (key,))]
    if not found and wanted.lower().startswith("crm:"):
        found = [id_ for (id_,) in store.rows("SELECT id FROM contact WHERE ident = ?", ("crm:" + wanted[4:].strip(),))]
    elif not found:
        found = _having(store, wanted)
    if len(found) > 1:
        raise Refused(f"“{clean(wanted)}” fits {len(found):,} people: {_listed(store, found)}; crm:ID names one.")
    if found:
        return identity_of(store, found)
    if "@" in wanted and _told_of(store, key):
        return Identity((), {key: wanted}, {}, frozenset(), (), ())
    raise NotFound(f"Nobody in the store has “{clean(wanted)}” in name, address or company.")


def _having(store: Store, words: str) -> list[int]:
    view = PeopleView(store)
    try:
        view.build(words)
        return [row.id for row in view.page(0, _NAMED + 1)]
    finally:
        view.close()


def _listed(store: Store, ids: Sequence[int]) -> str:
    sql = "SELECT name, email, crm_id FROM contact WHERE id IN ({}) ORDER BY sort_key, id"
    rows = store.among(sql, list(ids)[:_NAMED])
    told = [f"{clean(name or email)} ({f'crm:{clean(crm)}' if crm else clean(email)})" for name, email, crm in rows]
    return ", ".join([*told, *(["…"] if len(ids) > _NAMED else [])])


def _told_of(store: Store, key: str) -> bool:
    """Tell whether records of nobody in a plan, or what is known of addresses, hold this one."""
    return (
        store.row("SELECT 1 FROM stranger WHERE address_key = ? LIMIT 1", (key,)) is not None
        or store.row("SELECT 1 FROM address WHERE key = ? LIMIT 1", (key,)) is not None
    )


def identity_of(store: Store, contact_ids: Iterable[int]) -> Identity:
    """Return by what contacts are known; several stand for one person.

    Raises:
        NotFound: one of them is not there.
    """
    ids = sorted(set(contact_ids))
    array = json.dumps(ids)
    rows = list(store.among("SELECT id, name, crm_id, email_key FROM contact WHERE id IN ({}) ORDER BY id", ids))
    if len(rows) < len(ids):
        raise NotFound("This person is no longer there.")
    today = [key for *_, key in rows if key]
    told = store.rows(_ADDRESSES, (array,))
    found = dict(sorted((key, address or key) for key, address in told if key))
    addresses = {key: found[key] for key in [*today, *sorted(set(found) - set(today))]}
    led_to = {address_key(text): text for (text,) in store.rows(_LED_TO, (array,))}
    shared = _others(store, [*addresses, *led_to], array)
    return Identity(
        tuple(ids),
        addresses,
        {key: text for key, text in led_to.items() if key not in shared and key not in addresses},
        frozenset(shared & set(addresses)),
        tuple(dict.fromkeys(name for _, name, _, _ in rows if name)),
        tuple(dict.fromkeys(crm for _, _, crm, _ in rows if crm)),
    )


def _others(store: Store, keys: Sequence[str], array: str) -> set[str]:
    """Return which of these keys belong to other contacts, too."""
    found: set[str] = set()
    for start in range(0, len(keys), 200):
        some = keys[start : start + 200]
        marks = ", ".join(f"?{number}" for number in range(1, len(some) + 1))
        sql = _OTHERS.format(marks, f"?{len(some) + 1}")
        found.update(key for (key,) in store.rows(sql, (*some, array)))
    return found
