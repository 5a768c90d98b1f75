"""The index of trigrams under which contacts are searched: who is found without reading all of them.

``contact_trigram`` indexes ``contact_search.s`` of the contacts up to ``indexed.contacts``; triggers keep it right when
such a contact changes. New ones are added set by set, after an import has landed (:func:`index_new`), and are searched
by reading them until then. ``elsewhere`` holds the recipients up to ``indexed.recipients`` whose own address may not
stand in the text of their contact: it has moved since, or is written in another alphabet. Some others may stand there,
too. Where the database has no such index, everything is searched by reading it.
"""

from __future__ import annotations

from collections.abc import Sequence

from store.database import Connection, Store

TABLE = "contact_trigram"
_SLICE = 50_000
_LENGTHS = range(3, 65)
"""Shorter terms have no trigram, longer ones very many."""

_WILDCARDS = frozenset("%_\0")
_RARE = 25
"""If more than one of so many contacts fits, reading all of them is quicker."""

_FEWEST = 1000
_NEW_CONTACTS = "SELECT contact_id FROM contact_search WHERE contact_id > ? ORDER BY contact_id LIMIT ?"


def index_new(store: Store) -> int:
    """Index the contacts that are not yet, a transaction a slice, and return how many there were."""
    if not store.is_there(TABLE):
        return 0
    found = 0
    while (count := store.run(lambda: _index_contacts(store))) is not None:
        found += count
    while store.run(lambda: _index_recipients(store)):
        pass
    return found


def _index_contacts(store: Store) -> int | None:
    (upto,) = store.execute("SELECT contacts FROM indexed").fetchone()
    last, count = store.execute(f"SELECT max(contact_id), count(*) FROM ({_NEW_CONTACTS})", (upto, _SLICE)).fetchone()
    if not count:
        return None
    store.execute(
        f"INSERT INTO {TABLE} (rowid, s) SELECT contact_id, s FROM contact_search"
        " WHERE contact_id > ? AND contact_id <= ? ORDER BY contact_id",
        (upto, last),
    )
    store.execute("UPDATE indexed SET contacts = ?", (last,))
    return int(count)


def _index_recipients(store: Store) -> bool:
    """Look at the next recipients whether their addresses stand elsewhere; tell whether there were any.

    Only while every contact is indexed: the text of a new one may change without anybody being told of its recipients.
    """
    contacts, upto = store.execute("SELECT contacts, recipients FROM indexed").fetchone()
    if store.execute(_NEW_CONTACTS, (contacts, 1)).fetchone() is not None:
        return False
    sql = "SELECT max(id) FROM (SELECT id FROM recipient WHERE id > ? ORDER BY id LIMIT ?)"
    (last,) = store.execute(sql, (upto, _SLICE)).fetchone()
    if last is None:
        return False
    store.execute(
        "INSERT OR IGNORE INTO elsewhere SELECT r.id FROM recipient AS r LEFT JOIN contact_search AS cs"
        " ON cs.contact_id = r.contact_id WHERE r.id > ? AND r.id <= ?"
        " AND (cs.s IS NULL OR instr(cs.s, r.address_key) = 0)",
        (upto, last),
    )
    store.execute("UPDATE indexed SET recipients = ?", (last,))
    return True


def contacts_with(connection: Connection, terms: Sequence[str]) -> list[int] | None:
    """Return the ids of the contacts in whose text all of these terms stand, in a store that has the index.

    Args:
        connection: for reading.
        terms: folded words.

    Returns:
        The ids; None if reading all contacts is quicker, or nothing else is possible.
    """
    quick = [term for term in terms if len(term) in _LENGTHS and not _WILDCARDS & set(term)]
    if not quick:
        return None
    (upto,) = connection.execute("SELECT contacts FROM indexed").fetchone()
    others = [term for term in terms if term not in quick]
    tests = " AND ".join([*["s LIKE ?"] * len(quick), *["instr(s, ?) > 0"] * len(others)])
    looked_for = [*(f"%{term}%" for term in quick), *others]
    most = max(upto // _RARE, _FEWEST)
    found = connection.execute(f"SELECT rowid FROM {TABLE} WHERE {tests} LIMIT ?", (*looked_for, most + 1)).fetchall()
    if len(found) > most:
        return None
    sql = f"SELECT contact_id FROM contact_search WHERE contact_id > ? AND {tests}"
    return [id_ for (id_,) in (*found, *connection.execute(sql, (upto, *looked_for)).fetchall())]
