"""The fold from the beginning, beside what the tables hold: what is stored must follow from the events and the marks.

Everything derived is derived here a second time, by other means than those that wrote it: recipients by
:mod:`store.fold` (all, or those that :mod:`store.screening` cannot tell to be right), counters, clickers and dates by
counting events, addresses from their recipients. Nothing is changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from typing import Any

from store.database import Connection, Store, spoken
from store.derive import FACTS, happening
from store.fold import Folded, Happening, Marks, fold
from store.queries.policy import load
from store.screening import Screening
from store.standing import TELLING, known_keys, states_under
from store.vocabulary import Actor, BounceKind, Decision, EventType, Word

_SOME = 2000
"""Recipients whose events are held at a time."""

_SPAN = 20_000
"""Recipients that are looked at in one view of the store."""

_FOLDED = tuple(field.name for field in fields(Folded))
_COMPARED = (*_FOLDED, "outcome_min", "outcome_max")
_RECIPIENTS = (
    f"SELECT id, campaign_id, skip_reason, override, override_at, cleared_at, decision, decided_at,"
    f" {', '.join(_COMPARED)} FROM recipient WHERE id IN (SELECT id FROM folding) ORDER BY id"
)
_EVENTS = (
    "SELECT recipient_id, outcome, type, ts, dedupe, address, message_id, kind, expired, reason, status, reply,"
    " diagnostic, actor, times FROM event WHERE recipient_id IN (SELECT id FROM folding)"
)
_COUNTED = f"SELECT campaign_id, delivery, triage, {FACTS} AS facts, count(*) AS n FROM recipient"
_COUNTED_KEPT = "SELECT campaign_id, delivery, triage, facts, n FROM campaign_stat WHERE n <> 0"
_CLICKED, _MACHINE = EventType.CLICKED.code, Actor.MACHINE.code
_CLICKERS = (
    f"SELECT campaign_id, link_id, recipient_id, sum(CASE WHEN actor <> {_MACHINE} THEN times ELSE 0 END) AS clicks,"
    f" sum(CASE WHEN actor = {_MACHINE} THEN times ELSE 0 END) AS machine_clicks,"
    f" min(ts) AS first_at, max(ts) AS last_at FROM event WHERE type = {_CLICKED} AND link_id IS NOT NULL"
)
_CLICKERS_KEPT = (
    "SELECT campaign_id, link_id, recipient_id, clicks, machine_clicks, first_at, last_at FROM clicker WHERE TRUE"
)
_ADDRESS = (
    *("consecutive", "last_bounce_at", "last_success_at", "blocked_at", "block_reason", "unsubscribed_at"),
    "complained_at",
)
_IN_CAMPAIGN = "SELECT DISTINCT address_key FROM recipient WHERE address_key IN ({}) AND campaign_id"
_STAT = "campaign_id, delivery, triage, facts, n"
_CLICKER = "campaign_id, link_id, recipient_id, clicks, machine_clicks, first_at, last_at"


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


def differences(
    store: Store,
    on_progress: Callable[[int], None] | None = None,
    *,
    campaign_id: int | None = None,
    thorough: bool = False,
) -> Iterator[Difference]:
    """Yield whatever in the store does not follow from its events and marks, at constant memory.

    Recipients are read some thousands at a time, each time as they stand: while a feed is followed nothing is reported
    that is only under way.

    Args:
        store: the open store.
        on_progress: called with the number of recipients looked at so far.
        campaign_id: look at one campaign and the addresses in it; None: at everything.
        thorough: fold every recipient, which takes ten times as long; otherwise those whose state follows from more
            than which facts there are, and one for each state of the others.
    """
    with spoken(store.place), closing(store.connection()) as connection:
        screening = Screening(connection, campaign_id)
        yield from _recipients(connection, screening, thorough, on_progress)
        yield from _campaigns(connection, screening, campaign_id)
        where = "" if campaign_id is None else f" AND campaign_id = {campaign_id}"
        counted = f"{_COUNTED}{where.replace('AND', 'WHERE')} GROUP BY 1, 2, 3, 4"
        yield from _rows(connection, "campaign_stat", _STAT, 4, _COUNTED_KEPT + where, counted)
        clicked = f"{_CLICKERS}{where} GROUP BY 1, 2, 3"
        yield from _rows(connection, "clicker", _CLICKER, 3, _CLICKERS_KEPT + where, clicked)
        if campaign_id is None:
            lost = "SELECT id FROM event WHERE recipient_id NOT IN (SELECT id FROM recipient)"
            for (id_,) in connection.execute(lost):
                yield Difference("event", (id_,), "recipient_id", "nobody", None)
    yield from _addresses(store, campaign_id)


@contextmanager
def _one_view(connection: Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _recipients(
    connection: Connection, screening: Screening, thorough: bool, on_progress: Callable[[int], None] | None
) -> Iterator[Difference]:
    last, count = 0, 0
    while True:
        with _one_view(connection):
            first, last, some = screening.span(last, _SPAN)
            if not some:
                return
            screening.screen(first, last)
            if thorough:
                yield from _folded(connection, screening.everyone())
            else:
                yield from _folded(connection, screening.suspects())
                yield from _standing_for_others(connection, screening)
        count += some
        if on_progress:
            on_progress(count)


def _standing_for_others(connection: Connection, screening: Screening) -> Iterator[Difference]:
    for pattern, id_ in screening.unproven():
        if any(_folded(connection, [id_])):
            yield from _folded(connection, screening.alike(pattern))
        else:
            screening.prove(pattern)


def _folded(connection: Connection, ids: Sequence[int]) -> Iterator[Difference]:
    """Yield what does not follow of these recipients, each folded from all of its events."""
    for start in range(0, len(ids), _SOME):
        connection.execute("DELETE FROM folding")
        connection.executemany("INSERT INTO folding (id) VALUES (?)", [(id_,) for id_ in ids[start : start + _SOME]])
        happened: dict[int, list[Happening]] = defaultdict(list)
        outcomes: dict[int, list[int]] = defaultdict(list)
        for recipient, outcome, *told in connection.execute(_EVENTS).fetchall():
            happened[recipient].append(happening(*told))
            if outcome is not None:
                outcomes[recipient].append(outcome)
        for id_, _, *marks_and_state in connection.execute(_RECIPIENTS).fetchall():
            marks, state = marks_and_state[:6], marks_and_state[6:]
            derived = _state(fold(happened[id_], _marks(*marks)))
            derived += (min(outcomes[id_], default=None), max(outcomes[id_], default=None))
            for column, stored, expected in zip(_COMPARED, state, derived, strict=True):
                if stored != expected:
                    yield Difference("recipient", (id_,), column, stored, expected)


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


def _campaigns(connection: Connection, screening: Screening, campaign_id: int | None) -> Iterator[Difference]:
    which = "" if campaign_id is None else f" WHERE id = {campaign_id}"
    for id_, started_at, ended_at in connection.execute(f"SELECT id, started_at, ended_at FROM campaign{which}"):
        first, last = screening.dates.get(id_, (None, None))
        for column, kept, derived in (("started_at", started_at, first), ("ended_at", ended_at, last)):
            if kept != derived:
                yield Difference("campaign", (id_,), column, kept, derived)


def _rows(connection: Connection, table: str, columns: str, keys: int, kept: str, derived: str) -> Iterator[Difference]:
    """Compare two queries as sets of rows whose first ``keys`` columns are the key; each is made once."""
    with _one_view(connection):
        for *row, side in connection.execute(
            f"SELECT {columns}, min(side) FROM (SELECT *, 0 AS side FROM ({kept}) UNION ALL"
            f" SELECT *, 1 AS side FROM ({derived})) GROUP BY {columns} HAVING count(*) = 1"
        ):
            key, values = tuple(row[:keys]), tuple(row[keys:])
            yield Difference(table, key, "", None if side else values, values if side else None)


def _addresses(store: Store, campaign_id: int | None) -> Iterator[Difference]:
    which = "" if campaign_id is None else f" AND r.campaign_id = {campaign_id}"
    missing = (
        f"SELECT DISTINCT r.address_key FROM recipient AS r WHERE ({TELLING}){which}"
        " AND r.address_key NOT IN (SELECT key FROM address)"
    )
    for some in store.stream(missing):
        for (key,) in some:
            yield Difference("address", (key,), "", None, "a row")
    policy = load(store)
    sql = f"SELECT key, {', '.join(_ADDRESS)} FROM address WHERE key IN ({{}})"
    for keys in known_keys(store):
        if campaign_id is not None:
            keys = [key for (key,) in store.among(f"{_IN_CAMPAIGN} = {campaign_id}", keys)]
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
