"""What became of rows after they were shown: what other people decided about them, and what feeds told of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from store.asking import Source
from store.cleaning import clean
from store.database import Store
from store.seen import Seen
from store.times import from_ms
from store.vocabulary import FAILED_DELIVERY, Actor, BounceKind, EventType

ENTRY = "entry"
"""The subject of a line of the journal that names another entry: the one that was taken back or done again."""

_FEW = 2000
"""So many rows are looked up one by one; for more of them everything that is new is read."""

_DONE = {
    "mark-hard": "marked as bounced hard",
    "mark-soft": "marked as bounced soft",
    "clear": "cleared",
    "excuse": "excused",
    "later": "put off",
    "block": "blocked",
    "former": "marked as a former employee",
    "delete": "deleted",
    "fix": "corrected",
    "accept": "corrected",
    "assign": "given records",
    "clear-block": "freed",
    "rename": "renamed",
    "note": "given another note",
    "delete-list": "deleted",
    "add": "added to",
    "take-off": "made shorter",
    "reload": "reloaded",
    "save-segment": "given another filter",
    "undo": "put back",
    "redo": "changed again",
}
"""Verbs of the journal, as what was done to a row."""

_RESULTS = "(" + ", ".join(str(state.code) for state in FAILED_DELIVERY) + ")"
_BAD = {
    EventType.BOUNCED: "bounced",
    EventType.REJECTED: "was rejected",
    EventType.FAILED: "failed",
    EventType.COMPLAINED: "complained about spam",
    EventType.UNSUBSCRIBED: "unsubscribed",
}
_ENGAGED = {EventType.OPENED: "opened", EventType.CLICKED: "clicked", EventType.REPLIED: "replied"}


def _codes(types: Iterable[EventType]) -> str:
    return "(" + ", ".join(str(type_.code) for type_ in types) + ")"


# A failure that was known is not news; whoever opens or clicks is news only if that makes a failure a false one.
_NEWS = f"""SELECT e.recipient_id, e.type, e.kind FROM event AS e CROSS JOIN recipient AS r
    WHERE r.id = e.recipient_id AND {{new}} AND (
        e.type IN {_codes(_BAD)} AND NOT EXISTS (SELECT 1 FROM event AS o WHERE o.recipient_id = e.recipient_id
            AND +o.id <= {{seen}} AND o.type = e.type AND coalesce(o.kind, 0) = coalesce(e.kind, 0)
            AND coalesce(o.reason, '') = coalesce(e.reason, ''))
        OR e.type IN {_codes(_ENGAGED)} AND e.actor <> {Actor.MACHINE.code} AND e.ts >= r.failed_at
            AND r.delivery NOT IN {_RESULTS} AND coalesce(r.cleared_at, 0) < r.failed_at
            AND NOT EXISTS (SELECT 1 FROM event AS o WHERE o.recipient_id = e.recipient_id AND +o.id <= {{seen}}
                AND o.type IN {_codes(_ENGAGED)} AND o.actor <> {Actor.MACHINE.code} AND o.ts >= r.failed_at))
    ORDER BY e.id"""

# What was decided about a recipient, the person, or the address; from the rows to the lines, and the other way round.
_LINES_OF = """WITH chosen AS (SELECT id, contact_id, address_key FROM recipient WHERE id IN ({{}}))
    SELECT r.id, l.journal_id FROM chosen AS r CROSS JOIN journal_line AS l
        WHERE l.subject = 'recipient' AND l.subject_id = r.id AND +l.journal_id >= {first}
    UNION ALL SELECT r.id, l.journal_id FROM chosen AS r CROSS JOIN journal_line AS l
        WHERE l.subject = 'contact' AND l.subject_id = r.contact_id AND +l.journal_id >= {first}
    UNION ALL SELECT r.id, l.journal_id FROM chosen AS r CROSS JOIN address AS a CROSS JOIN journal_line AS l
        WHERE a.key = r.address_key AND l.subject = 'address' AND l.subject_id = a.id AND +l.journal_id >= {first}"""
_ALL_LINES = """SELECT l.subject_id, l.journal_id FROM journal_line AS l
        WHERE l.journal_id >= {first} AND l.subject = 'recipient'
    UNION ALL SELECT r.id, l.journal_id FROM journal_line AS l CROSS JOIN recipient AS r
        WHERE l.journal_id >= {first} AND l.subject = 'contact' AND r.contact_id = l.subject_id
    UNION ALL SELECT r.id, l.journal_id FROM journal_line AS l CROSS JOIN address AS a CROSS JOIN recipient AS r
        WHERE l.journal_id >= {first} AND l.subject = 'address' AND a.id = l.subject_id AND r.address_key = a.key"""

_Told = dict[int, str]
"""Row -> what became of it, to be said behind its name."""


class Later:
    """What was done and reported since something was shown; to be asked in the transaction that acts on it.

    Args:
        store: the open store.
        seen: how far it had come then.
        own: the entries of whoever acts: they know of those.
    """

    def __init__(self, store: Store, seen: Seen, own: Collection[int] = ()) -> None:
        self._store = store
        self._seen = seen
        self._by: dict[int, str] = {}
        self._imports: list[tuple[int, str]] = []
        for entry, operator, ts, verb, undone_at, of in store.execute(
            "SELECT j.id, j.operator, j.ts, j.verb, j.undone_at, l.subject_id FROM journal AS j"
            " LEFT JOIN journal_line AS l ON l.journal_id = j.id AND l.subject = ? WHERE j.id > ? ORDER BY j.id",
            (ENTRY, seen.journal),
        ).fetchall():
            if entry in own:
                continue
            told = f"was {_DONE.get(verb, 'changed')} by {clean(operator)} at {from_ms(ts):%H:%M} UTC"
            if of is not None and of <= seen.journal:
                self._by[of] = told
            elif of is None and undone_at is None:
                self._by[entry] = told
                if verb == "import":
                    self._imports.append((ts, told))

    def recipients(self, ids: Sequence[int]) -> _Told:
        """Tell of those of these recipients who changed, in this order, each with the address in front."""
        found = {**self._reported(ids), **self._decided(ids), **self._imported(ids)}
        if not found:
            return {}
        named = dict(self._store.among("SELECT id, address FROM recipient WHERE id IN ({})", list(found)))
        return {id_: f"{clean(named.get(id_, '')) or 'The row'} {found[id_]}" for id_ in ids if id_ in found}

    def addresses(self, ids: Sequence[int]) -> _Told:
        """Tell of those of these addresses that changed, in this order, each with itself in front."""
        found: _Told = {}
        named = {}
        keys = {}
        for id_, key, address in self._store.among("SELECT id, key, address FROM address WHERE id IN ({})", ids):
            keys[key], named[id_] = id_, clean(address)
        if self._fed():
            of = dict(self._store.among("SELECT id, address_key FROM recipient WHERE address_key IN ({})", list(keys)))
            found = {keys[of[recipient]]: told for recipient, told in self._reported(list(of)).items()}
        found.update(self._lines("address", ids))
        return {id_: f"{named[id_]} {found[id_]}" for id_ in ids if id_ in found and id_ in named}

    def list_or_segment(self, source: Source, *, members: bool) -> str | None:
        """Tell what became of a list or a segment; None: nothing.

        Args:
            source: the list or segment.
            members: whether who is on the list matters.
        """
        table, id_ = ("segment", source.segment_id) if source.list_id is None else ("mail_list", source.list_id)
        if id_ is None or not self._by:
            return None
        told = self._lines(table, [id_]).get(id_)
        if told is None and members and table == "mail_list":
            told = self._moved(id_)
        if told is None:
            return None
        name = self._store.execute(f"SELECT name FROM {table} WHERE id = ?", (id_,)).fetchone()
        return f"“{clean(name[0])}” {told}" if name else f"The list {told}"

    def setting(self, name: str) -> str | None:
        """Tell what became of a setting of the policy; None: nothing."""
        return self._set("setting", self._store.rows("SELECT id, name FROM setting WHERE name = ?", (name,)))

    def tripwires(self, campaign_id: int, names: Collection[str]) -> str | None:
        """Tell what became of one of these tripwires of a campaign (or of all: ``ALL``); None: nothing."""
        found = self._store.rows("SELECT id, name FROM tripwire WHERE campaign_id = ? ORDER BY id", (campaign_id,))
        return self._set("tripwire", [(id_, name) for id_, name in found if name in names])

    def _fed(self) -> bool:
        found = self._store.execute("SELECT max(id) FROM event").fetchone()
        return (found[0] or 0) > self._seen.event

    def _reported(self, ids: Sequence[int]) -> _Told:
        """Tell what feeds reported that changes what there is to decide."""
        if not self._fed():
            return {}
        seen = self._seen.event
        new = f"e.id > {seen}" if len(ids) > _FEW else f"+e.id > {seen} AND e.recipient_id IN ({{}})"
        sql = _NEWS.format(seen=seen, new=new)
        rows = self._store.execute(sql).fetchall() if len(ids) > _FEW else self._store.among(sql, ids)
        wanted = set(ids)
        return {id_: f"{_reported_words(type_, kind)} meanwhile" for id_, type_, kind in rows if id_ in wanted}

    def _decided(self, ids: Sequence[int]) -> _Told:
        """Tell what was decided about recipients, their persons and their addresses."""
        if not self._by:
            return {}
        first = min(self._by)
        if len(ids) > _FEW:
            rows: Iterable[Any] = self._store.execute(_ALL_LINES.format(first=first)).fetchall()
        else:
            rows = self._store.among(_LINES_OF.format(first=first), ids)
        return self._latest(rows, set(ids))

    def _imported(self, ids: Sequence[int]) -> _Told:
        """Tell to whose persons an import gave another address."""
        found: _Told = {}
        for ts, told in self._imports:
            for (id_,) in self._store.among(
                "SELECT r.id FROM recipient AS r CROSS JOIN contact AS c WHERE c.id = r.contact_id"
                " AND c.updated_at = ? AND c.created_at < ? AND c.email_key <> r.address_key AND r.id IN ({})",
                ids,
                (ts, ts),
            ):
                found[id_] = told.replace("was changed", "was given another address by an import", 1)
        return found

    def _set(self, table: str, rows: Sequence[tuple[Any, ...]]) -> str | None:
        told = self._lines(table, [id_ for id_, _ in rows])
        return next((f"“{clean(name)}” {told[id_]}" for id_, name in rows if id_ in told), None)

    def _lines(self, table: str, ids: Sequence[int]) -> _Told:
        if not self._by:
            return {}
        sql = "SELECT subject_id, journal_id FROM journal_line WHERE subject = ? AND journal_id >= ?"
        rows = self._store.among(f"{sql} AND subject_id IN ({{}})", ids, (table, min(self._by)))
        return self._latest(rows, set(ids))

    def _moved(self, list_id: int) -> str | None:
        rows = self._store.execute(
            "SELECT DISTINCT journal_id FROM journal_line WHERE subject = ? AND journal_id >= ?",
            (f"member:{list_id}", min(self._by)),
        ).fetchall()
        return self._latest(((list_id, entry) for (entry,) in rows), {list_id}).get(list_id)

    def _latest(self, rows: Iterable[tuple[int, int]], wanted: Collection[int]) -> _Told:
        """Tell of the last entry about each row."""
        last: dict[int, int] = {}
        for id_, entry in rows:
            if id_ in wanted and entry in self._by:
                last[id_] = max(entry, last.get(id_, 0))
        return {id_: self._by[entry] for id_, entry in last.items()}


def _reported_words(type_: int, kind: int | None) -> str:
    event = EventType.of(type_)
    if event in _ENGAGED:
        return f"{_ENGAGED[event]}, which makes its failure a false one,"
    return f"{_BAD[event]} {BounceKind.of(kind)}" if event is EventType.BOUNCED and kind else _BAD[event]
