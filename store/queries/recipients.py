"""Recipients: the view of a pane, a stream for files and pipes, and how many there are in each state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from store.asking import RecipientFilter, Selection, Sort
from store.database import Store, spoken
from store.queries.conditions import Condition, condition, state_sql, where
from store.queries.view import Interrupted, RecipientView
from store.rows import RecipientRow
from store.vocabulary import (
    FACT_CLICKED,
    FACT_COMPLAINED,
    FACT_READ,
    FACT_UNSUBSCRIBED,
    FAILED_DELIVERY,
    Delivery,
    State,
    Triage,
)

__all__ = ["Interrupted", "RecipientView", "count", "count_states", "counted_stream", "ids_of", "stream"]

_CHUNK = 1000
_FAILED = ", ".join(str(delivery.code) for delivery in sorted(FAILED_DELIVERY))
_COUNTED: dict[State, str] = {
    State.READY: f"delivery = {Delivery.READY.code}",
    State.SKIPPED: f"delivery = {Delivery.SKIPPED.code}",
    State.SENT: f"delivery NOT IN ({Delivery.READY.code}, {Delivery.SKIPPED.code})",
    State.DELIVERED: f"delivery = {Delivery.DELIVERED.code}",
    State.UNREAD: f"delivery = {Delivery.DELIVERED.code} AND facts & {FACT_READ} = 0",
    State.READ: f"facts & {FACT_READ} <> 0",
    State.CLICKED: f"facts & {FACT_CLICKED} <> 0",
    State.BOUNCED: f"delivery IN ({_FAILED})",
    State.OPEN: f"delivery IN ({_FAILED}) AND triage IN ({Triage.OPEN.code}, {Triage.LATER.code})",
    State.UNSUBSCRIBED: f"facts & {FACT_UNSUBSCRIBED} <> 0",
    State.COMPLAINED: f"facts & {FACT_COMPLAINED} <> 0",
}
"""States that the counters know, as conditions on campaign_stat."""


def stream(store: Store, wanted: RecipientFilter, sort: Sort | None = None) -> Iterator[RecipientRow]:
    """Yield the recipients that fit, in the order of a view, at constant memory.

    Raises:
        BadInput: the sort's column is unknown.
    """
    view = RecipientView(store)
    try:
        yield from _pages(view, view.build(wanted, sort or Sort()))
    finally:
        view.close()


@contextmanager
def counted_stream(
    store: Store, wanted: RecipientFilter, sort: Sort | None = None
) -> Iterator[tuple[int, Iterator[RecipientRow]]]:
    """Give the number of recipients that fit, and the same as :func:`stream`.

    Raises:
        BadInput: the sort's column is unknown.
    """
    view = RecipientView(store)
    try:
        total = view.build(wanted, sort or Sort())
        yield total, _pages(view, total)
    finally:
        view.close()


def _pages(view: RecipientView, total: int) -> Iterator[RecipientRow]:
    for offset in range(0, total, _CHUNK):
        yield from view.page(offset, _CHUNK)


def ids_of(store: Store, wanted: RecipientFilter) -> list[int]:
    """Return the ids of the recipients that fit, in the order of the plan."""
    view = RecipientView(store)
    try:
        view.build(wanted, Sort())
        return view.resolve(Selection(inverted=True))
    finally:
        view.close()


def count(store: Store, wanted: RecipientFilter) -> int:
    """Return how many recipients fit; whole campaigns and delivery states come from the counters."""
    asked = condition(wanted)
    if asked.sql:
        sql = f"SELECT count(*) FROM recipient AS r{where(asked)}"
    else:
        sql = f"SELECT coalesce(sum(n), 0) FROM campaign_stat AS r{where(asked)}"
    with spoken(store.place):
        connection = store.connection()
        try:
            return int(connection.execute(sql, asked.parameters).fetchone()[0])
        finally:
            connection.close()


def count_states(store: Store, wanted: RecipientFilter) -> dict[State, int]:
    """Return how many recipients answer to each state; the filter's own states do not count.

    A whole campaign is counted from its counters, what they do not know through an index; a narrowed one is read once.
    """
    asked = condition(replace(wanted, states=frozenset()))
    if asked.sql:
        return _counts(store, list(State), asked)
    within, given = ("", ()) if wanted.campaign_id is None else (" WHERE campaign_id = ?", (wanted.campaign_id,))
    sums = ", ".join(f"coalesce(sum(CASE WHEN {test} THEN n END), 0)" for test in _COUNTED.values())
    row = store.row(f"SELECT {sums} FROM campaign_stat{within}", given) or ()
    found = dict(zip(_COUNTED, map(int, row), strict=True))
    for state in State:
        if state not in found:
            found |= _counts(store, [state], asked, state)
    return {state: found[state] for state in State}


def _counts(store: Store, states: list[State], asked: Condition, only: State | None = None) -> dict[State, int]:
    """Count states by reading recipients; ``only`` says that all that is read has this state."""
    campaign = asked.campaign_id is not None
    tests = [state_sql(state, campaign) for state in states]
    where = ["r.campaign_id = :campaign"] if campaign else []
    where += [asked.sql] if asked.sql else []
    where += [tests[0]] if only else []
    sums = "count(*)" if only else ", ".join(f"coalesce(sum(CASE WHEN {test} THEN 1 END), 0)" for test in tests)
    sql = f"SELECT {sums} FROM recipient AS r{' WHERE ' if where else ''}{' AND '.join(where)}"
    with spoken(store.place):
        connection = store.connection()
        try:
            row = connection.execute(sql, asked.parameters).fetchone()
        finally:
            connection.close()
    return dict(zip(states, map(int, row), strict=True))
