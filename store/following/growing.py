"""A file that grows: through renaming, copying and cutting, packing, and the time in which nobody looked."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from store.errors import BadInput
from store.feeds.files import unreadable
from store.feeds.kumomta import KumoMtaLog
from store.feeds.record import Defect, Record
from store.following.content import Content, is_same, may_read, opened
from store.following.copies import locate, with_copies
from store.following.formats import format_of
from store.following.pieces import Format
from store.following.reading import Reading, Replaced, Stand
from store.following.snapshots import Snapshot, Snapshots
from store.following.source import How, Saved, Step, Where
from store.following.watching import Folders
from store.times import to_ms

EVERY_S = 5.0
"""A file is looked at so often where nothing tells of changes (network drives)."""
LINGER_S = 60.0
"""So long after its last change a file that was replaced may still be written to by those who have it open."""
_VERSION = 1
_STEP_BYTES = 1 << 22
_REST_S = 10.0
_PACKED_S = 600.0
"""After so long an archive gets no longer: where it ends in the middle, that is told."""
_MOST_FILES = 8
_TRIES = 20


class GrowingFile:
    """A file of lines, rows, objects or mails, with what rotation makes of it.

    The position is the whole pieces that were read of the file, and of older ones that may still be written to. What
    a log's reader remembers is kept in snapshots; a restart reads again what stands between snapshot and position.
    """

    every_s = EVERY_S

    def __init__(
        self,
        path: Path,
        kind: str,
        how: How,
        folders: Folders,
        *,
        copies: bool = False,
        shared: dict[str, KumoMtaLog] | None = None,
    ) -> None:
        """Make the source.

        Args:
            path: the file, whatever it will be.
            kind: what it was taken for (:func:`store.following.formats.kind_in`).
            how: what the operator said.
            folders: tells of changes.
            copies: read the rotated copies that lie beside it, too, if it is followed for the first time.
            shared: the readers that all files of a folder share.
        """
        self.path = path
        self.name = str(path)
        self._kind = kind
        self._how = how
        self._folders = folders
        self._copies = copies
        self._shared = shared
        self._format: Format = format_of(kind, how, path, shared)
        self.format = self._format.label
        self._snapshots = Snapshots(kind, self._format)
        self._files: list[Reading] = []
        self._resting: Stand | None = None
        self._rested: tuple[int, ...] = ()
        self._waiting: str | None = None
        self._moved = False
        self._pending: Saved | None = None

    def resume(self, saved: Saved | None) -> None:
        """Find the files again in which reading stopped, and let the reader know again what it knew there."""
        self._pending = None
        if saved is None or saved.position.get("v") != _VERSION or saved.position["kind"] != self._kind:
            if self._copies:
                self._begin([
                    content for copy in with_copies(self.path, self._how.copies_in) if (content := opened(copy.path))
                ])
        elif not self._taken_up(saved):
            # Nothing of it can be read now (no permission, a disk that is not there yet): it is looked for again.
            self._pending = saved

    def _taken_up(self, saved: Saved) -> bool:
        """Go on where the files were left; False if none of them can be read now, then nothing has changed."""
        stands = [Stand.from_json(values) for values in saved.position["files"]]
        for _ in range(_TRIES):
            located = locate(self.path, stands, {}, self._how.copies_in)
            if stands and not located.newer and not any(located.contents):
                return False
            there = [(content, stand) for content, stand in zip(located.contents, stands, strict=True) if content]
            # A reader that was on its way when a file was cut knows half of what it should: it begins anew.
            self._format = format_of(self._kind, self._how, self.path, self._shared)
            self._snapshots = Snapshots(self._kind, self._format)
            snapshot = self._snapshots.restored(saved.snapshot)
            try:
                self._files = [self._reached(content, stand, snapshot) for content, stand in there]
            except Replaced:
                for content in (*(content for content, _ in there), *located.newer):
                    content.close()
                continue
            if stands:
                self._begin(located.newer)
            return True
        return False

    def _reached(self, content: Content, stand: Stand, snapshot: Snapshot | None) -> Reading:
        """Return the reading of a file where it stopped, its reader brought there from the last snapshot.

        Raises:
            Replaced: the file was cut meanwhile.
        """
        latest = stand.mark.changed_ns // 1_000_000
        if self._snapshots.remembers:
            fitting = [one for one in snapshot.stands if one.mark.offset <= stand.mark.offset] if snapshot else []
            # The one that was read furthest is surely of this file; of little that was read others may be, too.
            fitting.sort(key=lambda one: one.mark.offset, reverse=True)
            start = next((one for one in fitting if content.fits(one.mark)), None)
            reading = Reading(content, self._format.pieces(start.place if start else None, latest), start)
            if reading.catch_up(stand.mark.offset):
                return reading
            if not reading.intact():
                raise Replaced
        return Reading(content, self._format.pieces(stand.place, latest), stand)

    def _begin(self, newer: Sequence[Content]) -> bool:
        """Begin files that came after those that are open; tell whether there are any."""
        for content in newer:
            self._files.append(Reading(content, self._format.pieces(None, self._latest_ms(content))))
            # Kept at once: from now on the file is found again, whatever it will be called.
            self._moved = self._snapshots.due = True
        return bool(newer)

    def _latest_ms(self, content: Content) -> int:
        return min(content.stat().st_mtime_ns // 1_000_000, to_ms(self._how.now()))

    def step(self, limit: int) -> Step:
        """Read what is new."""
        self._waiting = None
        if self._pending is not None:
            self.resume(self._pending)
        items: list[Record | Defect] = []
        read = 0
        more = True
        while len(items) < limit and read < _STEP_BYTES:
            before = self._reached_bytes()
            if not self._advance(items):
                more = False
                break
            read += max(self._reached_bytes() - before, 0)
        self._snapshots.read(read)
        if not more:
            items += self._settled()
            self._drop_old(items)
            if self._snapshots.stale and self._files and self._quiet_s(self._files[-1]) >= _REST_S:
                self._moved = self._snapshots.due = True
        step = self._saved(items, more)
        if not more:
            self._rest()
        return step

    def _reached_bytes(self) -> int:
        return sum(file.offset for file in self._files)

    def _advance(self, items: list[Record | Defect]) -> bool:
        """Read a chunk, or find the next file; False if there is nothing to be had now."""
        try:
            for file in self._files:
                before = file.offset
                taken = file.read()
                if taken is None:
                    continue
                items += taken.items
                self._moved = self._moved or file.offset != before
                if file is not self._files[-1] and self._files[-1].begun and taken.items:
                    # Read out of order: a restart could not tell in which.
                    self._snapshots.due = True
                return True
            return self._look()
        except Replaced:
            return self._relocate()
        except BadInput as error:
            self._waiting = str(error)
            return False

    def _look(self) -> bool:
        """Look what the name stands for now; True if there is something more to read."""
        try:
            named = self.path.stat()
        except OSError as error:
            self._waiting = str(unreadable(self.path, error))
            return False
        if self._pending is not None:
            if named.st_size and not may_read(self.path):
                self._waiting = f"{self.path} cannot be read: you have no permission."
            return False
        if self._resting is not None:
            if (named.st_dev, named.st_ino, named.st_size, named.st_mtime_ns) == self._rested:
                return False
            return self._wake()
        if all(file.intact() for file in self._files):
            if not named.st_size or (self._files and is_same(self._files[-1].content, self.path)):
                return False
            if not may_read(self.path):
                self._waiting = f"{self.path} cannot be read: you have no permission."
                return False
        return self._relocate()

    def _wake(self) -> bool:
        """Open a file again that was closed because nothing had changed for a while."""
        assert self._resting is not None
        stand, self._resting = self._resting, None
        located = locate(self.path, [stand], {}, self._how.copies_in)
        content = located.contents[0]
        if content is not None:
            self._files.append(Reading(content, self._format.pieces(stand.place, self._latest_ms(content)), stand))
        elif not located.newer:
            self._resting, self._rested = stand, ()
        self._begin(located.newer)
        return bool(self._files)

    def _relocate(self) -> bool:
        """Find out what became of the files, and what came after them; True if anything changed.

        What was not read of a file that was cut lies in a copy beside it, or nowhere.
        """
        good = {place: file.content for place, file in enumerate(self._files) if file.intact()}
        located = locate(self.path, [file.stand() for file in self._files], good, self._how.copies_in)
        changed = False
        for file, content in zip(list(self._files), located.contents, strict=True):
            if content is None:
                file.close()
                self._files.remove(file)
            elif content is not file.content:
                file.move(content)
            else:
                continue
            changed = self._moved = self._snapshots.due = True
        return self._begin(located.newer) or changed

    def _settled(self) -> list[Record | Defect]:
        """Read the unfinished end as it is if the file has not changed for so long that nothing more is expected."""
        newest = self._files[-1] if self._files else None
        settles_s = self._settles_s(newest) if newest else None
        if newest is None or settles_s is None or self._quiet_s(newest) < settles_s:
            return []
        size, damage = newest.content.stat().st_size, newest.content.damage
        if newest.settled == size or not (newest.rest or damage):
            return []
        newest.settled = size
        self._moved = True
        # It stays unread as far as the position goes: should more come, the piece is read again as a whole.
        pieces = self._format.pieces(newest.pieces.place(), self._latest_ms(newest.content))
        items = list(pieces.take(newest.rest, True).items)
        return [*items, Defect("end of the file", damage, ends=True)] if damage else items

    def _settles_s(self, file: Reading) -> float | None:
        return _PACKED_S if file.content.packed else self._format.settles_s

    def _quiet_s(self, file: Reading) -> float:
        return self._how.quiet_s(file.content.stat().st_mtime)

    def _drop_old(self, items: list[Record | Defect]) -> None:
        """Let go of older files that nobody writes to any more."""
        while len(self._files) > 1:
            oldest = self._files[0]
            lingers = not oldest.content.packed and self._quiet_s(oldest) < LINGER_S
            if lingers and len(self._files) <= _MOST_FILES:
                return
            items += oldest.end().items
            oldest.close()
            del self._files[0]
            self._moved = self._snapshots.due = True

    def _rest(self) -> None:
        """Close a file that has not changed for a while: thousands may be followed."""
        if len(self._files) != 1 or self._snapshots.stale or self._quiet_s(self._files[0]) < _REST_S:
            return
        newest = self._files[0]
        if (newest.rest or newest.content.damage) and newest.settled < 0 and self._settles_s(newest) is not None:
            return
        stat = newest.content.stat()
        self._rested = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
        self._resting = newest.stand()
        newest.close()
        self._files.clear()

    def _saved(self, items: list[Record | Defect], more: bool) -> Step:
        if not self._moved and not items:
            return Step(more=more)
        self._moved = False
        stands = [file.stand() for file in self._files]
        position = {"v": _VERSION, "kind": self._kind, "files": [stand.to_json() for stand in stands]}
        return Step(items, position, more, self._snapshots.made(stands))

    def where(self) -> Where:
        """Tell how many bytes are still to be read."""
        if self._resting is not None or not self._files:
            return Where(self.path.name, 0, self._waiting)
        newest = self._files[-1]
        sizes = [(file.content.size(), file.offset) for file in self._files]
        behind = sum(max(size - offset, 0) for size, offset in sizes if size is not None)
        settles_s = self._settles_s(newest)
        settling = None
        if newest.rest and newest.settled < 0 and settles_s is not None:
            settling = max(settles_s - self._quiet_s(newest), 0.0)
        return Where(self.path.name, behind, self._waiting, settling)

    def watch(self, wake: Callable[[], None]) -> None:
        """Have the file's folder watched."""
        self._folders.add(self.path.parent)
        self._folders.add(Path(os.path.realpath(self.path)).parent)

    def finish(self) -> Step:
        """Return the last snapshot."""
        if not self._files or not self._snapshots.stale:
            return Step()
        self._moved = self._snapshots.due = True
        return self._saved([], more=False)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()
        self._files.clear()
