"""Stores that hold millions of events already, and reading more into them.

The stores are seeded, built once and kept beside the files. What is read into one is read into a copy, by a process
of its own, whose memory is measured with that of the process that reads ahead for it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.material import CAMPAIGN, STARTED, made, recipients_csv
from benchmarks.ses import own_id
from benchmarks.subjects import NOW, WHO, timed
from store.actions.imports import import_recipients
from store.database import Store, open_store
from store.errors import StoreTooNew
from store.feeds.storing import outcome_key
from store.ingest import ingest
from store.landing import insert_events, link
from store.searching import index_new
from store.times import to_ms
from store.vocabulary import Actor, Attribution, BounceKind, EventType, Hop, Source

_AT_ONCE = 1_000_000
_LINKS = 12
_DAY_MS = 24 * 3600 * 1000
_MONTH_MS = 30 * _DAY_MS
_SPACING_MS = 25
_BOUNCED_OF = 33
_FAULT = (BounceKind.HARD.code, False, "userunknown", "5.1.1", 550)
_NO_FAULT = (None, False, None, None, None)


@dataclass(frozen=True, slots=True)
class Run:
    """How long reading took, the most memory that the processes held together, and their processor time."""

    seconds: float
    peak_mb: float
    cpu_s: float


def held_store(size: int, events: int) -> Path:
    """Return a store with as many campaigns to ``size`` recipients as ``events`` need, the newest one ``CAMPAIGN``.

    One mail in 33 bounced, the others were delivered; the other events are opens and clicks of random recipients, in
    order of time.
    """
    return kept_store(f"held-{size}-{events}.db", lambda path: _build(path, size, events))


def kept_store(name: str, build: Callable[[Path], None]) -> Path:
    """Return a store that is built once. Its tables are those of today: it is migrated if it was built with older ones.

    Args:
        name: of the file.
        build: makes the store where it is told to.
    """
    path = made(name, build)
    try:
        open_store(path).close()
    except StoreTooNew:
        path.unlink()
        path = made(name, build)
    for copy in path.parent.glob(f"{name}.before-*"):
        copy.unlink()
    return path


@contextmanager
def copied(held: Path) -> Iterator[Path]:
    """Give a copy of a store, which goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        copy = Path(shutil.copy(held, Path(folder) / "aftersend.db"))
        # What the copy left to be written must not be written while the clock runs.
        os.sync()
        yield copy


def reading(held: Path, feed: Path, count: int) -> Run:
    """Read a file of ``count`` events into a copy of a store."""
    with copied(held) as copy:
        return told_by(reader(copy, feed), count)


def reader(store: Path, feed: Path) -> subprocess.Popen[bytes]:
    """Start a process that reads a file into a store and tells how that went."""
    return subprocess.Popen([sys.executable, "-m", "benchmarks.held", str(store), str(feed)], stdout=subprocess.PIPE)


def told_by(process: subprocess.Popen[bytes], count: int) -> Run:
    """Wait for a :func:`reader` and return what it tells."""
    out, _ = process.communicate()
    assert process.returncode == 0, "reading failed"
    found = json.loads(out)
    assert found["new"] == count, f"{found['new']} events instead of {count}"
    return Run(found["seconds"], found["peak_mb"], found["cpu_s"])


def _read(path: Path, feed: Path) -> None:
    store = open_store(path)
    new = [0]

    def work() -> None:
        new[0] = sum(report.new_events for report in ingest(store, [feed], NOW))

    seconds = timed(work)
    store.close()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    peak_mb, cpu_s = sum(one.ru_maxrss for one in used) / 1024, sum(one.ru_utime + one.ru_stime for one in used)
    print(json.dumps({"seconds": seconds, "new": new[0], "peak_mb": peak_mb, "cpu_s": cpu_s}))


def _build(path: Path, size: int, events: int) -> None:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    store = open_store(path)
    campaigns = max(1, round(events / (size * 2.5)))
    for back in range(campaigns - 1, -1, -1):
        name = CAMPAIGN if not back else f"{CAMPAIGN} before {back}"
        import_recipients(store, recipients_csv(size), name, WHO, NOW)
        share = events // campaigns + (events % campaigns if not back else 0)
        rows = _events(store, size, share, back)
        while some := list(islice(rows, _AT_ONCE)):
            store.run(lambda some=some: insert_events(store, some))  # type: ignore[misc]
    index_new(store)
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


def _events(store: Store, size: int, count: int, back: int) -> Iterator[tuple[Any, ...]]:
    dice = random.Random(f"{size} {count} {back}")
    campaign, first = store.execute(
        "SELECT campaign_id, min(id) FROM recipient WHERE campaign_id = (SELECT max(id) FROM campaign)"
    ).fetchone()
    links = [store.run(lambda n=n: link(store, {}, campaign, f"https://news.example/{n}")) for n in range(_LINKS)]  # type: ignore[misc]
    begun = to_ms(STARTED) - back * _MONTH_MS
    for number in range(count):
        delivered = number < size
        who = number if delivered else dice.randrange(size)
        clicked = not delivered and dice.random() < 0.2
        bounced = delivered and number % _BOUNCED_OF == 0
        kind = EventType.DELIVERED if delivered else EventType.CLICKED if clicked else EventType.OPENED
        kind = EventType.BOUNCED if bounced else kind
        fault = (
            (BounceKind.HARD.code, False, "userunknown", "5.1.1", 550) if bounced else (None, False, None, None, None)
        )
        ts = begun + number * _SPACING_MS
        own = own_id(who, back)
        outcome = outcome_key(own, None) if delivered else None
        said = "250 2.0.0 Ok: queued as 4FzV2N0Wkpz9sSn" if delivered else None
        dedupe = ts.to_bytes(8, "big") + dice.randbytes(8)
        # A row as store.landing.event_row makes them.
        yield (
            *(campaign, first + who, kind.code, ts, Source.EVENTS.code, None, "", None, own, outcome),
            *(dice.choice(links) if clicked else None, *fault, "550 5.1.1 User unknown" if bounced else said),
            *(Actor.UNKNOWN.code, Hop.FINAL.code, Attribution.EXACT.code, dedupe),
        )


if __name__ == "__main__":
    _read(Path(sys.argv[1]), Path(sys.argv[2]))
