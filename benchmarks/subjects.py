"""The program's side: what is measured, through the functions that the commands call."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.material import CAMPAIGN
from store.actions.imports import import_recipients
from store.database import Store, open_store
from store.feeds.tables import read_table
from store.ingest import ingest
from store.journal import Operator
from store.searching import index_new

WHO = Operator("bench", "localhost")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@contextmanager
def empty_store() -> Iterator[Store]:
    """Open a new store in a folder of its own, which goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        store = open_store(Path(folder) / "aftersend.db")
        try:
            yield store
        finally:
            store.close()


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def load(source: Path, columns: tuple[str, ...], unique: str | None) -> float:
    """Read a CSV file and load it into one table of a store, as it is."""
    with empty_store() as store:
        store.execute(f"CREATE TABLE t ({', '.join(f'{column} TEXT' for column in columns)})")
        if unique:
            store.execute(f"CREATE UNIQUE INDEX u ON t ({unique})")
        marks = ", ".join("?" * len(columns))

        def work() -> None:
            rows = (cells for _, cells in read_table(source).rows)
            store.run(lambda: store.execute_many(f"INSERT INTO t VALUES ({marks})", rows))

        return timed(work)


def full_import(source: Path, size: int, indexed: bool = False) -> float:
    """Import a recipient list into an empty store: contacts, search text, recipients, counters, statistics.

    Args:
        source: the list.
        size: how many lines it has.
        indexed: index the search text, too, as the command does when the list has landed.
    """

    def work() -> None:
        import_recipients(store, source, CAMPAIGN, WHO, NOW)
        if indexed:
            index_new(store)

    with empty_store() as store:
        seconds = timed(work)
        planned = store.row("SELECT count(*) FROM recipient")
        assert planned == (size,), f"{planned} recipients instead of {size}"
        return seconds


def planned_store(folder: Path, source: Path) -> Path:
    """Return the file of a store into which a recipient list was imported, for :func:`reading` to copy."""
    path = folder / "planned.db"
    store = open_store(path)
    import_recipients(store, source, CAMPAIGN, WHO, NOW)
    store.close()
    return path


def reading(planned: Path, feed: Path, events: int) -> float:
    """Ingest a feed into a copy of a store: events, recipients' states, clicks, addresses, counters."""
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        store = open_store(shutil.copy(planned, Path(folder) / "aftersend.db"))
        try:
            seconds = timed(lambda: ingest(store, [feed], NOW))
            found = store.row("SELECT count(*) FROM event")
            assert found is not None
            assert found[0] >= events, f"{found[0]} events instead of {events}"
            return seconds
        finally:
            store.close()


def reading_twice(planned: Path, feed: Path, events: int) -> tuple[float, float]:
    """Ingest a feed into a copy of a store, and again: return the seconds of both; the second changes no row."""
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        store = open_store(shutil.copy(planned, Path(folder) / "aftersend.db"))
        try:
            first = timed(lambda: ingest(store, [feed], NOW))
            before = store.rows(_STATE)
            assert before[0][0] >= events, f"{before[0][0]} events instead of {events}"
            again = timed(lambda: ingest(store, [feed], NOW, reread=True))
            assert store.rows(_STATE) == before, "reading again changed something"
            return first, again
        finally:
            store.close()


_STATE = (
    "SELECT (SELECT count(*) FROM event), (SELECT sum(n * facts) FROM campaign_stat), count(*), sum(clicks),"
    " sum(delivery), sum(engagement), sum(coalesce(opened_at, 0) + coalesce(sent_at, 0)) FROM recipient"
)
