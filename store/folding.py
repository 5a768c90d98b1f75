"""Old events folded into others: what a recipient's state rests on stays, the rest is counted and goes.

Of a recipient stay, as events of their own: every failure; of each kind of delivery event, of human and machine
openings, of human and machine clicks on each link, and of the other kinds, the first and the last. The first of them
stands for those between it and the last (``event.times``). Facts are first and last times, and clicks are counted by
``times``, so the state of the recipient, its clicks on links, and the campaign's dates follow from what stays as they
did before, and go on to do so whatever comes, is marked or is taken back later. Where a recipient had several outcomes
(a second mail, an alias), everything of the delivery stays.

What went is known again by its dedupe key alone (16 bytes in ``folded_key``), not by "nothing before this date": a log
that is read late still tells what it is the first to tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from store.database import Store
from store.fold import FAILURES
from store.vocabulary import Actor, EventType

R = TypeVar("R", bound=Sequence[Any])

_FAILURES = frozenset(type_.code for type_ in FAILURES)
_ENGAGING = frozenset({EventType.OPENED.code, EventType.CLICKED.code})
_MACHINE = Actor.MACHINE.code


@dataclass(frozen=True, slots=True)
class Event:
    """An event as far as folding needs it; ``bytes_`` is about what its row takes."""

    id: int
    recipient_id: int
    type: int
    ts: int
    actor: int
    link_id: int | None
    times: int
    feed_id: int | None
    dedupe: bytes
    bytes_: int


@dataclass(frozen=True, slots=True)
class Fold:
    """What becomes of events: which go, and how many some that stay stand for from now on."""

    gone: tuple[Event, ...]
    times: dict[int, int]


def fold_events(events: Iterable[Event], *, several: bool) -> Fold:
    """Decide which of one recipient's old events go.

    Args:
        events: those that are old enough, in any order.
        several: whether the recipient had several outcomes.
    """
    alike: dict[tuple[int, bool, int | None], list[Event]] = defaultdict(list)
    for event in events:
        engaging = event.type in _ENGAGING
        if event.type in _FAILURES or (several and not engaging):
            continue
        link = event.link_id if engaging else None
        alike[event.type, engaging and event.actor == _MACHINE, link].append(event)
    gone: list[Event] = []
    times: dict[int, int] = {}
    for some in alike.values():
        first, *between = sorted(some, key=lambda event: (event.ts, event.id))[:-1] or [some[0]]
        if between:
            gone += between
            times[first.id] = first.times + sum(event.times for event in between)
    return Fold(tuple(gone), times)


def unknown(store: Store, rows: Sequence[R]) -> Sequence[R]:
    """Return those rows, whose last column is the dedupe key, that stand for nothing that was folded or dropped."""
    if not rows:
        return rows
    found = store.execute("SELECT dedupe FROM folded_key ORDER BY dedupe DESC LIMIT 1").fetchone()
    if found is None:
        return rows
    newest = bytes(found[0])
    old = [row[-1] for row in rows if row[-1] <= newest]
    known = {bytes(key) for (key,) in store.among("SELECT dedupe FROM folded_key WHERE dedupe IN ({})", old)}
    return [row for row in rows if row[-1] not in known] if known else rows
