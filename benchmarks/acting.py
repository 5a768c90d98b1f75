"""What an operator does to many recipients at once, beside the bare statements."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure, Missing
from benchmarks.held import copied, held_store
from benchmarks.subjects import NOW, WHO, timed
from store.actions.lists import remind
from store.actions.triage import mark_soft
from store.actions.undo import undo
from store.database import Store, open_store
from store.queries.campaigns import list_campaigns

_MARKED = 10_000
_SCAN = "SELECT sum(delivery), sum(sent_at) FROM recipient WHERE campaign_id = ?"
_BARE = "UPDATE recipient SET override = 20, override_at = 1, delivery = 40 WHERE id = ?"


def done(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure T11 and T12: a reminder list, and marking 10,000 recipients, each undone afterwards."""
    with copied(held_store(size, size * 5)) as copy:
        store = open_store(copy)
        try:
            yield from _reminders(store, rounds)
        finally:
            store.close()
        yield from _marks(copy, rounds)


def _reminders(store: Store, rounds: int) -> Iterator[Figure]:
    campaign = list_campaigns(store)[0].id
    taken, undone, scans = [], [], []
    for _ in range(rounds):
        scans.append(timed(lambda: store.row(_SCAN, (campaign,))))
        taken.append(timed(lambda: remind(store, campaign, "reminder", 0, WHO, NOW)))
        undone.append(timed(lambda: undo(store, WHO, NOW)))
    scan = statistics.median(scans) * 1000
    yield Figure("T11 reminder list", "ms", statistics.median(taken) * 1000, "scan", scan, 13, at_most=True)
    yield Figure("undoing it", "ms", statistics.median(undone) * 1000, "scan", scan, None, at_most=True)


def _marks(copy: Path, rounds: int) -> Iterator[Figure]:
    """Mark and undo; the bare statement changes the same rows of the same file in a transaction that is taken back."""
    store = open_store(copy)
    campaign = list_campaigns(store)[0].id
    ids = [id_ for (id_,) in store.rows("SELECT id FROM recipient WHERE campaign_id = ?", (campaign,))]
    ids = random.Random(len(ids)).sample(ids, min(_MARKED, len(ids) // 2))
    taken, undone, bare = [], [], []
    for _ in range(rounds):
        bare.append(_bare(store, ids))
        taken.append(timed(lambda: mark_soft(store, ids, WHO, NOW)))
        undone.append(timed(lambda: undo(store, WHO, NOW)))
    store.close()
    limit = statistics.median(bare) * 1000
    marked = f"T12 marking {len(ids):,}, with journal and counters"
    yield Figure(marked, "ms", statistics.median(taken) * 1000, "bare UPDATE", limit, 2, at_most=True)
    yield Figure("undoing it", "ms", statistics.median(undone) * 1000, "bare UPDATE", limit, None, at_most=True)


def _bare(store: Store, ids: list[int]) -> float:
    """Time the UPDATE alone, and write back what was there."""
    columns = "override, override_at, delivery"
    before = list(store.among(f"SELECT {columns}, id FROM recipient WHERE id IN ({{}})", ids))
    seconds = timed(lambda: store.run(lambda: store.execute_many(_BARE, [(id_,) for id_ in ids])))
    back = "UPDATE recipient SET override = ?, override_at = ?, delivery = ? WHERE id = ?"
    store.run(lambda: store.execute_many(back, before))
    return seconds
