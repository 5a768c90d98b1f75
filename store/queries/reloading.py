"""What has changed with the members of a list: whose address was fixed, and who must not be written to any more.

What was known of a member when they came, or at the last reload, stands with them; what is not among it is new, however
long ago it happened: a mail log may be read days later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.cleaning import clean
from store.database import Store, spoken
from store.errors import NotFound
from store.obstacles import FORBIDDING, TODAY, WORDS, Obstacle
from store.rows import ReloadCounts, ReloadRow
from store.times import from_ms
from store.vocabulary import Delivery, ListKind

FIXED = "fixed"

_ANSWERED = {
    ListKind.REMINDER: (
        "read it since",
        "o.opened_at IS NOT NULL OR o.clicked_at IS NOT NULL OR o.replied_at IS NOT NULL",
    ),
    ListKind.RESEND: ("reached since", f"o.delivery = {Delivery.DELIVERED.code}"),
}
"""What makes a list's purpose void for a member: the word, and the test on their recipients in that campaign."""

_CREATE = (
    "CREATE TEMP TABLE IF NOT EXISTS news (contact_id INTEGER NOT NULL PRIMARY KEY, recipient_id INTEGER NOT NULL,"
    " known INTEGER NOT NULL, today INTEGER NOT NULL, answered BOOLEAN NOT NULL, old_email TEXT)"
)
_FRESH = "(n.today & ~n.known)"
LEAVES = f"({_FRESH} & {FORBIDDING.value} <> 0 OR n.answered)"
"""The SQL of whether a member, ``news AS n``, leaves the list."""

FORBIDDEN = f"(n.today & {FORBIDDING.value} <> 0)"
"""The SQL of whether a member must not be written to, whenever that became known."""


def changes(store: Store, list_id: int, limit: int | None = None) -> tuple[ReloadCounts, tuple[ReloadRow, ...]]:
    """Return what has changed since a list was made or last reloaded: the numbers, and the first members by name.

    Raises:
        NotFound: the list is no longer there.
    """
    with store.connected(), spoken(store.place):
        counts = look(store, list_id)
        return counts, _rows(store, _answer(store, list_id)[0], limit)


def look(store: Store, list_id: int) -> ReloadCounts:
    """Fill the temporary table ``news`` with the members as they are today, and count what has changed.

    Raises:
        NotFound: the list is no longer there.
    """
    word, since = _answer(store, list_id)
    _fill(store, list_id)
    _find_fixes(store, since)
    why = _reason(_FRESH, word)
    off = dict(store.execute(f"SELECT {why}, count(*) FROM news AS n WHERE {LEAVES} GROUP BY 1").fetchall())
    held = f"SELECT {_reason('n.today', '')}, count(*) FROM news AS n WHERE {FORBIDDEN} AND NOT {LEAVES} GROUP BY 1"
    before = dict(store.execute(held).fetchall())
    bounced = f"NOT {LEAVES} AND {_FRESH} & {Obstacle.BOUNCED.value} <> 0"
    members, told, fixed = store.execute(
        f"SELECT count(*), coalesce(sum({bounced}), 0), count(old_email) FROM news AS n"
    ).fetchone()
    order = [*WORDS.values(), word]
    return ReloadCounts(
        list_id,
        from_ms(since),
        members,
        fixed,
        {name: off[name] for name in order if name in off},
        {name: before[name] for name in order if name in before},
        {WORDS[Obstacle.BOUNCED]: told} if told else {},
    )


def _answer(store: Store, list_id: int) -> tuple[str, int]:
    """Return the word for a purpose that became void ("" if it cannot), and since when changes count."""
    found = store.execute(
        "SELECT kind, coalesce(reloaded_at, created_at) FROM mail_list WHERE id = ? AND deleted_at IS NULL", (list_id,)
    ).fetchone()
    if not found:
        raise NotFound("This list is no longer there.")
    return _ANSWERED.get(ListKind.of(found[0]), ("", ""))[0], found[1]


def _fill(store: Store, list_id: int) -> None:
    kind = ListKind.of(store.execute("SELECT kind FROM mail_list WHERE id = ?", (list_id,)).fetchone()[0])
    test = _ANSWERED.get(kind, ("", ""))[1]
    answered = "FALSE"
    if test:
        answered = (
            "EXISTS (SELECT 1 FROM recipient AS r CROSS JOIN recipient AS o ON o.contact_id = r.contact_id"
            f" AND o.campaign_id = r.campaign_id WHERE r.id = m.recipient_id AND ({test}))"
        )
    store.execute(_CREATE)
    store.execute("DELETE FROM temp.news")
    store.execute(
        f"INSERT INTO news SELECT m.contact_id, m.recipient_id, m.known, {TODAY}, {answered}, NULL"
        " FROM list_member AS m CROSS JOIN contact AS c ON c.id = m.contact_id WHERE m.list_id = ?",
        (list_id,),
    )


def _find_fixes(store: Store, since: int) -> None:
    """Note the old address of those who have another one since: operators' fixes, then what imports changed."""
    store.execute(
        "UPDATE news SET old_email = f.email FROM"
        " (SELECT l.subject_id AS id, json_extract(l.before, '$.email') AS email,"
        " json_extract(l.before, '$.email_key') AS key, row_number() OVER (PARTITION BY l.subject_id ORDER BY j.id)"
        " AS nth FROM journal AS j CROSS JOIN journal_line AS l"
        " ON l.journal_id = j.id AND l.subject = 'contact' WHERE j.ts > ? AND j.undoable AND j.undone_at IS NULL"
        " AND json_extract(l.before, '$.email') IS NOT NULL) AS f CROSS JOIN contact AS c"
        " ON c.id = f.id WHERE f.nth = 1 AND news.contact_id = f.id AND c.email_key NOT IN (f.key, '')",
        (since,),
    )
    store.execute(
        "UPDATE news SET old_email = r.address FROM contact AS c CROSS JOIN recipient AS r WHERE c.id = news.contact_id"
        " AND r.id = news.recipient_id AND news.old_email IS NULL AND c.updated_at > ?"
        " AND c.email_key NOT IN (r.address_key, '') AND NOT EXISTS (SELECT 1 FROM journal_line AS l"
        " WHERE l.subject = 'contact' AND l.subject_id = c.id AND json_extract(l.after, '$.email_key') = c.email_key)",
        (since,),
    )


def _reason(bits: str, word: str) -> str:
    """Return the SQL of the gravest of some obstacles that forbid writing."""
    forbidding = {obstacle: text for obstacle, text in WORDS.items() if obstacle in FORBIDDING}
    tests = " ".join(f"WHEN {bits} & {obstacle.value} <> 0 THEN '{text}'" for obstacle, text in forbidding.items())
    return f"CASE {tests} ELSE '{word}' END"


def _rows(store: Store, word: str, limit: int | None) -> tuple[ReloadRow, ...]:
    what = (
        f"CASE WHEN {LEAVES} THEN {_reason(_FRESH, word)} WHEN n.old_email IS NOT NULL THEN '{FIXED}'"
        f" WHEN {_FRESH} & {Obstacle.BOUNCED.value} <> 0 THEN '{WORDS[Obstacle.BOUNCED]}' END"
    )
    found = store.execute(
        f"SELECT * FROM (SELECT n.contact_id, {what} AS what, c.name,"
        f" coalesce(nullif(c.email, ''), r.address) AS email, n.old_email, {LEAVES} AS leaves, c.sort_key"
        " FROM news AS n CROSS JOIN contact AS c ON c.id = n.contact_id"
        " CROSS JOIN recipient AS r ON r.id = n.recipient_id)"
        " WHERE what IS NOT NULL ORDER BY leaves DESC, what, sort_key, contact_id LIMIT ?",
        (-1 if limit is None else limit,),
    ).fetchall()
    return tuple(map(_row, found))


def _row(values: Sequence[Any]) -> ReloadRow:
    id_, what, name, email, old, leaves, _ = values
    fixed = what == FIXED
    return ReloadRow(
        id_, what, clean(name), clean(old if fixed else email), clean(email) if fixed else "", bool(leaves)
    )
