"""Files as bytes, gz transparently, for reading only; a damaged gz gives its good part and then says what is wrong."""

from __future__ import annotations

import io
import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import Self

from store.errors import BadInput

PROBE_BYTES = 1 << 16
_BUFFER_BYTES = 1 << 18
_GZIP = b"\x1f\x8b"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
)
_TEXT_CONTROLS = bytes([7, 8, 9, 10, 12, 13, 27])
_CONTROLS = bytes(code for code in range(32) if code not in _TEXT_CONTROLS)
_BINARY_SHARE = 0.05


class ByteFile:
    """A file opened for reading, unpacked if it is gz.

    Attributes:
        path: the file.
        total: its size on disk in bytes.
        packed: whether it is gz.
        handle: the unpacked bytes, buffered.
    """

    def __init__(self, path: Path) -> None:
        """Open ``path``.

        Raises:
            BadInput: it is missing, a folder, or may not be read.
        """
        self.path = path
        try:
            self._file = open(path, "rb", buffering=0)
        except OSError as error:
            raise unreadable(path, error) from error
        self.total = os.fstat(self._file.fileno()).st_size
        self.packed = self._file.read(2) == _GZIP
        self._file.seek(0)
        self._unpacked = _Unpacked(self._file) if self.packed else None
        self.handle = io.BufferedReader(self._unpacked or self._file, _BUFFER_BYTES)

    @property
    def done(self) -> int:
        """How many bytes on disk were read; all of them once it is closed."""
        return self.total if self._file.closed else self._file.tell()

    @property
    def damage(self) -> str | None:
        """What is wrong with the gz, known once its good part was read; None if all is well."""
        return self._unpacked.damage if self._unpacked else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.handle.close()
        self._file.close()


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a gz of one or more members (RFC 1952 2.2); damage ends it quietly."""

    def __init__(self, file: io.FileIO) -> None:
        self.damage: str | None = None
        self._file = file
        self._inflate = zlib.decompressobj(wbits=31)
        self._packed = b""
        self._started = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            try:
                data = self._some(len(buffer))
            except zlib.error:
                self.damage = "the gz archive is damaged here; what comes after is lost"
                data = b""
            if data is not None:
                buffer[: len(data)] = data
                return len(data)

    def _some(self, size: int) -> bytes | None:
        """Return some bytes, b"" at the end, None if more input must be read first."""
        if self.damage:
            return b""
        if self._inflate.eof:
            self._packed = self._inflate.unused_data.lstrip(b"\x00")
            self._inflate = zlib.decompressobj(wbits=31)
            self._started = False
        if not self._packed:
            self._packed = self._file.read(_BUFFER_BYTES) or b""
            if not self._started:
                self._packed = self._packed.lstrip(b"\x00")
            if not self._packed:
                if self._started:
                    self.damage = "the gz archive ends in the middle; what comes after is lost"
                return b""
        self._started = True
        data = self._inflate.decompress(self._packed, size)
        self._packed = self._inflate.unconsumed_tail
        return data or None


def unreadable(path: Path, error: OSError) -> BadInput:
    """Return the sentence for a file that the system does not let us read."""
    if isinstance(error, FileNotFoundError):
        return BadInput(f"{path} does not exist.")
    if isinstance(error, IsADirectoryError):
        return BadInput(f"{path} is a folder; a file was expected.")
    if isinstance(error, PermissionError):
        return BadInput(f"{path} cannot be read: you have no permission.")
    return BadInput(f"{path} cannot be read: {error.strerror or error}.")


def probe(path: Path) -> bytes:
    """Return the first 64 kB of a file, unpacked.

    Raises:
        BadInput: it is empty, missing, a folder, unreadable, or a gz with nothing good in it.
    """
    with ByteFile(path) as file:
        try:
            start = file.handle.read(PROBE_BYTES)
        except OSError as error:
            raise unreadable(path, error) from error
        if start:
            return start
        if file.damage:
            raise BadInput(f"{path} is a damaged gz archive: nothing in it can be read.")
    raise BadInput(f"{path} is empty.")


def binary_kind(start: bytes) -> str | None:
    """Return what sort of binary file begins with ``start`` ("a PNG picture"), None if it is text."""
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    wide = utf16_kind(start)
    if wide:
        start = start.decode(wide, "replace").encode("utf-8", "replace")
    controls = len(start) - len(start.translate(None, _CONTROLS))
    return "a binary file" if controls > len(start) * _BINARY_SHARE else None


def utf16_kind(start: bytes) -> str | None:
    """Return "utf-16", "utf-16-le" or "utf-16-be" if ``start`` has its byte order mark or its pattern of NULs."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = start[0::2], start[1::2]
    if not odd:
        return None
    first, second = even.count(0) / len(even), odd.count(0) / len(odd)
    if second > 0.4 and first < 0.05:
        return "utf-16-le"
    if first > 0.4 and second < 0.05:
        return "utf-16-be"
    return None
