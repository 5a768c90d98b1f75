"""Everything that is stored about a person, row by row, with every column of every table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from store.database import Store
from store.mentions import Mention, mentions
from store.needles import needles
from store.queries.identity import Identity
from store.times import from_ms
from store.vocabulary import (
    Actor,
    Attribution,
    BlockReason,
    BounceKind,
    Decision,
    Delivery,
    Engagement,
    EventType,
    Hop,
    ListKind,
    OutboxState,
    PulledState,
    SkipReason,
    Source,
    Triage,
    Word,
)

Row = dict[str, Any]
"""Column -> value: words of the vocabulary as texts, moments as aware datetimes, bytes in hexadecimal."""

_WORDS: dict[str, type[Word]] = {
    "delivery": Delivery,
    "engagement": Engagement,
    "triage": Triage,
    "decision": Decision,
    "skip_reason": SkipReason,
    "bounce_kind": BounceKind,
    "override": BounceKind,
    "type": EventType,
    "source": Source,
    "actor": Actor,
    "hop": Hop,
    "attribution": Attribution,
    "block_reason": BlockReason,
    "operator_reason": BlockReason,
}
_OF_TABLE: dict[tuple[str, str], type[Word]] = {
    ("event", "kind"): BounceKind,
    ("mail_list", "kind"): ListKind,
    ("outbox", "state"): OutboxState,
    ("pulled", "state"): PulledState,
}
_OBJECTS = frozenset({"record", "before", "after", "headers", "fields", "front"})
_FLAGS = frozenset({"consent", "tracking_consent", "former", "partly", "expired", "undoable", "landed", "due"})
_NAMED = "SELECT {columns}, p.name AS campaign FROM {table} AS t LEFT JOIN campaign AS p ON p.id = t.campaign_id"
_EVENTS = (
    "SELECT {columns}, p.name AS campaign, l.url, f.path AS feed FROM event AS t"
    " LEFT JOIN campaign AS p ON p.id = t.campaign_id LEFT JOIN link AS l ON l.id = t.link_id"
    " LEFT JOIN feed AS f ON f.id = t.feed_id WHERE t.recipient_id IN ({{}})"
)
_CLICKS = (
    "SELECT {columns}, p.name AS campaign, l.url FROM clicker AS t LEFT JOIN campaign AS p ON p.id = t.campaign_id"
    " LEFT JOIN link AS l ON l.id = t.link_id WHERE t.recipient_id IN ({{}})"
)
_LISTS = (
    "SELECT {columns}, b.recipient_id, b.known FROM list_member AS b JOIN mail_list AS t ON t.id = b.list_id"
    " WHERE b.contact_id IN ({{}})"
)
_ENTRIES = (
    "SELECT l.journal_id FROM journal_line AS l WHERE l.subject = 'contact' AND l.subject_id IN"
    " (SELECT value FROM json_each(?1)) UNION SELECT l.journal_id FROM journal_line AS l"
    " WHERE l.subject IN ('recipient', 'assigned') AND l.subject_id IN (SELECT value FROM json_each(?2))"
    " UNION SELECT l.journal_id FROM journal_line AS l WHERE l.subject = 'address'"
    " AND l.subject_id IN (SELECT value FROM json_each(?3))"
    " UNION SELECT l.journal_id FROM journal_line AS l WHERE l.subject >= 'member:' AND l.subject < 'member;'"
    " AND l.subject_id IN (SELECT value FROM json_each(?1))"
)
_LINES = (
    "SELECT {columns} FROM journal_line AS t WHERE t.journal_id IN ({{}}) AND (t.subject IN ('stranger', 'assigned')"
    " OR t.subject IN ('contact') AND t.subject_id IN ({contacts})"
    " OR t.subject >= 'member:' AND t.subject < 'member;' AND t.subject_id IN ({contacts})"
    " OR t.subject = 'recipient' AND t.subject_id IN ({recipients})"
    " OR t.subject = 'address' AND t.subject_id IN ({addresses}))"
)


@dataclass(frozen=True, slots=True)
class PersonData:
    """All that is stored about a person.

    Attributes:
        tables: what -> its rows, as :data:`Row`: contacts, recipients, events, clicks, addresses, lists, journal
            (entries, each with its lines about the person), strangers, guesses, sent, messages, pulled, forgotten.
        mentions: texts elsewhere that hold a name, an address or an id of the person.
    """

    tables: dict[str, tuple[Row, ...]]
    mentions: tuple[Mention, ...]


def person_data(store: Store, one: Identity) -> PersonData:
    """Return all that is stored about a person, as it stands at one moment; every table is read."""
    with store.reading():
        recipients = [id_ for (id_,) in store.among("SELECT id FROM recipient WHERE contact_id IN ({})", one.contacts)]
        keys = [key for key in one.addresses if key not in one.shared]
        addresses = [id_ for (id_,) in store.among("SELECT id FROM address WHERE key IN ({})", list(one.addresses))]
        unplanned = [*keys, *(f"crm:{crm_id}" for crm_id in one.crm_ids)]
        outbox = _rows(store, "outbox", "SELECT {columns} FROM outbox AS t WHERE t.recipient_id IN ({{}})", recipients)
        of_campaign = _NAMED + " WHERE t.{column} IN ({{{{}}}})"
        tables = {
            "contacts": _rows(
                store, "contact", "SELECT {columns} FROM contact AS t WHERE t.id IN ({{}})", one.contacts
            ),
            "recipients": _rows(store, "recipient", _by(of_campaign, "recipient", "contact_id"), one.contacts),
            "events": _rows(store, "event", _EVENTS, recipients),
            "clicks": _rows(store, "clicker", _CLICKS, recipients),
            "addresses": _rows(store, "address", "SELECT {columns} FROM address AS t WHERE t.id IN ({{}})", addresses),
            "lists": _rows(store, "mail_list", _LISTS, one.contacts),
            "journal": tuple(_journal(store, one.contacts, recipients, addresses)),
            "strangers": _rows(store, "stranger", _by(of_campaign, "stranger", "address_key"), unplanned),
            "guesses": _rows(
                store, "guess", "SELECT {columns} FROM guess AS t WHERE t.recipient_id IN ({{}})", recipients
            ),
            "sent": outbox,
            "messages": _rows(
                store,
                "message",
                "SELECT {columns} FROM message AS t WHERE t.id IN ({{}})",
                sorted({row["message_id"] for row in outbox}),
            ),
            "pulled": _rows(store, "pulled", _by(of_campaign, "pulled", "recipient_id"), recipients),
            "forgotten": _rows(
                store, "forgotten", "SELECT {columns} FROM forgotten AS t WHERE t.contact_id IN ({{}})", one.contacts
            ),
        }
        wanted = dict.fromkeys([*one.addresses, *one.addresses.values(), *one.led_to, *one.led_to.values()], "")
        found = tuple(mentions(store, needles(wanted, one.names, one.crm_ids)))
    return PersonData(tables, found)


def _by(sql: str, table: str, column: str) -> str:
    return sql.format(columns="{columns}", table=table, column=column)


def _columns(table: str) -> tuple[str, ...]:
    from store import models

    (model,) = (one for one in models.TABLES if one._meta.table_name == table)
    return tuple(model._meta.fields)


def _rows(store: Store, table: str, sql: str, values: Sequence[Any], **more: str) -> tuple[Row, ...]:
    """Return rows of a table; ``{columns}`` in the statement become all of its own, as ``t``."""
    columns = _columns(table)
    text = sql.format(columns=", ".join(f"t.{column}" for column in columns), **more)
    extra = _extra(text)
    return tuple(
        {name: _value(table, name, value) for name, value in zip((*columns, *extra), row, strict=True)}
        for row in store.among(text, values)
    )


def _extra(sql: str) -> list[str]:
    """Return the names of the columns that a statement selects beside those of its table."""
    selected = sql.partition(" FROM ")[0].removeprefix("SELECT ").split(", ")
    return [text.split(" AS ")[-1].split(".")[-1] for text in selected if not text.startswith("t.")]


def _value(table: str, column: str, value: Any) -> Any:
    if value is None:
        return None
    words = _OF_TABLE.get((table, column)) or _WORDS.get(column)
    if words is not None and isinstance(value, int):
        return words.of(value).value
    if column in _OBJECTS:
        return json.loads(value)
    if column in _FLAGS:
        return bool(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, int) and (column == "ts" or column.endswith("_at")):
        return from_ms(value)
    return value


def _journal(
    store: Store, contacts: Sequence[int], recipients: Sequence[int], addresses: Sequence[int]
) -> Iterator[Row]:
    """Yield the entries of the journal about a person, each with its lines about the person."""
    arrays = [json.dumps(list(some)) for some in (contacts, recipients, addresses)]
    entries = [entry for (entry,) in store.execute(_ENTRIES, arrays).fetchall()]
    listed = {
        "contacts": _listed(contacts),
        "recipients": _listed(recipients),
        "addresses": _listed(addresses),
    }
    lines = _rows(store, "journal_line", _LINES, entries, **listed)
    for row in _rows(store, "journal", "SELECT {columns} FROM journal AS t WHERE t.id IN ({{}})", entries):
        yield row | {"lines": [line for line in lines if line["journal_id"] == row["id"]]}


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, ids)) or "NULL"
