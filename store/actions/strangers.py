"""Giving mail about strangers by hand to the recipient it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from store import journal
from store.actions.marking import Refusal, left_alone, nothing
from store.addresses import address_key
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.feeds.storing import record_from_json
from store.journal import Line, Operator
from store.landing import event_row, insert_events, link
from store.matching import Match, keys_of
from store.rows import Change
from store.standing import forget_silent
from store.vocabulary import Attribution
from store.withdrawal import withdraw

SCOPES = frozenset({"campaigns", "recipients", "links", "addresses", "journal"})
"""What panes read again after strangers were assigned."""

STRANGER, ASSIGNED = "stranger", "assigned"
"""Subjects of journal lines: a stranger's row that went away, and (by recipient) what else hung on the assignment."""

_COLUMNS = ("campaign_id", "type", "ts", "address_key", "message_id", "feed_id", "record", "dedupe")
_KNOWN = "It is known as an event of a recipient already."
_SINCE = "It was changed since."
_LISTED = 3

Row = dict[str, Any]
"""A row of the stranger table as the journal keeps it; ``dedupe`` in hexadecimal digits."""


class _Target(NamedTuple):
    id: int
    campaign_id: int
    contact_id: int
    key: str
    words: str


def assign(store: Store, stranger_ids: Sequence[int], recipient_id: int, who: Operator, now: datetime) -> Change:
    """Make strangers' records events of a recipient, as surely as if their mail had named it.

    An address that only the mail names counts as the recipient's own; where the mail says that the recipient's
    address was asked for, the other one is an alias of it, as ever.

    Args:
        store: the open store.
        stranger_ids: numbers of records (``StrangerRow.ids``).
        recipient_id: whose events they become.
        who: the operator.
        now: aware UTC time.

    Raises:
        NotFound: there is no such recipient.
        Refused: it is a repetition in the list, which never gets the mail.
    """

    def change() -> Change:
        target = _target(store, recipient_id)
        ids = list(dict.fromkeys(stranger_ids))
        rows = _rows(store, "id", ids)
        refused: list[Refusal] = [(id_, "It is no longer there.") for id_ in ids if id_ not in rows]
        refused += [(id_, _KNOWN) for id_ in _known(store, rows)]
        for id_, _ in refused:
            rows.pop(id_, None)
        if not rows:
            return Change("assign", None, 0, nothing(refused), tuple(refused))
        hung = _hanging(store, target)
        _move(store, target, rows)
        said = f"{_words(rows)} assigned to {target.words}{left_alone(refused)}"
        kept = [Line(STRANGER, id_, row, None) for id_, row in rows.items()]
        entry = journal.write(
            store, who, now, "assign", said, [*kept, Line(ASSIGNED, target.id, hung, None)], subjects=len(rows)
        )
        return Change("assign", entry, len(rows), said, tuple(refused), SCOPES)

    return store.run(change)


def take_back(store: Store, recipient_id: int, rows: Mapping[int, Row], hung: Row) -> tuple[int, list[Refusal]]:
    """Make events strangers' records again; return how many, and why others are left alone.

    Args:
        store: the open store, inside a transaction.
        recipient_id: whose events they are.
        rows: the rows as they stood among the strangers, by their numbers there.
        hung: what :func:`assign` noted beside them.
    """
    keys = {bytes.fromhex(row["dedupe"]): id_ for id_, row in rows.items()}
    sql = "SELECT dedupe FROM event WHERE recipient_id = ? AND dedupe IN ({})"
    there = {bytes(key) for (key,) in store.among(sql, list(keys), (recipient_id,))}
    refused = [(id_, _SINCE) for key, id_ in keys.items() if key not in there]
    if not there:
        return 0, refused
    withdraw(store, {recipient_id: sorted(there)})
    _let_go(store, _target(store, recipient_id), hung)
    taken = {id_ for (id_,) in store.among("SELECT id FROM stranger WHERE id IN ({})", list(rows))}
    store.execute_many(
        f"INSERT INTO stranger (id, {', '.join(_COLUMNS)}) VALUES (?, {', '.join('?' * len(_COLUMNS))})",
        [
            (None if id_ in taken else id_, *(rows[id_][column] for column in _COLUMNS[:-1]), key)
            for key, id_ in keys.items()
            if key in there
        ],
    )
    return len(there), refused


def do_again(store: Store, recipient_id: int, rows: Mapping[int, Row], hung: Row) -> tuple[int, list[Refusal]]:
    """Assign strangers' records again after :func:`take_back`, whatever their numbers are by now; see there."""
    keys = {bytes.fromhex(row["dedupe"]): id_ for id_, row in rows.items()}
    now = _rows(store, "dedupe", list(keys))
    found = {row["dedupe"] for row in now.values()}
    refused = [(id_, _SINCE) for id_, row in rows.items() if row["dedupe"] not in found]
    if now:
        _move(store, _target(store, recipient_id), now)
    return len(now), refused


def _target(store: Store, recipient_id: int) -> _Target:
    found = store.execute(
        "SELECT r.id, r.campaign_id, r.contact_id, r.address_key, r.address, r.occurrence, c.name, p.name"
        " FROM recipient AS r JOIN contact AS c ON c.id = r.contact_id JOIN campaign AS p ON p.id = r.campaign_id"
        " WHERE r.id = ?",
        (recipient_id,),
    ).fetchone()
    if found is None:
        raise NotFound(f"There is no recipient with the number {recipient_id}.")
    id_, campaign_id, contact_id, key, address, occurrence, name, campaign = found
    if occurrence:
        raise Refused(f"{clean(address)} stands twice in the list of {clean(campaign)}; choose the row that got mail.")
    person = f"{name} ({address})" if name else address
    return _Target(id_, campaign_id, contact_id, key, f"{clean(person)} in {clean(campaign)}")


def _rows(store: Store, column: str, values: Sequence[Any]) -> dict[int, Row]:
    sql = f"SELECT id, {', '.join(_COLUMNS)} FROM stranger WHERE {column} IN ({{}})"
    found = {id_: dict(zip(_COLUMNS, row, strict=True)) for id_, *row in store.among(sql, values)}
    return {id_: row | {"dedupe": bytes(row["dedupe"]).hex()} for id_, row in sorted(found.items())}


def _known(store: Store, rows: Mapping[int, Row]) -> list[int]:
    keys = [bytes.fromhex(row["dedupe"]) for row in rows.values()]
    known = {bytes(key).hex() for (key,) in store.among("SELECT dedupe FROM event WHERE dedupe IN ({})", keys)}
    return [id_ for id_, row in rows.items() if row["dedupe"] in known]


def _move(store: Store, target: _Target, rows: Mapping[int, Row]) -> None:
    """Turn strangers' rows into events of a recipient."""
    links: dict[tuple[int, str], int] = {}
    events = []
    for row in rows.values():
        record = record_from_json(row["record"])
        named = keys_of(record)
        key = target.key if target.key in named or not record.address else address_key(record.address)
        match = Match(target.id, target.campaign_id, key, Attribution.EXACT)
        url = link(store, links, target.campaign_id, record.url) if record.url else None
        events.append(event_row(record, match, url, row["feed_id"]))
    insert_events(store, events)
    store.execute_many("DELETE FROM stranger WHERE id = ?", [(id_,) for id_ in rows])


def _hanging(store: Store, target: _Target) -> Row:
    """Note what an assignment may change beside the recipient: the contact's consent, and a row for the address."""
    consent, updated_at = store.execute(
        "SELECT consent, updated_at FROM contact WHERE id = ?", (target.contact_id,)
    ).fetchone()
    known = store.execute("SELECT 1 FROM address WHERE key = ?", (target.key,)).fetchone()
    return {"consent": consent, "updated_at": updated_at, "address": known is not None}


def _let_go(store: Store, target: _Target, hung: Row) -> None:
    """Give consent back that only the events taken out withdrew, and drop an address row that says nothing."""
    store.execute(
        "UPDATE contact SET consent = ? WHERE id = ? AND updated_at = ? AND NOT EXISTS (SELECT 1 FROM recipient AS r"
        " WHERE r.contact_id = contact.id AND (r.complained_at IS NOT NULL OR r.unsubscribed_at IS NOT NULL))",
        (hung["consent"], target.contact_id, hung["updated_at"]),
    )
    if not hung["address"]:
        forget_silent(store, [target.key])


def _words(rows: Mapping[int, Row]) -> str:
    addresses = list(dict.fromkeys(clean(row["address_key"]) or "no address" for row in rows.values()))
    listed = ", ".join(addresses[:_LISTED])
    more = f" and {len(addresses) - _LISTED:,} more" if len(addresses) > _LISTED else ""
    return f"{len(rows):,} {'record' if len(rows) == 1 else 'records'} of {listed}{more}"
