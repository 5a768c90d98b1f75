"""What operators say of many recipients, written together with what follows from it.

A mark decides alone how a recipient stands if it is marked as bounced, and so does what else is known of one without a
failure: that is told from the row, and the row is written once. The others go through :mod:`store.derive`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from store import derive
from store.database import Store
from store.fold import triage
from store.standing import settle_keys
from store.vocabulary import MARKED_BY_OPERATOR, Decision, Delivery

MARKS = ("override", "override_at", "cleared_at", "decision", "decided_at", "decided_by")
"""The columns of a recipient that hold what operators say."""

_FOLLOWS = ("delivery", "triage", "partly", "bounced_at", "bounce_kind", "reason", "status", "reply")
_COLUMNS = (*MARKS, *_FOLLOWS)
_AT = {column: at for at, column in enumerate(_COLUMNS)}
_READ = (
    f"SELECT id, campaign_id, address_key, engaged_at, {derive.FACTS}, {derive.UNFAILED},"
    f" failed_at IS NOT NULL OR {derive.SEVERAL.format('')},"
    " failed_at IS NOT NULL OR complained_at IS NOT NULL OR unsubscribed_at IS NOT NULL,"
    f" {', '.join(_COLUMNS)} FROM recipient WHERE id IN ({{}})"
)


def mark(store: Store, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Write marks of recipients, and derive their facets, their counters and their addresses anew.

    Call it inside a transaction.

    Args:
        store: the open store.
        changes: recipient -> some of :data:`MARKS` and what they hold from now on.
    """
    written: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    counters: Counter[tuple[int, int, int, int]] = Counter()
    folded: list[int] = []
    telling: list[str] = []
    silent: list[str] = []
    for id_, campaign, key, engaged_at, facts, unfailed, failed, told, *before in store.among(_READ, sorted(changes)):
        after = list(before)
        for column, value in changes[id_].items():
            after[_AT[column]] = value
        (telling if told or after[0] is not None else silent).append(key)
        follows = _follows(after, engaged_at, None if failed else unfailed)
        if follows is None:
            folded.append(id_)
        else:
            after[len(MARKS) :] = follows
        moved = [(c, new) for c, old, new in zip(_COLUMNS, before, after, strict=True) if old != new]
        if moved:
            columns, values = zip(*moved, strict=True)
            written[columns].append((*values, id_))
        if before[6] != after[6] or before[7] != after[7]:
            counters[campaign, before[6], before[7], facts] -= 1
            counters[campaign, after[6], after[7], facts] += 1
    for columns, rows in written.items():
        sets = ", ".join(f"{column} = ?" for column in columns)
        store.execute_many(f"UPDATE recipient SET {sets} WHERE id = ?", rows)
    derive.add(store, counters)
    if folded:
        derive.touch(store, folded)
        with derive.counted(store):
            derive.facets(store)
    settle_keys(store, telling, silent)


def _follows(row: list[Any], engaged_at: int | None, unfailed: int | None) -> tuple[Any, ...] | None:
    """Return what follows from the marks in a row; None: that takes a look at the events.

    Args:
        row: the marks first.
        engaged_at: when a person last did something with the mail.
        unfailed: how the delivery stands if no failure counts; None: one may, or there were several outcomes.
    """
    override, override_at, cleared_at, decision, decided_at = row[:5]
    failure: tuple[int | None, int | None, str | None, None, None] = (None, None, None, None, None)
    if override is not None and override_at > _or(cleared_at) and override_at >= _or(engaged_at):
        delivery, failure = Delivery.BOUNCED.code, (override_at, override, MARKED_BY_OPERATOR, None, None)
    elif unfailed is not None:
        delivery = unfailed
    else:
        return None
    known = None if decision is None else Decision.of(decision)
    return (delivery, triage(failure[0], known, decided_at).code, False, *failure)


def _or(at: int | None) -> int:
    return -1 if at is None else at
