"""The rows that an entry of the journal changed, in words that people read: addresses instead of numbers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from store.cleaning import clean
from store.database import Store
from store.rows import ColumnChange, JournalLineRow, Value
from store.times import from_ms
from store.vocabulary import BlockReason, BounceKind, Decision, EventType, ListKind, Word

_MEMBER = "member:"
_ROWS = "subject <> 'entry'"
"""The lines that are about rows; the others name the entry that was taken back or done again."""

_KINDS = {"mail_list": "list", "trip": "tripwire", "vouch": "check"}
_HIDDEN = frozenset({"email_key", "sort_key", "override_at", "known", "updated_at"})
"""Columns that only repeat others, or mean nothing to people."""

_WORDS: dict[str, type[Word]] = {"override": BounceKind, "decision": Decision, "operator_reason": BlockReason}

_Line = tuple[str, int, str | None, str | None]
_Named = dict[int, tuple[str, str, int | None]]
"""Number -> name, what it is of, and the recipient it leads to."""


class EntryLines:
    """The rows of an entry, read by position; an entry never changes, so there is no snapshot to keep.

    Attributes:
        total: how many there are.
    """

    def __init__(self, store: Store, entry: int) -> None:
        """Count them."""
        self._store = store
        self._entry = entry
        found = store.row(f"SELECT count(*) FROM journal_line WHERE journal_id = ? AND {_ROWS}", (entry,))
        self.total = int(found[0]) if found else 0

    def page(self, offset: int, limit: int) -> tuple[JournalLineRow, ...]:
        """Return the rows from position ``offset`` on."""
        lines: list[_Line] = [
            (subject, id_, before, after)
            for subject, id_, before, after in self._store.rows(
                f"SELECT subject, subject_id, before, after FROM journal_line WHERE journal_id = ? AND {_ROWS}"
                " ORDER BY subject, subject_id LIMIT ? OFFSET ?",
                (self._entry, limit, offset),
            )
        ]
        named = _names(self._store, lines)
        return tuple(_row(offset + number, line, named[line[0]]) for number, line in enumerate(lines, 1))


def _row(number: int, line: _Line, named: _Named) -> JournalLineRow:
    subject, id_, before, after = line
    old, new = (json.loads(text) if text else None for text in (before, after))
    name, of, recipient = named.get(id_, (f"number {id_}", "", None))
    kind = "member" if subject.startswith(_MEMBER) else _KINDS.get(subject, subject)
    came = None if (old is None) == (new is None) else old is None
    if subject == "stranger" and old is not None:
        name, of = clean(old.get("address_key")) or "no address", EventType.of(old["type"]).value
    columns: dict[str, Any] = {**(old or {}), **(new or {})}
    shown = () if came is not None or subject == "assigned" else tuple(columns)
    if kind in {"list", "segment"} and "deleted_at" in columns:
        came = columns["deleted_at"] is None
        shown = tuple(column for column in shown if column != "deleted_at")
    changes = tuple(
        ColumnChange(column, _value(column, (old or {}).get(column)), _value(column, (new or {}).get(column)))
        for column in shown
        if column not in _HIDDEN and (old or {}).get(column) != (new or {}).get(column)
    )
    return JournalLineRow(number, kind, name, of, came, changes, recipient)


def _value(column: str, value: Any) -> Value:
    if value is None:
        return None
    if column in _WORDS:
        return str(_WORDS[column].of(value))
    if column.endswith("_at"):
        return from_ms(value)
    if column in {"former", "tracking_consent"}:
        return bool(value)
    return clean(value) if isinstance(value, str) else int(value)


def _names(store: Store, lines: Iterable[_Line]) -> dict[str, _Named]:
    """Return subject -> the names of its rows among these lines, read in few statements."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for subject, id_, *_ in lines:
        wanted[subject].append(id_)
    found: dict[str, _Named] = defaultdict(dict)
    with store.connected():
        for subject, ids in wanted.items():
            if subject.startswith(_MEMBER):
                found[subject] = _members(store, int(subject.removeprefix(_MEMBER)), ids)
            elif subject in _READERS:
                found[subject] = _READERS[subject](store, ids)
    return found


def _recipients(store: Store, ids: Sequence[int]) -> _Named:
    rows = store.among(
        "SELECT r.id, r.address, c.name, p.name FROM recipient AS r JOIN contact AS c ON c.id = r.contact_id"
        " JOIN campaign AS p ON p.id = r.campaign_id WHERE r.id IN ({})",
        ids,
    )
    return {id_: (clean(address), _joined(name, campaign), id_) for id_, address, name, campaign in rows}


_NEWEST = "(SELECT max(r.id) FROM recipient AS r WHERE r.contact_id = c.id)"


def _contacts(store: Store, ids: Sequence[int]) -> _Named:
    rows = store.among(f"SELECT c.id, c.email, c.name, {_NEWEST} FROM contact AS c WHERE c.id IN ({{}})", ids)
    return {id_: (clean(email) or clean(name), _joined(name), recipient) for id_, email, name, recipient in rows}


def _members(store: Store, list_id: int, ids: Sequence[int]) -> _Named:
    found = store.row("SELECT kind, name FROM mail_list WHERE id = ?", (list_id,))
    of = f"{ListKind.of(found[0])} {found[1]}" if found else ""
    return {id_: (name, _joined(person, of), at) for id_, (name, person, at) in _contacts(store, ids).items()}


def _addresses(store: Store, ids: Sequence[int]) -> _Named:
    rows = store.among(
        "SELECT a.id, a.address, (SELECT max(r.id) FROM recipient AS r WHERE r.address_key = a.key)"
        " FROM address AS a WHERE a.id IN ({})",
        ids,
    )
    return {id_: (clean(address), "", recipient) for id_, address, recipient in rows}


def _lists(store: Store, ids: Sequence[int]) -> _Named:
    rows = store.among("SELECT id, kind, name FROM mail_list WHERE id IN ({})", ids)
    return {id_: (clean(name), str(ListKind.of(kind)), None) for id_, kind, name in rows}


def _plain(table: str, name: str, of: str) -> Callable[[Store, Sequence[int]], _Named]:
    def read(store: Store, ids: Sequence[int]) -> _Named:
        rows = store.among(f"SELECT id, {name}, {of} FROM {table} WHERE id IN ({{}})", ids)
        return {id_: (clean(text), clean(more), None) for id_, text, more in rows}

    return read


_READERS: dict[str, Callable[[Store, Sequence[int]], _Named]] = {
    "recipient": _recipients,
    "assigned": _recipients,
    "contact": _contacts,
    "address": _addresses,
    "mail_list": _lists,
    "segment": _plain("segment", "name", "''"),
    "setting": _plain("setting", "name", "''"),
    "tripwire": _plain("tripwire", "name", "coalesce((SELECT p.name FROM campaign AS p WHERE p.id = campaign_id), '')"),
    "trip": _plain("trip", "wire", "coalesce((SELECT p.name FROM campaign AS p WHERE p.id = campaign_id), '')"),
    "vouch": _plain("vouch", "rule", "subject"),
}


def _joined(*parts: str) -> str:
    return " · ".join(clean(part) for part in parts if part)
