"""What operators say of many recipients, written together with what follows from it.

A mark decides alone how a recipient stands if it is marked as bounced, and so does what else is known of one without a
failure: that is told from the row, and the row is written once. The others go through :mod:`store.derive`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from store import derive
from store.database import Store
from store.fold import triage
from store.standing import settle_keys
from store.vocabulary import MARKED_BY_OPERATOR, Decision, Delivery

MARKS = ("override", "override_at", "cleared_at", "decision", "decided_at", "decided_by")
"""The columns of a recipient that hold what operators say."""

_FAILURE = ("bounced_at", "bounce_kind", "reason", "status", "reply")
_COLUMNS = (*MARKS, "delivery", "triage", "partly", *_FAILURE)
_DELIVERY = _COLUMNS.index("delivery")
_READ = (
    "SELECT id, campaign_id, address_key,"
    " failed_at IS NOT NULL OR complained_at IS NOT NULL OR unsubscribed_at IS NOT NULL,"
    f" engaged_at, {derive.FACTS}, CASE WHEN failed_at IS NULL AND NOT {derive.SEVERAL.format('')}"
    f" THEN {derive.UNFAILED} END, {', '.join(_COLUMNS)} FROM recipient WHERE id IN ({{}})"
)
_OVERRIDE_AT = 2 + _COLUMNS.index("override_at")
"""Where it stands behind ``engaged_at``."""


class _Turn(NamedTuple):
    """What a change makes of a row: columns that get another value, and the counters that it leaves and comes to.

    ``folded``: what follows takes a look at the events, and only the marks are among the columns.
    """

    columns: tuple[str, ...]
    values: tuple[Any, ...]
    folded: bool
    marked: bool
    left: tuple[int, int, int]
    comes: tuple[int, int, int]


def mark(store: Store, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Write marks of recipients, and derive their facets, their counters and their addresses anew.

    Call it inside a transaction.

    Args:
        store: the open store.
        changes: recipient -> some of :data:`MARKS` and what they hold from now on.
    """
    # Most rows of a large change hold the same and turn into the same.
    turns: dict[tuple[Any, ...], _Turn] = {}
    written: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    moves: Counter[tuple[int, tuple[int, int, int], tuple[int, int, int]]] = Counter()
    folded: list[int] = []
    telling: list[str] = []
    silent: list[str] = []
    for id_, campaign, key, told, engaged_at, *row in store.among(_READ, sorted(changes)):
        change = changes[id_]
        marked_at = change.get("override_at", row[_OVERRIDE_AT])
        engaged = engaged_at is not None and (marked_at is None or engaged_at > marked_at)
        like = (id(change), engaged, *row)
        turn = turns.get(like)
        if turn is None:
            turn = turns[like] = _turn(change, engaged, *row)
        if turn.columns:
            written[turn.columns].append((*turn.values, id_))
        if turn.folded:
            folded.append(id_)
        elif turn.left != turn.comes:
            moves[campaign, turn.left, turn.comes] += 1
        (telling if told or turn.marked else silent).append(key)
    for columns, rows in written.items():
        sets = ", ".join(f"{column} = ?" for column in columns)
        store.execute_many(f"UPDATE recipient SET {sets} WHERE id = ?", rows)
    counters: Counter[tuple[int, int, int, int]] = Counter()
    for (campaign, left, comes), number in moves.items():
        counters[campaign, *left] -= number
        counters[campaign, *comes] += number
    derive.add(store, counters)
    if folded:
        derive.touch(store, folded)
        with derive.counted(store):
            derive.facets(store)
    settle_keys(store, telling, silent)


def _turn(change: Mapping[str, Any], engaged: bool, facts: int, unfailed: int | None, *before: Any) -> _Turn:
    """Return what becomes of a row.

    Args:
        change: the marks that change.
        engaged: whether a person did something with the mail after it was marked as bounced.
        facts: the bits of the counters.
        unfailed: how the delivery stands if no failure counts; None: one may, or there were several outcomes.
        before: what the row holds.
    """
    now: dict[str, Any] = {**dict(zip(_COLUMNS, before, strict=True)), **change}
    override, override_at = now["override"], now["override_at"]
    failure: dict[str, Any] = dict.fromkeys(_FAILURE)
    delivery = unfailed
    if override is not None and override_at > (-1 if now["cleared_at"] is None else now["cleared_at"]) and not engaged:
        delivery = Delivery.BOUNCED.code
        failure |= {"bounced_at": override_at, "bounce_kind": override, "reason": MARKED_BY_OPERATOR}
    if delivery is not None:
        decision = None if now["decision"] is None else Decision.of(now["decision"])
        stands = triage(failure["bounced_at"], decision, now["decided_at"])
        now |= {"delivery": delivery, "triage": stands.code, "partly": False} | failure
    moved = {column: now[column] for column, old in zip(_COLUMNS, before, strict=True) if now[column] != old}
    return _Turn(
        tuple(moved),
        tuple(moved.values()),
        delivery is None,
        override is not None,
        (before[_DELIVERY], before[_DELIVERY + 1], facts),
        (now["delivery"], now["triage"], facts),
    )
