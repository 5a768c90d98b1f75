"""The same store on a PostgreSQL server of its own, beside the file: moving it, reading, deciding, ingesting."""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks import ses
from benchmarks.asking import ms
from benchmarks.figure import Figure, Missing
from benchmarks.held import copied, held_store
from benchmarks.landing import read_at_once
from benchmarks.subjects import NOW, WHO, timed
from store.actions.triage import mark_soft
from store.actions.undo import undo
from store.asking import RecipientFilter, Sort
from store.database import Store, open_store
from store.ingest import ingest
from store.queries.campaigns import list_campaigns
from store.queries.view import RecipientView
from store.upkeep.transfer import transfer
from tests.postgres import new_database, server

_PAGE = 50
_TIMES = 15
_MARKED = 10_000
_ROOM = {"shared_buffers": "1GB", "maintenance_work_mem": "256MB", "max_wal_size": "8GB", "fsync": "on"}


def on_a_server(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure a store on a server, five times as many events as people, beside the same one in a file."""
    with server(_ROOM | {"synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}) as cluster:
        if cluster is None:
            yield Missing("store on PostgreSQL", "there is no PostgreSQL server here")
            return
        with new_database(cluster) as database, copied(held_store(size, size * 5)) as path:
            file, there = open_store(path), open_store(database.url())
            try:
                yield from _moved(file, there, path, rounds)
                size_bytes = database.run("SELECT pg_database_size(current_database())")[0][0]
                yield Figure(
                    "PostgreSQL: size", "MB", size_bytes / 1e6, "file", path.stat().st_size / 1e6, None, at_most=True
                )
                yield from _read(file, there, rounds)
                yield from _decided(file, there, size, rounds)
                yield from _ingested(file, there, size)
            finally:
                there.close()
                file.close()


def _moved(file: Store, there: Store, path: Path, rounds: int) -> Iterator[Figure]:
    rows = 0

    def moved(source: Store, target: Store) -> None:
        nonlocal rows
        rows = sum(part.rows for part in transfer(source, target, WHO, NOW, lambda *_: None))

    seconds = timed(lambda: moved(file, there))
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-", dir=path.parent) as folder:
        back = open_store(Path(folder) / "back.db")
        limit = timed(lambda: moved(there, back))
        back.close()
    yield Figure("PostgreSQL: copy to it", "rows/s", rows / seconds, "copy back", rows / limit, None)


def _beside(name: str, there: Callable[[], object], file: Callable[[], object], times: int) -> Figure:
    limit, taken = ms(file, times), ms(there, times)
    return Figure(f"PostgreSQL: {name}", "ms", taken, "file", limit, None, at_most=True)


def _read(file: Store, there: Store, rounds: int) -> Iterator[Figure]:
    campaign = list_campaigns(file)[0].id
    yield _beside("all campaigns", lambda: list_campaigns(there), lambda: list_campaigns(file), _TIMES)
    with closing(RecipientView(there)) as far, closing(RecipientView(file)) as near:
        wanted = RecipientFilter(campaign)
        for sort in (Sort(), Sort("name")):
            yield _beside(
                f"first page by {sort.column}",
                partial(far.first, wanted, sort, _PAGE),
                partial(near.first, wanted, sort, _PAGE),
                _TIMES,
            )
        yield _beside(
            "view of the campaign", partial(far.build, wanted, Sort()), partial(near.build, wanted, Sort()), rounds
        )
        middle = far.total // 2
        yield _beside("page in the middle", lambda: far.page(middle, _PAGE), lambda: near.page(middle, _PAGE), _TIMES)
        some = RecipientFilter(campaign, text="firma123.")
        yield _beside("search", partial(far.build, some, Sort()), partial(near.build, some, Sort()), rounds)


def _decided(file: Store, there: Store, size: int, rounds: int) -> Iterator[Figure]:
    campaign = list_campaigns(file)[0].id
    ids = [id_ for (id_,) in file.rows("SELECT id FROM recipient WHERE campaign_id = ?", (campaign,))]
    ids = random.Random(size).sample(ids, min(_MARKED, len(ids) // 2))
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        for place, store in (("file", file), ("there", there)):
            taken.setdefault(f"mark {place}", []).append(timed(lambda store=store: mark_soft(store, ids, WHO, NOW)))  # type: ignore[misc]
            taken.setdefault(f"undo {place}", []).append(timed(lambda store=store: undo(store, WHO, NOW)))  # type: ignore[misc]
    median = {name: statistics.median(found) * 1000 for name, found in taken.items()}
    for name, verb in (("mark", f"marking {len(ids):,}"), ("undo", "undoing it")):
        yield Figure(
            f"PostgreSQL: {verb}", "ms", median[f"{name} there"], "file", median[f"{name} file"], None, at_most=True
        )


def _ingested(file: Store, there: Store, size: int) -> Iterator[Figure]:
    count = min(read_at_once(size), 50_000)
    feed = ses.ses_sending(size, count)
    limit = timed(lambda: ingest(file, [feed], NOW))
    seconds = timed(lambda: ingest(there, [feed], NOW))
    yield Figure("PostgreSQL: SES events", "events/s", count / seconds, "file", count / limit, None)
