"""Files that make sense as a whole only: read when they have not changed for a while, and again when they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from store.errors import BadInput
from store.feeds.files import unreadable
from store.feeds.opening import EVENTS, open_feeds
from store.feeds.record import Defect, Progress, Record
from store.following.formats import WHOLE
from store.following.source import How, Saved, Step, Where
from store.following.watching import Folders

_EVERY_S = 5.0


class WholeFile:
    """A file that is read from its start whenever it has changed; what it said before is known again."""

    every_s = _EVERY_S

    def __init__(self, path: Path, how: How, folders: Folders) -> None:
        """Make the source."""
        self.path = path
        self.name = str(path)
        self.format = EVENTS
        self._how = how
        self._folders = folders
        self._read: list[int] = []
        self._reading: list[int] = []
        self._items: Iterator[Record | Defect | Progress] | None = None
        self._settling: float | None = None
        self._waiting: str | None = None

    def resume(self, saved: Saved | None) -> None:
        """Know which version was read."""
        self._read = saved.position.get("read", []) if saved else []

    def step(self, limit: int) -> Step:
        """Read on, or begin if there is a new version."""
        self._settling = self._waiting = None
        if self._items is None and not self._begin():
            return Step()
        assert self._items is not None
        items = [item for item in islice(self._items, limit) if not isinstance(item, Progress)]
        if items:
            return Step(items, more=True)
        self._items, self._read = None, self._reading
        return Step(position={"v": 1, "kind": WHOLE, "read": self._read})

    def _begin(self) -> bool:
        try:
            stat = self.path.stat()
        except OSError as error:
            self._waiting = str(unreadable(self.path, error))
            return False
        version = [stat.st_ino, stat.st_size, stat.st_mtime_ns]
        if version == self._read or not stat.st_size:
            return False
        self._settling = self._how.settled_s - self._how.quiet_s(stat.st_mtime)
        if self._settling > 0:
            return False
        self._settling = None
        how = self._how
        try:
            (feed,) = open_feeds(self.path, mapping=how.mapping, zone=how.zone, now=how.now())
        except BadInput as error:
            self._waiting = str(error)
            return False
        self.format, self._items, self._reading = feed.format, feed.records, version
        return True

    def where(self) -> Where:
        """Tell whether it is being read."""
        return Where(self.path.name, None if self._items else 0, self._waiting, self._settling)

    def watch(self, wake: Callable[[], None]) -> None:
        """Have the file's folder watched."""
        self._folders.add(self.path.parent)

    def finish(self) -> Step:
        """Return nothing: a version that was not read to its end is read again."""
        return Step()

    def close(self) -> None:
        """Let go of the file."""
        self._items = None
