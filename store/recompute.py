"""The fold from the beginning, beside what the tables hold: what is stored must follow from the events and the marks.

Everything derived is derived here a second time, by other means than those that wrote it: recipients by
:mod:`store.fold`, counters, clickers and dates by counting events, addresses from their recipients. Nothing is changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from sqlite3 import Connection
from typing import Any

from store.database import Store, spoken
from store.derive import FACTS, happening
from store.fold import SENDING, Folded, Happening, Marks, fold
from store.queries.policy import load
from store.standing import TELLING, known_keys, states_under
from store.vocabulary import Actor, BounceKind, Decision, EventType, Word

_SOME = 2000
"""Recipients that are folded at a time, in one view of the store."""

_FOLDED = tuple(field.name for field in fields(Folded))
_COMPARED = (*_FOLDED, "outcome_min", "outcome_max")
_RECIPIENTS = (
    f"SELECT id, campaign_id, skip_reason, override, override_at, cleared_at, decision, decided_at,"
    f" {', '.join(_COMPARED)} FROM recipient WHERE id > ? ORDER BY id LIMIT {_SOME}"
)
_EVENTS = (
    "SELECT recipient_id, outcome, type, ts, dedupe, address, message_id, kind, expired, reason, status, reply,"
    " diagnostic, actor FROM event WHERE recipient_id BETWEEN ? AND ?"
)
_COUNTED = f"SELECT campaign_id, delivery, triage, {FACTS}, count(*) FROM recipient GROUP BY 1, 2, 3, 4"
_CLICKED, _MACHINE = EventType.CLICKED.code, Actor.MACHINE.code
_CLICKERS = (
    f"SELECT campaign_id, link_id, recipient_id, sum(actor <> {_MACHINE}), sum(actor = {_MACHINE}), min(ts), max(ts)"
    f" FROM event WHERE type = {_CLICKED} AND link_id IS NOT NULL GROUP BY 1, 2, 3"
)
_CLICKERS_KEPT = "SELECT campaign_id, link_id, recipient_id, clicks, machine_clicks, first_at, last_at FROM clicker"
_ADDRESS = (
    *("consecutive", "last_bounce_at", "last_success_at", "blocked_at", "block_reason", "unsubscribed_at"),
    "complained_at",
)
_Dates = dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that does not follow from the events and the marks.

    Attributes:
        table: where it stands.
        key: of which row; several columns stand behind one another.
        column: which value; "" for the row as a whole.
        kept: what the table holds; None also where the row is missing.
        derived: what follows from the events; None also where there should be no row.
    """

    table: str
    key: tuple[int | str, ...]
    column: str
    kept: object
    derived: object


def differences(store: Store, on_progress: Callable[[int], None] | None = None) -> Iterator[Difference]:
    """Yield whatever in the store does not follow from its events and marks, at constant memory.

    Recipients are read some thousands at a time, each time as they stand: while a feed is followed nothing is reported
    that is only under way.

    Args:
        store: the open store.
        on_progress: called with the number of recipients folded so far.
    """
    dates: _Dates = {}
    with spoken(store.path), closing(store.connection()) as connection:
        yield from _recipients(connection, dates, on_progress)
        yield from _campaigns(connection, dates)
        yield from _counters(connection)
        yield from _rows(connection, "clicker", 3, _CLICKERS_KEPT, _CLICKERS)
        for (id_,) in connection.execute("SELECT id FROM event WHERE recipient_id NOT IN (SELECT id FROM recipient)"):
            yield Difference("event", (id_,), "recipient_id", "nobody", None)
    yield from _addresses(store)


@contextmanager
def _one_view(connection: Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _recipients(
    connection: Connection, dates: _Dates, on_progress: Callable[[int], None] | None
) -> Iterator[Difference]:
    last, count = 0, 0
    while True:
        with _one_view(connection):
            kept = connection.execute(_RECIPIENTS, (last,)).fetchall()
            if not kept:
                return
            events = connection.execute(_EVENTS, (kept[0][0], kept[-1][0])).fetchall()
        happened: dict[int, list[Happening]] = defaultdict(list)
        outcomes: dict[int, list[int]] = defaultdict(list)
        for recipient, outcome, *told in events:
            happened[recipient].append(happening(*told))
            if outcome is not None:
                outcomes[recipient].append(outcome)
        for id_, campaign, *marks_and_state in kept:
            marks, state = marks_and_state[:6], marks_and_state[6:]
            _note_dates(dates, campaign, happened[id_])
            derived = _state(fold(happened[id_], _marks(*marks)))
            derived += (min(outcomes[id_], default=None), max(outcomes[id_], default=None))
            for column, stored, expected in zip(_COMPARED, state, derived, strict=True):
                if stored != expected:
                    yield Difference("recipient", (id_,), column, stored, expected)
        last, count = kept[-1][0], count + len(kept)
        if on_progress:
            on_progress(count)


def _marks(
    skip_reason: int | None,
    override: int | None,
    override_at: int | None,
    cleared_at: int | None,
    decision: int | None,
    decided_at: int | None,
) -> Marks:
    return Marks(
        skip_reason is not None,
        BounceKind.of(override) if override is not None else None,
        override_at,
        cleared_at,
        Decision.of(decision) if decision is not None else None,
        decided_at,
    )


def _state(folded: Folded) -> tuple[Any, ...]:
    """Return the fields of a fold as the table holds them."""
    values = (getattr(folded, name) for name in _FOLDED)
    return tuple(value.code if isinstance(value, Word) else value for value in values)


def _note_dates(dates: _Dates, campaign: int, events: list[Happening]) -> None:
    times = [event.ts for event in events if event.type in SENDING]
    if times:
        first, last = dates.get(campaign, (times[0], times[0]))
        dates[campaign] = min(first, *times), max(last, *times)


def _campaigns(connection: Connection, dates: _Dates) -> Iterator[Difference]:
    for id_, started_at, ended_at in connection.execute("SELECT id, started_at, ended_at FROM campaign"):
        first, last = dates.get(id_, (None, None))
        for column, kept, derived in (("started_at", started_at, first), ("ended_at", ended_at, last)):
            if kept != derived:
                yield Difference("campaign", (id_,), column, kept, derived)


def _counters(connection: Connection) -> Iterator[Difference]:
    kept = "SELECT campaign_id, delivery, triage, facts, n FROM campaign_stat WHERE n <> 0"
    yield from _rows(connection, "campaign_stat", 4, kept, _COUNTED)


def _rows(connection: Connection, table: str, keys: int, kept: str, derived: str) -> Iterator[Difference]:
    """Compare two queries as sets of rows whose first ``keys`` columns are the key."""
    with _one_view(connection):
        for row in connection.execute(f"SELECT * FROM ({kept}) EXCEPT SELECT * FROM ({derived})"):
            yield Difference(table, tuple(row[:keys]), "", tuple(row[keys:]), None)
        for row in connection.execute(f"SELECT * FROM ({derived}) EXCEPT SELECT * FROM ({kept})"):
            yield Difference(table, tuple(row[:keys]), "", None, tuple(row[keys:]))


def _addresses(store: Store) -> Iterator[Difference]:
    missing = (
        f"SELECT DISTINCT r.address_key FROM recipient AS r WHERE ({TELLING})"
        " AND r.address_key NOT IN (SELECT key FROM address)"
    )
    for some in store.stream(missing):
        for (key,) in some:
            yield Difference("address", (key,), "", None, "a row")
    policy = load(store)
    sql = f"SELECT key, {', '.join(_ADDRESS)} FROM address WHERE key IN ({{}})"
    for keys in known_keys(store):
        with store.reading():
            states = states_under(store, keys, policy)
            kept = list(store.among(sql, keys))
        for key, *values in kept:
            _, state = states[key]
            for column, stored in zip(_ADDRESS, values, strict=True):
                expected = getattr(state, column)
                expected = expected.code if isinstance(expected, Word) else expected
                if stored != expected:
                    yield Difference("address", (key,), column, stored, expected)
