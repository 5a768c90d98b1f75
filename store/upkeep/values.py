"""Whether each value is of the type that its column holds: SQLite takes any into any, and a damaged page may hold it.

What the tables hold as a code for a word (:mod:`store.vocabulary`) must be the code of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from store import models
from store.cleaning import clean
from store.errors import StoreDamaged, StoreError
from store.figures import counted, number
from store.rows.health import Finding, Verdict
from store.upkeep.copying import looking
from store.upkeep.references import Asked
from store.vocabulary import (
    Actor,
    Attribution,
    BlockReason,
    BounceKind,
    Decision,
    Delivery,
    Engagement,
    EventType,
    FollowUp,
    Hop,
    ListKind,
    OutboxState,
    PulledState,
    SendState,
    SkipReason,
    Source,
    Triage,
    Word,
)

CODES: Mapping[str, type[Word]] = {
    "address.block_reason": BlockReason,
    "address.operator_reason": BlockReason,
    "campaign.follow_up": FollowUp,
    "campaign_stat.delivery": Delivery,
    "campaign_stat.triage": Triage,
    "event.actor": Actor,
    "event.attribution": Attribution,
    "event.hop": Hop,
    "event.kind": BounceKind,
    "event.source": Source,
    "event.type": EventType,
    "mail_list.kind": ListKind,
    "message.state": SendState,
    "outbox.state": OutboxState,
    "pulled.state": PulledState,
    "recipient.bounce_kind": BounceKind,
    "recipient.decision": Decision,
    "recipient.delivery": Delivery,
    "recipient.engagement": Engagement,
    "recipient.override": BounceKind,
    "recipient.skip_reason": SkipReason,
    "recipient.triage": Triage,
    "stranger.type": EventType,
}
"""Columns that hold the code of a word."""

_TYPES = {
    "AUTO": "integer",
    "BIGINT": "integer",
    "BLOB": "blob",
    "BOOL": "integer",
    "FLOAT": "real",
    "INT": "integer",
    "SMALLINT": "integer",
    "TEXT": "text",
}
"""Peewee's word for a column's type -> SQLite's for what such a column holds (sqlite.org/datatype3.html, section 3)."""

_EXAMPLES = 3


class _Column(NamedTuple):
    """A column, quoted where SQL has the word, and what is true of a value that cannot stand in it."""

    name: str
    quoted: str
    wrong: str


def misfits(connection: Asked, advice: str) -> Iterator[Finding]:
    """Yield a finding for each table with values that their columns cannot hold, or one that there are none.

    Args:
        connection: to a store in a file, with this version's tables.
        advice: what can be done about them.
    """
    found = looked = 0
    for table in sorted(models.TABLES, key=lambda one: str(one._meta.table_name)):
        name, columns = table._meta.table_name, _columns(table)
        looked += len(columns)
        counts = connection.execute(
            f"SELECT {', '.join(f'sum(CASE WHEN {column.wrong} THEN 1 ELSE 0 END)' for column in columns)} FROM {name}"
        ).fetchone()
        wrong = {column: count for column, count in zip(columns, counts, strict=True) if count}
        if wrong:
            found += 1
            told = ", ".join(f"{column.name} {number(count)}" for column, count in wrong.items())
            said = f"{name} holds {counted(sum(wrong.values()), 'value')} that cannot stand there: {told}."
            yield Finding("values", Verdict.WRONG, said, advice, tuple(_examples(connection, name, list(wrong))))
    if not found:
        yield Finding("values", Verdict.FINE, f"Whatever stands in {looked} columns can stand there.")


def damage_of(path: Path) -> StoreDamaged | None:
    """Return what stands in a store's file and cannot, as an error; None: nothing does, or it cannot be looked at."""
    try:
        with looking(path) as connection:
            found = [one.sentence for one in misfits(connection, "") if one.verdict is Verdict.WRONG]
    except StoreError:
        return None
    return StoreDamaged(f"The store is damaged: {found[0]} `aftersend doctor` tells more.") if found else None


def _columns(table: Any) -> list[_Column]:
    found = []
    for field in table._meta.sorted_fields:
        name, quoted = field.column_name, f'"{field.column_name}"'
        holds = _TYPES[field.field_type]
        # A number of a column for fractions may be a whole one.
        kinds = [holds, "null", *(["integer"] if holds == "real" else [])]
        wrong = f"typeof({quoted}) NOT IN ({', '.join(repr(kind) for kind in kinds)})"
        word = CODES.get(f"{table._meta.table_name}.{name}")
        if word is not None:
            wrong += f" OR {quoted} NOT IN ({', '.join(str(member.code) for member in word)})"
        found.append(_Column(name, quoted, wrong))
    return found


def _examples(connection: Asked, table: str, columns: list[_Column]) -> Iterator[str]:
    for column in columns:
        rows = connection.execute(
            f"SELECT {column.quoted} FROM {table} WHERE {column.wrong} LIMIT {_EXAMPLES}"
        ).fetchall()
        for (value,) in rows:
            yield f"{table}.{column.name}: {clean(repr(value))[:80]}"
