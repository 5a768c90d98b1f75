"""The content of one file that may grow, be renamed or unpacked under way, and the marks by which it is known again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

from store.errors import BadInput
from store.feeds.files import ByteFile, unreadable

HEAD_BYTES = 1024
"""So much of a file's beginning is remembered."""
TAIL_BYTES = 256
"""So much before the place that was reached is remembered."""
_SKIP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a file is known again that was read up to a place.

    Attributes:
        device: the file system it lay on.
        inode: its number there; a copy has another one.
        offset: how many (unpacked) bytes were read.
        head: hash of the first ``head_size`` bytes.
        head_size: fewer than :data:`HEAD_BYTES` only where less had been read.
        tail: hash of the last bytes before ``offset``.
        changed_ns: when it was last changed before it was read.
    """

    device: int
    inode: int
    offset: int
    head: str
    head_size: int
    tail: str
    changed_ns: int

    def to_json(self) -> list[Any]:
        """Return the mark as JSON values."""
        return [self.device, self.inode, self.offset, self.head, self.head_size, self.tail, self.changed_ns]

    @classmethod
    def from_json(cls, values: list[Any]) -> Self:
        """Return the mark that :meth:`to_json` wrote."""
        return cls(*values)


class Content:
    """An open file, unpacked if it is gz or zstd; it stays the same one when its name is given to another.

    Attributes:
        path: where it was opened.
        packed: whether it is gz or zstd.
        head: its first bytes, as they were when it was opened.
    """

    def __init__(self, path: Path) -> None:
        """Open ``path``.

        Raises:
            BadInput: it is missing, no file, or may not be read.
        """
        self.path = path
        self._file = ByteFile(path)
        self.packed = self._file.packed
        self._at = 0
        self._read_at_size = self.stat().st_size
        self.head = self.read(0, HEAD_BYTES)

    def stat(self) -> os.stat_result:
        """Return what the system knows of the file, whatever it is called now."""
        return os.fstat(self._file.fileno)

    def size(self) -> int | None:
        """Return how many bytes there are; None if they are packed."""
        return None if self.packed else self.stat().st_size

    @property
    def damage(self) -> str | None:
        """What is wrong with the archive, known once its good part was read."""
        return self._file.damage

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``offset`` on; b"" where it ends for now.

        Raises:
            BadInput: the system cannot read it.
        """
        try:
            if not self.packed:
                return os.pread(self._file.fileno, size, offset)
            return self._unpacked(offset, size)
        except OSError as error:
            raise unreadable(self.path, error) from error

    def _unpacked(self, offset: int, size: int) -> bytes:
        grown = self.stat().st_size != self._read_at_size
        if offset < self._at or (grown and self._file.damage is not None):
            self._reopen()
        while self._at < offset:
            skipped = len(self._file.handle.read(min(offset - self._at, _SKIP_BYTES)))
            self._at += skipped
            if not skipped:
                return b""
        data = self._file.handle.read(size)
        self._at += len(data)
        if not data and grown and self._file.damage is None:
            # More members or frames were added behind its end.
            self._reopen()
            return self._unpacked(offset, size)
        return data

    def _reopen(self) -> None:
        again = ByteFile(Path(f"/dev/fd/{self._file.fileno}"))
        self._file.close()
        self._file = again
        self._at = 0
        self._read_at_size = self.stat().st_size

    def mark(self, offset: int, head: bytes, tail: bytes, changed_ns: int) -> Mark:
        """Return the mark of the file at ``offset``; ``head`` and ``tail`` are what was read there, and when."""
        stat = self.stat()
        return Mark(stat.st_dev, stat.st_ino, offset, _hash(head), len(head), _hash(tail[-TAIL_BYTES:]), changed_ns)

    def fits(self, mark: Mark) -> bool:
        """Tell whether what was read when ``mark`` was made stands in this file, too."""
        size = self.size()
        if size is not None and size < mark.offset:
            return False
        if _hash(self.read(0, mark.head_size)) != mark.head:
            return False
        before = min(mark.offset, TAIL_BYTES)
        tail = self.read(mark.offset - before, before)
        return len(tail) == before and _hash(tail) == mark.tail

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def is_same(content: Content, path: Path) -> bool:
    """Tell whether ``path`` still names the open file."""
    try:
        named, opened = path.stat(), content.stat()
    except OSError:
        return False
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)


def opened(path: Path) -> Content | None:
    """Open a file; None if that is not possible now."""
    try:
        return Content(path)
    except BadInput:
        return None


def may_read(path: Path) -> bool:
    """Tell whether the system lets us read a file that is there."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=8).hexdigest()
