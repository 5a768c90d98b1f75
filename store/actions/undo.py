"""Taking back an action of an operator, and doing it again; row by row, never over somebody else's change."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from store import journal
from store.actions import members, strangers
from store.actions.contacts import index_contacts
from store.actions.later import ENTRY
from store.actions.marking import Refusal, left_alone, nothing, put, read
from store.actions.since import Since
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Line, Operator
from store.marks import mark
from store.rows import Change
from store.standing import settle_all, settle_keys
from store.times import from_ms, to_ms

SCOPES = frozenset({"campaigns", "recipients", "links", "lists", "addresses", "journal"})
_CHANGED = "It was changed since."
_ORDER = ("contact", "address", "mail_list", "segment", "recipient", "setting", "tripwire", "trip", "pulled", "vouch")
_NAMES = {"mail_list": "list", "segment": "segment"}
"""Tables whose rows have a name that no other row of them may have, unless it is deleted."""

_Pair = tuple[dict[str, Any], dict[str, Any]]
"""Columns as they have to be, and what they become; rows of which the same is told have the same pair."""


@dataclass(slots=True)
class _Step:
    """The lines of one entry, turned around if it is an undo."""

    rows: dict[str, dict[int, _Pair]] = field(default_factory=lambda: defaultdict(dict))
    lists: list[int] = field(default_factory=list)
    strangers: dict[int, dict[str, Any]] = field(default_factory=dict)
    assigned: dict[int, dict[str, Any]] = field(default_factory=dict)

    def lists_with_members(self) -> dict[int, dict[str, Any]]:
        """Return what becomes of lists that go with members of the entry: they stay as long as anybody is on them."""
        return {
            id_: target
            for id_, (_, target) in self.rows["mail_list"].items()
            if id_ in self.lists and target.get("deleted_at") is not None
        }


def undo(store: Store, who: Operator, now: datetime, entry: int | None = None) -> Change:
    """Take back an entry; rows that somebody changed since, or on which a later action builds, are left alone.

    Anybody may take back anybody's entry, since whoever acted may be away; the sentence, and so the journal, says whose
    it was and who took it back.

    Args:
        store: the open store.
        who: the operator.
        now: aware UTC time.
        entry: the number of the entry; None: the last action of ``who`` that stands.

    Raises:
        NotFound: there is no such entry.
        Refused: there is nothing to undo, or nothing of it can be undone.
    """

    def change() -> Change:
        chosen = _last(store, who) if entry is None else _named(store, entry)
        why = chosen.against_undo()
        if why:
            raise Refused(why)
        done, refused = _apply(store, chosen.id, back=True)
        if not done:
            raise Refused(f"“{chosen.sentence}” cannot be undone: {nothing(refused)}")
        columns = (_later_than_all(store, who, to_ms(now)), who.name, chosen.id)
        store.execute("UPDATE journal SET undone_at = ?, undone_by = ? WHERE id = ?", columns)
        return _write(
            store, who, now, "undo", f"Undone{chosen.whose(who)}: {chosen.sentence}", chosen.id, done, refused
        )

    return store.run(change)


def _later_than_all(store: Store, who: Operator, ms: int) -> int:
    """Return the time of an undo: what was undone last is redone first, also where the clock was set back."""
    found = store.execute("SELECT max(undone_at) FROM journal WHERE undone_by = ?", (who.name,)).fetchone()
    return max(ms, (found[0] or 0) + 1)


def redo(store: Store, who: Operator, now: datetime, entry: int | None = None) -> Change:
    """Do again what was undone; rows that somebody changed since are left alone.

    Args:
        store: the open store.
        who: the operator.
        now: aware UTC time.
        entry: the number of the entry; None: what ``who`` undid last, unless they did something else since.

    Raises:
        NotFound: there is no such entry.
        Refused: there is nothing to redo, or nothing of it can be redone.
    """

    def change() -> Change:
        chosen = _last_undone(store, who) if entry is None else _named(store, entry)
        if chosen.undone_at is None:
            raise Refused(f"“{chosen.sentence}” stands; there is nothing to do again.")
        done, refused = _apply(store, chosen.id, back=False)
        if not done:
            raise Refused(f"“{chosen.sentence}” cannot be redone: {nothing(refused)}")
        store.execute("UPDATE journal SET undone_at = NULL, undone_by = NULL WHERE id = ?", (chosen.id,))
        return _write(
            store, who, now, "redo", f"Redone{chosen.whose(who)}: {chosen.sentence}", chosen.id, done, refused
        )

    return store.run(change)


def _write(
    store: Store, who: Operator, now: datetime, verb: str, words: str, entry: int, done: int, refused: list[Refusal]
) -> Change:
    said = f"{words}{left_alone(refused)}"
    made = journal.write(store, who, now, verb, said, [Line(ENTRY, entry, None, None)], undoable=False, subjects=done)
    return Change(verb, made, done, said, tuple(refused), SCOPES)


class _Entry(NamedTuple):
    """An entry of the journal as far as undo needs it."""

    id: int
    operator: str
    sentence: str
    undoable: bool
    undone_at: int | None
    undone_by: str | None

    def whose(self, who: Operator) -> str:
        """Return " (bo's)" if the entry is somebody else's."""
        return "" if self.operator == who.name else f" ({clean(self.operator)}'s)"

    def against_undo(self) -> str | None:
        """Return why it cannot be undone, whatever became of its rows."""
        if self.undone_at is not None:
            when = f"{from_ms(self.undone_at):%Y-%m-%d at %H:%M} UTC"
            return f"“{self.sentence}” was undone already, by {clean(self.undone_by or 'somebody')} on {when}."
        if not self.undoable:
            return f"“{self.sentence}” cannot be undone: what was read in, or has left the house, stays."
        return None


def _last(store: Store, who: Operator) -> _Entry:
    found = _entry(store, "operator = ? AND undoable AND undone_at IS NULL ORDER BY id DESC", who.name)
    if found is None:
        raise Refused(f"There is nothing of {who.name}'s to undo.")
    return found


def _last_undone(store: Store, who: Operator) -> _Entry:
    found = _entry(store, "undone_by = ? AND undoable AND undone_at IS NOT NULL ORDER BY undone_at DESC, id", who.name)
    newer = store.execute(
        "SELECT 1 FROM journal WHERE operator = ? AND undoable AND undone_at IS NULL"
        " AND id > (SELECT max(id) FROM journal WHERE operator = ? AND verb = 'undo') LIMIT 1",
        (who.name, who.name),
    ).fetchone()
    if found is None or newer:
        raise Refused(f"There is nothing of {who.name}'s to redo.")
    return found


def _named(store: Store, entry: int) -> _Entry:
    found = _entry(store, "id = ?", entry)
    if found is None:
        raise NotFound(f"There is no entry {entry} in the journal.")
    return found


def _entry(store: Store, which: str, value: str | int) -> _Entry | None:
    found = store.execute(
        f"SELECT id, operator, sentence, undoable, undone_at, undone_by FROM journal WHERE {which} LIMIT 1", (value,)
    ).fetchone()
    return _Entry(*found) if found else None


def _apply(store: Store, entry: int, *, back: bool) -> tuple[int, list[Refusal]]:
    """Put the rows of an entry back (or forth) where they are as the entry left them; return how many and the rest."""
    step = _step(store, entry, back=back)
    since = Since(store, entry)
    refused: list[Refusal] = []
    changed: dict[str, dict[int, dict[str, Any]]] = {}
    kept_contacts: set[int] = set()
    kept_recipients: set[int] = set()
    made = step.lists_with_members() if back else {}
    for table in sorted(step.rows, key=_ORDER.index):
        rows = {id_: pair for id_, pair in step.rows[table].items() if table != "mail_list" or id_ not in made}
        whose = ("contact_id",) if table == "recipient" and kept_contacts else ()
        current = read(store, table, list(rows), whose)
        changed[table] = {}
        for id_, (expected, target) in rows.items():
            there = current.get(id_)
            why = since.told(table, id_, target) or _in_the_way(store, table, id_, target, entry)
            if there is None or any(there[column] != value for column, value in expected.items()):
                why = why or _CHANGED
            elif there.get("contact_id") in kept_contacts:
                why = _CHANGED
            if why is None:
                changed[table][id_] = target
                continue
            refused.append((id_, why))
            if table == "recipient":
                kept_recipients.add(id_)
            if table == "contact":
                kept_contacts.add(id_)
        if table == "recipient":
            mark(store, changed[table])
        else:
            put(store, table, changed[table])
    moved = 0
    for list_id in step.lists:
        some, moved_on = members.move_back(store, entry, list_id, back=back, kept=kept_recipients)
        moved += some
        refused += [(id_, _CHANGED) for id_ in moved_on]
    put(store, "mail_list", {id_: target for id_, target in made.items() if not _has_members(store, id_)})
    _settle(store, changed)
    for recipient, hung in step.assigned.items():
        again = strangers.take_back if back else strangers.do_again
        some, left = again(store, recipient, step.strangers, hung)
        moved += some
        refused += left
    done = max((len(rows) for rows in changed.values()), default=0)
    return max(done, moved), refused


def _step(store: Store, entry: int, *, back: bool) -> _Step:
    step = _Step()
    alike: dict[tuple[str | None, str | None], _Pair] = {}
    for subject, id_, before, after in store.execute(
        "SELECT subject, subject_id, before, after FROM journal_line WHERE journal_id = ?"
        " AND (subject < 'member:' OR subject > 'member;')",
        (entry,),
    ).fetchall():
        if subject in {strangers.STRANGER, strangers.ASSIGNED}:
            kind = step.strangers if subject == strangers.STRANGER else step.assigned
            kind[id_] = json.loads(before or "{}")
            continue
        pair = alike.get((before, after))
        if pair is None:
            old, new = json.loads(before or "{}"), json.loads(after or "{}")
            pair = alike[before, after] = (new, old) if back else (old, new)
        step.rows[subject][id_] = pair
    step.lists = members.lists_of(store, entry)
    return step


def _in_the_way(store: Store, table: str, id_: int, target: Mapping[str, Any], entry: int) -> str | None:
    """Tell why a list or a segment cannot become ``target``: its name was taken since, or it changed since."""
    if table not in _NAMES:
        return None
    if target.get("deleted_at") is not None:
        return _since(store, id_, entry) if table == "mail_list" else None
    return _taken(store, table, id_, target)


def _since(store: Store, id_: int, entry: int) -> str | None:
    """Tell why a list cannot go: somebody put members on it, or changed it, later."""
    line = "SELECT 1 FROM journal_line AS l WHERE l.journal_id = j.id AND l.subject = {} AND {} LIMIT 1"
    added = line.format("?1", "l.before IS NULL")
    changed = line.format("'mail_list'", "l.subject_id = ?2")
    found = store.execute(
        f"SELECT j.operator, j.ts, EXISTS ({added}) FROM journal AS j WHERE j.id > ?3 AND j.undone_at IS NULL"
        f" AND (EXISTS ({line.format('?1', 'TRUE')}) OR EXISTS ({changed}))"
        " ORDER BY j.id DESC LIMIT 1",
        (f"member:{id_}", id_, entry),
    ).fetchone()
    if not found:
        return None
    return f"{found[0]} {'added to' if found[2] else 'changed'} the list at {from_ms(found[1]):%Y-%m-%d %H:%M} UTC."


def _has_members(store: Store, list_id: int) -> bool:
    return bool(store.execute("SELECT 1 FROM list_member WHERE list_id = ? LIMIT 1", (list_id,)).fetchone())


def _taken(store: Store, table: str, id_: int, target: Mapping[str, Any]) -> str | None:
    """Tell why a list or a segment cannot come back, or get a name back: there is another one of its name by now."""
    kind = "AND other.kind = own.kind" if table == "mail_list" else ""
    found = store.execute(
        f"SELECT 1 FROM {table} AS own JOIN {table} AS other ON other.name = coalesce(?, own.name) {kind}"
        " WHERE own.id = ? AND other.id <> own.id AND other.deleted_at IS NULL",
        (target.get("name"), id_),
    ).fetchone()
    return f"There is another {_NAMES[table]} of that name by now." if found else None


def _settle(store: Store, changed: Mapping[str, Mapping[int, Any]]) -> None:
    contacts = list(changed.get("contact", {}))
    if contacts:
        index_contacts(store, contacts)
    addresses = list(changed.get("address", {}))
    if addresses:
        keys = [key for (key,) in store.among("SELECT key FROM address WHERE id IN ({})", addresses)]
        settle_keys(store, keys)
    if changed.get("setting"):
        settle_all(store)
    if changed.get("pulled"):
        from store.actions import pulling

        pulling.let_go(store, list(changed["pulled"]))
