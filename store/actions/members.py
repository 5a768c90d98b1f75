"""Putting many people on lists and taking them off, in few statements, with journal lines and the way back.

Whoever moves people gathers them in the temporary table ``moving`` first, inside the transaction of the action. A
person stands there, and on a list, once, with the recipient row through which they came.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from store.asking import Source
from store.database import Store
from store.errors import NotFound
from store.filters import from_text
from store.obstacles import TODAY
from store.queries.conditions import condition, where

_CREATE = (
    "CREATE TEMP TABLE IF NOT EXISTS moving (contact_id INTEGER NOT NULL PRIMARY KEY, recipient_id INTEGER NOT NULL,"
    " known INTEGER NOT NULL)"
)
_STEP = (
    "CREATE TEMP TABLE IF NOT EXISTS step (contact_id INTEGER NOT NULL PRIMARY KEY, was INTEGER, was_known INTEGER,"
    " shall INTEGER, shall_know INTEGER)"
)
_NUMBER = "CAST(json_extract({}, '$.{}') AS INTEGER)"
_MEMBER = "json_object('recipient_id', {0}, 'known', {1})"


def gather_ids(store: Store, ids: Sequence[int]) -> int:
    """Gather the contacts of these recipients, the first one of each, and return how many they are."""
    _empty(store)
    store.execute(
        "INSERT OR IGNORE INTO moving SELECT r.contact_id, r.id, 0 FROM json_each(?) AS j CROSS JOIN recipient AS r"
        " ON r.id = j.value ORDER BY j.key",
        (json.dumps(list(ids)),),
    )
    _learn(store)
    return moving(store)


def gather(store: Store, source: Source) -> int:
    """Gather the people of a list or a segment and return how many they are.

    Raises:
        NotFound: it is no longer there.
    """
    _empty(store)
    if source.list_id is not None:
        if not store.execute(
            "SELECT 1 FROM mail_list WHERE id = ? AND deleted_at IS NULL", (source.list_id,)
        ).fetchone():
            raise NotFound("This list is no longer there.")
        store.execute(
            "INSERT INTO moving SELECT contact_id, recipient_id, known FROM list_member WHERE list_id = ?",
            (source.list_id,),
        )
        return moving(store)
    found = store.execute(
        "SELECT spec FROM segment WHERE id = ? AND deleted_at IS NULL", (source.segment_id,)
    ).fetchone()
    if not found:
        raise NotFound("This segment is no longer there.")
    asked = condition(from_text(found[0]))
    store.execute(
        f"INSERT INTO moving SELECT r.contact_id, min(r.id), 0 FROM recipient AS r{where(asked)} GROUP BY r.contact_id",
        asked.parameters,
    )
    _learn(store)
    return moving(store)


def gather_from(store: Store, statements: Sequence[str]) -> int:
    """Gather what statements give (contact, recipient, known), the first row of a contact; return how many."""
    _empty(store)
    for statement in statements:
        store.execute(f"INSERT OR IGNORE INTO moving {statement}")
    return moving(store)


def moving(store: Store) -> int:
    """Return how many people are gathered."""
    return int(store.execute("SELECT count(*) FROM moving").fetchone()[0])


def put_on(store: Store, list_id: int) -> int:
    """Put those gathered on a list who are not on it yet; only they remain gathered. Return how many they are."""
    store.execute(
        "DELETE FROM moving WHERE contact_id IN (SELECT contact_id FROM list_member WHERE list_id = ?)", (list_id,)
    )
    store.execute(
        "INSERT INTO list_member (list_id, contact_id, recipient_id, known)"
        " SELECT ?, contact_id, recipient_id, known FROM moving ORDER BY contact_id",
        (list_id,),
    )
    return moving(store)


def learn(store: Store, list_id: int, contacts: Sequence[int] | None = None) -> None:
    """Note what speaks today against these members of a list (None: all), as :func:`put_on` does for those gathered."""
    among = "" if contacts is None else " AND list_member.contact_id IN (SELECT value FROM json_each(?2))"
    store.execute(
        f"UPDATE list_member SET known = {TODAY} FROM contact AS c"
        f" WHERE list_member.list_id = ?1 AND c.id = list_member.contact_id AND list_member.known <> {TODAY}{among}",
        (list_id,) if contacts is None else (list_id, json.dumps(list(contacts))),
    )


def take_off(store: Store, list_id: int) -> int:
    """Take those gathered off a list; only those who were on it remain gathered. Return how many they are."""
    store.execute(
        "DELETE FROM moving WHERE contact_id NOT IN (SELECT contact_id FROM list_member WHERE list_id = ?)", (list_id,)
    )
    store.execute(
        "UPDATE moving SET recipient_id = m.recipient_id, known = m.known FROM list_member AS m"
        " WHERE m.list_id = ? AND m.contact_id = moving.contact_id",
        (list_id,),
    )
    store.execute(
        "DELETE FROM list_member WHERE list_id = ? AND contact_id IN (SELECT contact_id FROM moving)", (list_id,)
    )
    return moving(store)


def keep(store: Store, entry: int, list_id: int, *, came: bool) -> None:
    """Write a journal line for each person gathered: that they came on a list, or that they went off it."""
    columns = "before, after" if came else "after, before"
    store.execute(
        f"INSERT INTO journal_line (journal_id, subject, subject_id, {columns}) SELECT ?, ?, contact_id, NULL,"
        f" {_MEMBER.format('recipient_id', 'known')} FROM moving ORDER BY contact_id",
        (entry, f"member:{list_id}"),
    )


def differing(store: Store) -> int:
    """Return of how many members in ``news`` (:mod:`store.queries.reloading`) something else is known today."""
    return int(store.execute("SELECT count(*) FROM news WHERE today <> known").fetchone()[0])


def learn_today(store: Store, entry: int, list_id: int) -> None:
    """Take what ``news`` says of a list's members as known, with journal lines; those gathered have left it."""
    stays = "n.today <> n.known AND n.contact_id NOT IN (SELECT contact_id FROM moving)"
    was, now = (_MEMBER.format("n.recipient_id", known) for known in ("n.known", "n.today"))
    store.execute(
        "INSERT INTO journal_line (journal_id, subject, subject_id, before, after)"
        f" SELECT ?, ?, n.contact_id, {was}, {now} FROM news AS n WHERE {stays} ORDER BY n.contact_id",
        (entry, f"member:{list_id}"),
    )
    store.execute(
        "UPDATE list_member SET known = n.today FROM news AS n WHERE list_member.list_id = ?"
        f" AND list_member.contact_id = n.contact_id AND {stays}",
        (list_id,),
    )


def move_back(store: Store, entry: int, list_id: int, *, back: bool, kept: Collection[int]) -> tuple[int, list[int]]:
    """Undo (``back``) or redo what an entry did to a list's members; return how many, and who was left alone.

    Whoever somebody moved since is left alone, and so are the members whose recipients ``kept`` names; those are not
    among the returned recipients.
    """
    _turned(store, entry, list_id, back=back)
    if kept:
        store.execute(
            "DELETE FROM step WHERE coalesce(was, shall) IN (SELECT value FROM json_each(?))",
            (json.dumps(list(kept)),),
        )
    gone = store.execute("SELECT 1 FROM mail_list WHERE id = ? AND deleted_at IS NOT NULL", (list_id,)).fetchone()
    now = "SELECT {} FROM list_member AS m WHERE m.list_id = ?1 AND m.contact_id = step.contact_id"
    elsewhere = (
        f"(was IS NOT ({now.format('m.recipient_id')})"
        f" OR (was IS NOT NULL AND shall IS NOT NULL AND was_known IS NOT ({now.format('m.known')})) OR ?2)"
    )
    moved_on = store.execute(
        f"SELECT coalesce(was, shall) FROM step WHERE {elsewhere} ORDER BY contact_id", (list_id, bool(gone))
    ).fetchall()
    store.execute(f"DELETE FROM step WHERE {elsewhere}", (list_id, bool(gone)))
    store.execute(
        "DELETE FROM list_member WHERE list_id = ?"
        " AND contact_id IN (SELECT contact_id FROM step WHERE was IS NOT NULL)",
        (list_id,),
    )
    store.execute(
        "INSERT INTO list_member (list_id, contact_id, recipient_id, known)"
        " SELECT ?, contact_id, shall, shall_know FROM step WHERE shall IS NOT NULL ORDER BY contact_id",
        (list_id,),
    )
    count = store.execute("SELECT count(*) FROM step").fetchone()[0]
    return int(count), [id_ for (id_,) in moved_on]


def lists_of(store: Store, entry: int) -> list[int]:
    """Return the lists whose members an entry moved."""
    found = store.execute(
        "SELECT DISTINCT subject FROM journal_line"
        " WHERE journal_id = ? AND subject > 'member:' AND subject < 'member;'",
        (entry,),
    ).fetchall()
    return [int(subject.partition(":")[2]) for (subject,) in found]


def _turned(store: Store, entry: int, list_id: int, *, back: bool) -> None:
    """Fill ``step`` with how each member was after the entry (or before it) and shall be before it (or after it)."""
    store.execute(_STEP)
    store.execute("DELETE FROM temp.step")
    was, shall = ("after", "before") if back else ("before", "after")
    store.execute(
        f"INSERT INTO step SELECT subject_id, {_NUMBER.format(was, 'recipient_id')}, {_NUMBER.format(was, 'known')},"
        f" {_NUMBER.format(shall, 'recipient_id')}, coalesce({_NUMBER.format(shall, 'known')}, 0)"
        " FROM journal_line WHERE journal_id = ? AND subject = ?",
        (entry, f"member:{list_id}"),
    )


def _empty(store: Store) -> None:
    store.execute(_CREATE)
    store.execute("DELETE FROM temp.moving")


def _learn(store: Store) -> None:
    """Note what speaks against those gathered today."""
    store.execute(f"UPDATE moving SET known = {TODAY} FROM contact AS c WHERE c.id = moving.contact_id")
