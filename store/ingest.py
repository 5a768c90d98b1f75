"""Records into the tables, exactly once: what is known already changes nothing, what fits nobody is kept aside."""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from store import guesses
from store.claiming import claim_strangers
from store.database import Store
from store.feeds.ahead import feeds_ahead
from store.feeds.bounces.mailbox import is_maildir
from store.feeds.logs import REMEMBERING
from store.feeds.opening import Feed, together
from store.feeds.record import DEFECTS_KEPT, Defect, Progress, Record
from store.landing import Landed, land, last_stranger
from store.matching import Matcher
from store.stride import Stride
from store.times import to_ms

if TYPE_CHECKING:
    from store.feeds.mapping import Mapping

BATCH = 2_000
"""Records in the first transaction, which waits until they are read; :mod:`store.stride` makes the others larger."""

_GARBAGE = 100_000
"""Records and rows hold no cycles: looking for some after every 700 new objects would take time for nothing."""

_WAITS = timedelta(days=10)
"""Longer than this no mail waits in a queue, so that a log that was last written to before tells of none."""

_CACHE_KIB = 32 * 1024
"""Recipients are visited in their order: twice as much holds no page until it is needed again."""

Report = Callable[[Path, Progress], None]


@dataclass(slots=True)
class IngestReport:
    """What became of one file, mailbox or source on a server.

    Attributes:
        path: the file, or the source's URL.
        format: what it was taken for.
        records: records read.
        new_events: events that were not known yet and belong to a planned recipient.
        strangers: new records that belong to nobody in a plan.
        duplicates: records that were known already.
        defects: what could not be read, the first ones.
        defects_left_out: how many more there were.
        unchanged: the file is as it was when it was read before, so it was not read again.
        note: what else the operator should know, in a sentence; "" if nothing.
    """

    path: Path | str
    format: str
    records: int = 0
    new_events: int = 0
    strangers: int = 0
    defects: list[Defect] = field(default_factory=list)
    defects_left_out: int = 0
    unchanged: bool = False
    note: str = ""

    @property
    def cut(self) -> bool:
        """Whether the end of the file could not be read."""
        return any(defect.ends for defect in self.defects)

    @property
    def bad(self) -> int:
        """How many pieces could not be read."""
        return len(self.defects) + self.defects_left_out

    def add(self, defect: Defect) -> None:
        """Take down a piece that could not be read; what ended the feed always."""
        if len(self.defects) < DEFECTS_KEPT or defect.ends:
            self.defects.append(defect)
        else:
            self.defects_left_out += 1

    @property
    def duplicates(self) -> int:
        """Records that were known already."""
        return self.records - self.new_events - self.strangers


def ingest(
    store: Store,
    paths: Sequence[Path],
    now: datetime,
    *,
    mapping: Mapping | None = None,
    reread: bool = False,
    zone: tzinfo | None = None,
    on_progress: Report | None = None,
) -> list[IngestReport]:
    """Read files and folders of any feed into the store and return a report for each feed.

    Args:
        store: the open store.
        paths: files, Maildirs, or folders that hold them; logs of mail servers are read as one, the oldest first.
        now: aware UTC time.
        mapping: how to read event files whose columns have their own names.
        reread: read files that have not changed since, too.
        zone: the zone of times that name none.
        on_progress: called with the path and how far it has been read.

    Raises:
        BadInput: a path is missing, empty or of no known format; feeds before it have landed.
        StoreError: the store cannot be written; whole batches before it have landed.
    """
    reports: list[IngestReport] = []
    by_feed: dict[int, IngestReport] = {}
    matcher = Matcher(store)
    stride = Stride(store, BATCH)
    last = last_stranger(store)
    try:
        for some in together(paths, mapping=mapping, zone=zone, now=now):
            path = some if len(some) > 1 else some[0]
            beside = _Beside(store, path)
            with _lean(store), closing(feeds_ahead(path, mapping=mapping, zone=zone, now=now)) as feeds:
                for feed in feeds:
                    reading = _Reading(store, matcher, feed, now, stride, on_progress)
                    reports.append(reading.report)
                    reading.run(beside, reread=reread)
                    by_feed[reading.feed_id] = reading.report
    finally:
        if guesses.pending(store) or not all(report.unchanged for report in reports):
            for feed_id, count in claim_strangers(store, matcher=matcher, after=last).items():
                if feed_id in by_feed:
                    by_feed[feed_id].strangers -= count
                    by_feed[feed_id].new_events += count
    return reports


@contextmanager
def _lean(store: Store) -> Iterator[None]:
    """Take neither memory for pages that a batch visits once, nor time for looking for garbage that is none."""
    thresholds = gc.get_threshold()
    gc.set_threshold(_GARBAGE, *thresholds[1:])
    try:
        with store.roomy(_CACHE_KIB):
            yield
    finally:
        gc.set_threshold(*thresholds)


class _Beside:
    """The logs that are read in one go.

    Attributes:
        told: the formats of which one was read.
    """

    def __init__(self, store: Store, path: Path | Sequence[Path]) -> None:
        self.told: set[str] = set()
        self._store = store
        self._path = path

    @cached_property
    def news(self) -> bool:
        """Whether one of several files, or of a folder, is not as it was when it was read."""
        files: Iterable[Path] = self._path if not isinstance(self._path, Path) else _files_in(self._path)
        sql = "SELECT path, inode, size_bytes, mtime_ns FROM feed"
        known = {found: mark for found, *mark in self._store.rows(sql)}
        for file in files:
            try:
                stat = file.stat()
            except OSError:
                return True
            if known.get(str(file.resolve())) != [stat.st_ino, stat.st_size, stat.st_mtime_ns]:
                return True
        return False


class _Reading:
    """One feed on its way into the tables."""

    def __init__(
        self, store: Store, matcher: Matcher, feed: Feed, now: datetime, stride: Stride, on_progress: Report | None
    ) -> None:
        self.store = store
        self.stride = stride
        self.matcher = matcher
        self.feed = feed
        self.now = now
        self.on_progress = on_progress
        self.report = IngestReport(feed.path, feed.format)
        self.mark = _fingerprint(feed.path)
        self.links: dict[tuple[int, str], int] = {}
        self.feed_id = 0

    def run(self, beside: _Beside, *, reread: bool) -> None:
        """Read the feed to its end, a transaction a batch; the position lands with the last one.

        What has not changed is passed over. A log tells more, though, once an older one beside it was read; and what
        it tells of mails that still wait is wanted where there are news.
        """
        path = str(self.feed.path.resolve())
        known = self.store.row("SELECT id, inode, size_bytes, mtime_ns, fingerprint FROM feed WHERE path = ?", (path,))
        self.feed_id = known[0] if known else self.store.run(lambda: self._register(path))
        remembering = self.feed.format in REMEMBERING
        if known and known[1:] == self.mark and not reread and self.feed.format not in beside.told:
            self.report.unchanged = True
            late = datetime.fromtimestamp(self.mark[2] / 1e9, UTC) > self.now - _WAITS
            if remembering and late and beside.news:
                deque(self.feed.records, maxlen=0)
            return
        if remembering:
            beside.told.add(self.feed.format)
        records = self._records()
        while batch := list(islice(records, self.stride.records)):
            landed = self.stride.run(lambda batch=batch: _land(self, batch), len(batch))  # type: ignore[misc]
            self.report.records += len(batch)
            self.report.new_events += landed.new_events
            self.report.strangers += landed.strangers
        self.store.run(self._finish)

    def _records(self) -> Iterator[Record]:
        for item in self.feed.records:
            if isinstance(item, Record):
                yield item
            elif isinstance(item, Defect):
                self.report.add(item)
            elif self.on_progress:
                self.on_progress(self.feed.path, item)

    def _register(self, path: str) -> int:
        cursor = self.store.execute(
            "INSERT INTO feed (path, format, inode, size_bytes, mtime_ns, fingerprint, position, records, defects,"
            " read_at) VALUES (?, ?, 0, 0, 0, '', 0, 0, 0, ?)",
            (path, self.feed.format, to_ms(self.now)),
        )
        return int(cursor.lastrowid)

    def _finish(self) -> None:
        inode, size, mtime, fingerprint = self.mark
        self.store.execute("DELETE FROM feed_defect WHERE feed_id = ?", (self.feed_id,))
        self.store.execute_many(
            "INSERT INTO feed_defect (feed_id, location, sentence) VALUES (?, ?, ?)",
            [(self.feed_id, defect.where, defect.sentence) for defect in self.report.defects],
        )
        self.store.execute(
            "UPDATE feed SET format = ?, inode = ?, size_bytes = ?, mtime_ns = ?, fingerprint = ?, position = ?,"
            " defects = ?, read_at = ? WHERE id = ?",
            (
                self.feed.format,
                inode,
                size,
                mtime,
                fingerprint,
                size,
                self.report.bad,
                to_ms(self.now),
                self.feed_id,
            ),
        )


def _land(reading: _Reading, batch: list[Record]) -> Landed:
    landed = land(reading.store, reading.matcher, reading.links, reading.feed_id, batch)
    # Counted with what they became, and without the mark of a feed that was read to its end.
    reading.store.execute(
        "UPDATE feed SET records = records + ?, fingerprint = '' WHERE id = ?", (len(batch), reading.feed_id)
    )
    return landed


def _files_in(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        if is_maildir(Path(root)):
            folders[:] = [name for name in folders if name not in {"cur", "new", "tmp"}]
            continue
        yield from (Path(root, name) for name in names if not name.startswith("."))


def _fingerprint(path: Path) -> tuple[int, int, int, str]:
    """Return inode, size, time of change and a hash by which an unchanged file or Maildir is known again."""
    stat = path.stat()
    digest = blake2b(digest_size=16)
    if path.is_dir():
        names = sorted(
            entry.name for part in ("new", "cur") if (path / part).is_dir() for entry in os.scandir(path / part)
        )
        for name in names:
            digest.update(os.fsencode(name) + b"\0")
        return stat.st_ino, len(names), 0, digest.hexdigest()
    with open(path, "rb") as handle:
        digest.update(handle.read(4096))
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, digest.hexdigest()
