"""A feed is read at full speed while an operator looks at pages and decides about recipients: who waits for whom?"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import ses
from benchmarks.figure import Figure, Missing
from benchmarks.held import copied, held_store, reader, reading, told_by
from benchmarks.landing import read_at_once
from benchmarks.subjects import NOW, WHO, timed
from store.actions.triage import mark_soft
from store.asking import RecipientFilter, Sort
from store.database import Store, open_store
from store.errors import Refused, StoreError
from store.queries.campaigns import list_campaigns
from store.queries.view import RecipientView

_PAGE = 50
_LOOK_S = 0.02
_WRITE_S = 0.1
_WRITTEN = 500


@dataclass(slots=True)
class Watched:
    """What somebody at a screen saw: milliseconds of each page and write, refused writes, bytes of the log."""

    pages: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    refused: int = 0
    log_bytes: int = 0


def attended(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure T13: reading SES events into a large store with a screen attached, beside reading them alone."""
    held = held_store(size, size * 5)
    count = read_at_once(size)
    feed = ses.ses_sending(size, count)
    alone, beside = [], []
    seen = Watched()
    for _ in range(rounds):
        alone.append(reading(held, feed, count).seconds)
        with copied(held) as copy:
            process = reader(copy, feed)
            _watch(copy, process.poll, seen)
            beside.append(told_by(process, count).seconds)
    yield Figure("T13 page while a feed is read, p99", "ms", _p99(seen.pages), "", None, 10, at_most=True)
    yield Figure("T13 write of 500 meanwhile, p99", "ms", _p99(seen.writes), "", None, 500, at_most=True)
    yield Figure("T13 writes refused", "", seen.refused, "", None, 0, at_most=True)
    rate, bound = count / statistics.median(beside), count / statistics.median(alone)
    yield Figure("T13 reading beside a screen", "events/s", rate, "alone", bound, 0.5)
    yield Figure("T13 write-ahead log", "MB", seen.log_bytes / 2**20, "", None, 256, at_most=True)


def _watch(path: Path, ended: Callable[[], int | None], seen: Watched) -> None:
    dice = random.Random(7)
    store = open_store(path)
    campaign = list_campaigns(store)[0].id
    with closing(RecipientView(store)) as view:
        view.build(RecipientFilter(campaign), Sort())
        written = 0.0
        while ended() is None:
            place = dice.randrange(view.total)
            seen.pages.append(timed(lambda place=place: view.page(place, _PAGE)) * 1000)  # type: ignore[misc]
            if time.monotonic() - written >= _WRITE_S:
                _write(store, list(view.ids_between(place, place + _WRITTEN - 1)), seen)
                written = time.monotonic()
            seen.log_bytes = max(seen.log_bytes, os.path.getsize(f"{path}-wal"))
            time.sleep(_LOOK_S)
    store.close()


def _write(store: Store, ids: list[int], seen: Watched) -> None:
    began = time.perf_counter()
    try:
        mark_soft(store, ids, WHO, NOW)
    except Refused:
        return
    except StoreError:
        seen.refused += 1
    else:
        seen.writes.append((time.perf_counter() - began) * 1000)


def _p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)] if taken else 0.0
