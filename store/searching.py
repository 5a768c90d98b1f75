"""The index of trigrams under which contacts are searched: who is found without reading all of them.

``contact_trigram`` indexes ``contact_search.s`` of the contacts up to ``indexed.contacts``; triggers keep it right when
such a contact changes. New ones are added set by set, after an import has landed (:func:`index_new`), and are searched
by reading them until then. ``elsewhere`` holds the recipients up to ``indexed.recipients`` whose own address may not
stand in the text of their contact: it has moved since, or is written in another alphabet. Some others may stand there,
too. Where the database has no such index, everything is searched by reading it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from store.database import Connection, Store

TABLE = "contact_trigram"
_SLICE = 50_000
_LENGTH = 3
_LONGEST = 64
"""Longer terms have very many trigrams."""

_NOT_PLAIN = frozenset("%_\0")
"""A term with one of these is looked for with instr()."""

_LOOKED_UP = 3
"""So many trigrams narrow who may fit enough; each further one costs reading all who have it."""

_PLACES = 8
_NEIGHBOURS = 16
"""Texts are sampled at so many places, so many at each: they lie together, and are read at once."""

_ALIKE = 50
"""Trigrams whose shares of the sample differ by less than one of so many are about as rare."""

_RARE = 25
"""If more than one of so many contacts may fit, reading all of them is quicker."""

_FEWEST = 1000
_LOOKS = {"contact_search": ("contacts", "contact_search_back"), "recipient": ("recipients", "recipient_back")}
"""Table -> up to where it is indexed, and the trigger that looks at its new rows."""

_MANY = 5_000
"""So many new rows are worth a change of the tables' form, which other connections have to read anew."""

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
    upto = _goes_to(store, "contacts")
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


def _goes_to(store: Store, column: str) -> int:
    return int(store.execute(f"SELECT {column} FROM indexed").fetchone()[0])


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


@contextmanager
def unwatched(store: Store, table: str, above: int, rows: int) -> Iterator[None]:
    """Add many rows to ``contact_search`` or ``recipient``, inside a transaction, without a look of the index at each.

    Those above where the index goes are left to :func:`index_new` anyway. A trigger that only finds that out costs a
    third of the time: SQLite keeps all rows in a temporary table first where there is one.

    Args:
        store: the open store.
        table: one of the two.
        above: all new rows have higher ids.
        rows: about how many there are.
    """
    column, trigger = _LOOKS[table]
    made: tuple[str] | None = None
    if rows > _MANY and store.is_there(TABLE) and _goes_to(store, column) <= above:
        made = store.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", (trigger,)).fetchone()
        store.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    yield
    if made is not None:
        store.execute(made[0])


def narrowing(connection: Connection, terms: Sequence[str]) -> str | None:
    """Return what to ask of the index for the contacts among whom all are that contain these terms.

    Only the rarest trigrams are asked for: for a common one, the index has to read everybody who has it. Which ones are
    rare, a sample of the texts tells.

    Args:
        connection: for reading, in a store that has the index.
        terms: folded words.

    Returns:
        A query of FTS5; None if reading all contacts is quicker, or nothing else is possible.
    """
    trigrams = _trigrams(terms)
    if not trigrams:
        return None
    (upto,) = connection.execute("SELECT contacts FROM indexed").fetchone()
    query = " AND ".join(map(_quoted, _rarest(connection, trigrams, upto)))
    most = max(upto // _RARE, _FEWEST)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {TABLE} WHERE {TABLE} MATCH ? LIMIT ?)"
    (found,) = connection.execute(sql, (query, most + 1)).fetchone()
    return query if found <= most else None


def _trigrams(terms: Sequence[str]) -> list[str]:
    """Return each trigram once, of the terms that are compared with LIKE: it and the index end a text at NUL."""
    plain = (term for term in terms if len(term) <= _LONGEST and not _NOT_PLAIN & set(term))
    windows = (term[start : start + _LENGTH] for term in plain for start in range(len(term) - _LENGTH + 1))
    return list(dict.fromkeys(windows))


def _quoted(trigram: str) -> str:
    """Return a trigram as FTS5 takes it (sqlite.org/fts5.html, section 3.1)."""
    doubled = trigram.replace('"', '""')
    return f'"{doubled}"'


def _rarest(connection: Connection, trigrams: Sequence[str], upto: int) -> list[str]:
    """Return the trigrams to look up: the rarest, and those that are about as rare."""
    if len(trigrams) == 1:
        return list(trigrams)
    ids = [upto * place // _PLACES + number for place in range(_PLACES) for number in range(_NEIGHBOURS)]
    sql = "SELECT s FROM contact_search WHERE contact_id IN (SELECT value FROM json_each(?))"
    sample = "\n".join(text for (text,) in connection.execute(sql, (json.dumps(ids),)))
    counts = {trigram: sample.count(trigram) for trigram in trigrams}
    ranked = sorted(trigrams, key=counts.__getitem__)
    limit = counts[ranked[0]] + len(ids) // _ALIKE
    return [trigram for trigram in ranked[:_LOOKED_UP] if counts[trigram] <= limit]
