"""What sources gave, into the tables: events and positions in one transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from store import guesses
from store.claiming import claim_known, claim_strangers
from store.database import Store
from store.errors import StoreBusy
from store.feeds.record import Defect, Record
from store.following.source import Followed, Saved, Step
from store.landing import land, last_stranger
from store.matching import Matcher
from store.times import to_ms

T = TypeVar("T")
Steps = Sequence[tuple[Followed, Step]]


class Stopped(Exception):
    """The operator ended it while another process kept the store locked."""


@dataclass(slots=True)
class Tally:
    """What became of what was read.

    Attributes:
        records: records read.
        new_events: events that were not known yet and belong to a planned recipient.
        strangers: new records that belong to nobody in a plan.
        defects: pieces that could not be read.
    """

    records: int = 0
    new_events: int = 0
    strangers: int = 0
    defects: int = 0


@dataclass(slots=True)
class Landing:
    """Puts steps into the store, waits for locks, and gives strangers to recipients as these become known.

    Attributes:
        store: the open store.
        now: aware UTC time.
        patience: called every ten seconds while another process keeps the store locked; False: give up.
    """

    store: Store
    now: Callable[[], datetime]
    patience: Callable[[], bool]
    _matcher: Matcher = field(init=False)
    _links: dict[tuple[int, str], int] = field(default_factory=dict)
    _feeds: dict[str, int] = field(default_factory=dict)
    _claimed_upto: int = 0
    _campaigns: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read the campaigns."""
        self._matcher = Matcher(self.store)

    def saved(self, name: str) -> Saved | None:
        """Return what was kept of a source."""
        found = self.store.row(
            "SELECT p.feed_id, p.position, p.snapshot FROM feed AS f JOIN feed_position AS p ON p.feed_id = f.id"
            " WHERE f.path = ?",
            (_storable(name),),
        )
        if found is None:
            return None
        pieces = self.store.rows("SELECT name FROM feed_piece WHERE feed_id = ?", (found[0],))
        return Saved(json.loads(found[1]), found[2], frozenset(piece for (piece,) in pieces))

    def land(self, steps: Steps) -> Tally:
        """Land the records of some steps and keep their positions, all or nothing.

        Raises:
            Stopped: the store is locked, and patience ended; nothing was written.
        """
        return self._patiently(lambda: self._land(steps))

    def _patiently(self, change: Callable[[], T]) -> T:
        while True:
            try:
                return self.store.run(change)
            except StoreBusy as error:
                self._links.clear()
                if not self.patience():
                    raise Stopped from error
            except BaseException:
                self._links.clear()
                raise

    def _land(self, steps: Steps) -> Tally:
        tally = Tally()
        self._matcher.refresh()
        feeds = {source.name: self._feeds.get(source.name) or self._feed(source) for source, _ in steps}
        for source, step in steps:
            records = [item for item in step.items if isinstance(item, Record)]
            defects = [item for item in step.items if isinstance(item, Defect)]
            if records:
                landed = land(self.store, self._matcher, self._links, feeds[source.name], records)
                claimed = claim_known(self.store, self._matcher, records).total()
                tally.records += len(records)
                tally.new_events += landed.new_events + claimed
                tally.strangers += landed.strangers - claimed
            tally.defects += len(defects)
            self._keep(feeds[source.name], source, step, len(records), defects)
        self._feeds.update(feeds)
        return tally

    def _feed(self, source: Followed) -> int:
        name = _storable(source.name)
        found = self.store.execute("SELECT id FROM feed WHERE path = ?", (name,)).fetchone()
        if found is not None:
            return int(found[0])
        cursor = self.store.execute(
            "INSERT INTO feed (path, format, inode, size_bytes, mtime_ns, fingerprint, position, records, defects,"
            " read_at) VALUES (?, ?, 0, 0, 0, '', 0, 0, 0, ?)",
            (name, source.format, to_ms(self.now())),
        )
        return int(cursor.lastrowid)

    def _keep(self, feed: int, source: Followed, step: Step, records: int, defects: Sequence[Defect]) -> None:
        moment = to_ms(self.now())
        self.store.execute(
            "UPDATE feed SET format = ?, records = records + ?, defects = defects + ?, read_at = ? WHERE id = ?",
            (source.format, records, len(defects), moment, feed),
        )
        self.store.execute_many(
            "INSERT INTO feed_defect (feed_id, location, sentence) VALUES (?, ?, ?)",
            [(feed, _storable(defect.where), _storable(defect.sentence)) for defect in defects],
        )
        self.store.execute_many(
            "INSERT OR IGNORE INTO feed_piece (feed_id, name) VALUES (?, ?)", [(feed, name) for name in step.pieces]
        )
        if step.position is not None:
            self.store.execute(
                "INSERT INTO feed_position (feed_id, position, snapshot, updated_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (feed_id) DO UPDATE SET position = excluded.position,"
                " snapshot = coalesce(excluded.snapshot, feed_position.snapshot), updated_at = excluded.updated_at",
                (feed, json.dumps(step.position), step.snapshot, moment),
            )

    def claim(self, *, everything: bool = False) -> int:
        """Give strangers to the recipients they fit, also where only address and time tell; return how many.

        Args:
            everything: look at all strangers, not only at those that came since the last call; also done where a
                campaign was imported or has begun since.

        Raises:
            Stopped: the store is locked, and patience ended.
        """
        campaigns = self.store.rows("SELECT id, begun_at, keyed_at FROM campaign ORDER BY id")
        since = 0 if everything or campaigns != self._campaigns else self._claimed_upto
        upto = last_stranger(self.store)
        claimed: Counter[int] = Counter()
        while upto > since or guesses.pending(self.store):
            try:
                claimed = claim_strangers(self.store, matcher=self._matcher, since=since)
                break
            except StoreBusy as error:
                if not self.patience():
                    raise Stopped from error
        self._claimed_upto = upto
        self._campaigns = self.store.rows("SELECT id, begun_at, keyed_at FROM campaign ORDER BY id")
        return claimed.total()


def _storable(text: str) -> str:
    """Replace lone surrogates, which no database takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
