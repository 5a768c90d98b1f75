"""What a log's reader remembers, kept now and then: a restart need not read the whole log again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from store.following.pieces import Format
from store.following.reading import Stand

_VERSION = 1
_EVERY_BYTES = 1 << 24
_SHARE = 30


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where the files stood when it was made."""

    stands: Sequence[Stand]


class Snapshots:
    """Makes snapshots of one reader.

    Attributes:
        remembers: whether the reader remembers anything at all.
        due: whether the next step should have one.
        stale: whether something was read since the last one.
    """

    def __init__(self, kind: str, format_: Format) -> None:
        """Start; ``kind`` is what the file was taken for."""
        self._kind = kind
        self._format = format_
        self._since = 0
        self._size = 0
        self.remembers = format_.to_json() is not None
        self.due = False

    @property
    def stale(self) -> bool:
        """Whether something was read since the last one."""
        return self.remembers and self._since > 0

    def read(self, size: int) -> None:
        """Take note that so many bytes were read; after enough of them a snapshot is due."""
        self._since += size
        if self._since >= max(_EVERY_BYTES, _SHARE * self._size):
            self.due = True

    def made(self, stands: Sequence[Stand]) -> bytes | None:
        """Return a snapshot if one is due; ``stands`` is where the files are."""
        if not (self.remembers and self.due):
            return None
        told = {
            "v": _VERSION,
            "kind": self._kind,
            "files": [stand.to_json() for stand in stands],
            "reader": self._format.to_json(),
        }
        packed = zlib.compress(json.dumps(told).encode("ascii"), 1)
        self._since, self._size, self.due = 0, len(packed), False
        return packed

    def restored(self, packed: bytes | None) -> Snapshot | None:
        """Let the reader know again what it knew; None if there is no snapshot, or one of another version."""
        if packed is None or not self.remembers:
            return None
        told = json.loads(zlib.decompress(packed))
        if told["v"] != _VERSION or told["kind"] != self._kind:
            return None
        self._format.from_json(told["reader"])
        self._size = len(packed)
        return Snapshot([Stand.from_json(values) for values in told["files"]])
