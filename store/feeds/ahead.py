"""Reading in a process of its own, ahead of the one that lands what was read: two cores, one order.

The reading process opens the path by itself and sends what :func:`store.feeds.opening.open_feeds` yields there, in that
order; it knows nothing but the path and what the operator said about it. So both processes agree on what comes next,
and if the reading one is lost (no memory, most likely), this one goes on by itself with the very next item.
"""

from __future__ import annotations

import fcntl
import gc
import os
import pickle
import signal
import stat
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import datetime, tzinfo
from itertools import islice
from operator import attrgetter
from pathlib import Path
from queue import Empty, Queue
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from store.errors import BadInput
from store.feeds.opening import Feed, Stream, open_feeds
from store.feeds.record import Record
from store.feeds.storing import dedupe_key

if TYPE_CHECKING:
    from store.feeds.mapping import Mapping

WORTH_BYTES = 4 << 20
"""A path with fewer bytes is read before another process has started."""

_PIECE = 1000
"""Items that are sent at a time."""

_WAITING = 32
"""Pieces that may wait here until they are asked for."""

_PIPE_BYTES = 1 << 20
"""The most that anybody may have (``/proc/sys/fs/pipe-max-size`` as Linux sets it)."""

_GARBAGE = 20_000
"""Records hold no cycles: looking for some after every 700 new objects would take time for nothing."""

_LENGTH = struct.Struct(">I")
_LOST = object()
_ROOT = str(Path(__file__).parents[2])
_COMMAND = "import sys; sys.path.insert(0, sys.argv[1]); from store.feeds.ahead import serve; serve()"
_values = attrgetter(*(field.name for field in fields(Record)))
_Asked: TypeAlias = "tuple[Path | Sequence[Path], Mapping | None, tzinfo | None, datetime]"


def feeds_ahead(
    path: Path | Sequence[Path],
    *,
    mapping: Mapping | None = None,
    zone: tzinfo | None = None,
    now: datetime,
    worth: int = WORTH_BYTES,
) -> Generator[Feed, None, None]:
    """Yield what :func:`store.feeds.opening.open_feeds` yields; where there is much, another process reads it.

    A feed is read to its end, or not at all, before the next one is asked for.

    Args:
        path: file or folder, or several logs.
        mapping: as ``open_feeds`` takes it.
        zone: as ``open_feeds`` takes it.
        now: the present (aware).
        worth: from how many bytes on another process reads.

    Raises:
        BadInput: nothing there can be read; the sentence says what was expected.
    """
    if len(os.sched_getaffinity(0)) < 2 or not _holds(path, worth):
        yield from open_feeds(path, mapping=mapping, zone=zone, now=now)
        return
    reader = _Reader((path, mapping, zone, now))
    try:
        yield from reader.feeds()
    finally:
        reader.close()


def _holds(path: Path | Sequence[Path], size: int) -> bool:
    """Tell whether a file, or the files of a folder, have so many bytes."""
    found = 0
    with suppress(OSError):
        if not isinstance(path, Path):
            return sum(file.stat().st_size for file in path) >= size
        if not stat.S_ISDIR(path.stat().st_mode):
            return path.stat().st_size >= size
        for root, _, names in os.walk(path):
            for name in names:
                found += os.stat(os.path.join(root, name)).st_size
                if found >= size:
                    return True
    return False


class _Reader:
    """The reading process, seen from here."""

    def __init__(self, asked: _Asked) -> None:
        self._asked = asked
        self._read: list[bool] = []
        self._given = 0
        self._alone: Iterator[Feed] | None = None
        self._pieces: Queue[bytes | None] = Queue(_WAITING)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _COMMAND, _ROOT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        _widen(self._process.stdout)
        self._thread = threading.Thread(target=self._receive, name="reading ahead", daemon=True)
        self._thread.start()
        self._say(asked)

    def feeds(self) -> Iterator[Feed]:
        """Yield the feeds that it finds."""
        while (said := self._hear()) is not None:
            if said is _LOST:
                yield from self._go_on(len(self._read))
                return
            self._read.append(False)
            self._given = 0
            path, format_, total = said
            yield Feed(path, format_, total, self._records())
            if self._alone is not None:
                yield from self._alone
                return
            if not self._read[-1]:
                self._say(False)

    def _records(self) -> Stream:
        self._read[-1] = True
        self._say(True)
        while items := self._hear():
            if items is _LOST:
                self._alone = self._go_on(len(self._read) - 1)
                for feed in islice(self._alone, 1):
                    yield from islice(feed.records, self._given, None)
                return
            for item in [Record(*item) if item.__class__ is tuple else item for item in items]:
                self._given += 1
                yield item

    def _go_on(self, present: int) -> Iterator[Feed]:
        """Return the feeds from the ``present`` one on, read by this process."""
        path, mapping, zone, now = self._asked
        feeds = open_feeds(path, mapping=mapping, zone=zone, now=now)
        for read, feed in zip(self._read[:present], feeds, strict=False):
            if read:
                # A log's lines may tell what a later one is about.
                deque(feed.records, maxlen=0)
        return feeds

    def _say(self, word: object) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            pickle.dump(word, self._process.stdin)
            self._process.stdin.flush()

    def _hear(self) -> Any:
        piece = self._pieces.get()
        return _LOST if piece is None else pickle.loads(piece)

    def _receive(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while len(head := stream.read(_LENGTH.size)) == _LENGTH.size:
            (length,) = _LENGTH.unpack(head)
            piece = stream.read(length)
            if len(piece) < length:
                break
            self._pieces.put(piece)
        self._pieces.put(None)

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        while self._thread.is_alive():
            with suppress(Empty):
                self._pieces.get(timeout=0.01)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(BrokenPipeError):
                stream.close()


def _widen(pipe: IO[bytes]) -> None:
    """Let more stand in a pipe: each read of it waits until Python's lock is free, and takes 64 KiB without this."""
    # Linux alone has it, and takes it away from a user with too many pipes (pipe(7)).
    with suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _sent(record: Record) -> tuple[Any, ...]:
    """Return a record as it is sent, with what takes time to work out: here is more of it than where it lands."""
    record.known = dedupe_key(record)
    sent: tuple[Any, ...] = _values(record)
    return sent


def serve() -> None:
    """Be the reading process: what to read comes on stdin, and for each feed whether it is wanted."""
    # Ctrl-C reaches every process of a terminal; the landing one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(_GARBAGE)
    out, sys.stdout = sys.stdout.buffer, sys.stderr

    def send(said: object) -> None:
        piece = pickle.dumps(said, pickle.HIGHEST_PROTOCOL)
        out.write(_LENGTH.pack(len(piece)) + piece)
        out.flush()

    try:
        path, mapping, zone, now = pickle.load(sys.stdin.buffer)
        for feed in open_feeds(path, mapping=mapping, zone=zone, now=now):
            send((feed.path, feed.format, feed.total))
            if not pickle.load(sys.stdin.buffer):
                continue
            items = iter(feed.records)
            while piece := [_sent(item) if isinstance(item, Record) else item for item in islice(items, _PIECE)]:
                send(piece)
            send([])
        send(None)
    except (BadInput, BrokenPipeError, EOFError):
        # What cannot be read the landing process finds out by itself, and says it; or it is gone.
        os._exit(1)
