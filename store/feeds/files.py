"""Files as bytes, gz and zstd transparently, for reading only; a damaged one gives its good part, then says so."""

from __future__ import annotations

import importlib
import io
import os
import zlib
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

from store.errors import BadInput

PROBE_BYTES = 1 << 16
_BUFFER_BYTES = 1 << 18
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_PIECE = 2048
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
    """A file opened for reading, unpacked if it is gz or zstd.

    Attributes:
        path: the file.
        total: its size on disk in bytes.
        packed: whether it is gz or zstd.
        handle: the unpacked bytes, buffered.
    """

    def __init__(self, path: Path) -> None:
        """Open ``path``.

        Raises:
            BadInput: it is missing, a folder, or may not be read; or it is zstd, and the library for it is missing.
        """
        self.path = path
        try:
            self._file = open(path, "rb", buffering=0)
        except OSError as error:
            raise unreadable(path, error) from error
        self.total = os.fstat(self._file.fileno()).st_size
        magic = self._file.read(4)
        self._file.seek(0)
        self._unpacked: _Unpacked | None = None
        if magic.startswith(_GZIP):
            self._unpacked = _Gunzipped(self._file)
        elif magic == _ZSTD:
            self._unpacked = _zstd(path, self._file)
        self.packed = self._unpacked is not None
        self.handle = io.BufferedReader(self._unpacked or self._file, _BUFFER_BYTES)

    @property
    def done(self) -> int:
        """How many bytes on disk were read; all of them once it is closed."""
        return self.total if self._file.closed else self._file.tell()

    @property
    def fileno(self) -> int:
        """The system's number of the open file."""
        return self._file.fileno()

    @property
    def damage(self) -> str | None:
        """What is wrong with the archive, known once its good part was read; None if all is well."""
        return self._unpacked.damage if self._unpacked else None

    @property
    def kind(self) -> str | None:
        """How it is packed: "gz", "zstd", or None."""
        return self._unpacked.kind if self._unpacked else None

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
    """The unpacked bytes of an archive; damage ends it quietly."""

    kind = "gz"
    errors: type[Exception] = zlib.error

    def __init__(self, file: io.FileIO) -> None:
        self.damage: str | None = None
        self._file = file
        self._packed = b""
        self._started = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            try:
                data = self._some(len(buffer))
            except self.errors:
                self.damage = f"the {self.kind} archive is damaged here; what comes after is lost"
                data = b""
            if data is not None:
                buffer[: len(data)] = data
                return len(data)

    def _some(self, size: int) -> bytes | None:
        """Return some bytes, b"" at the end, None if more input must be read first."""
        raise NotImplementedError

    def _end(self) -> bytes:
        if self._started:
            self.damage = f"the {self.kind} archive ends in the middle; what comes after is lost"
        return b""


class _Gunzipped(_Unpacked):
    """The unpacked bytes of a gz of one or more members (RFC 1952 2.2)."""

    def __init__(self, file: io.FileIO) -> None:
        super().__init__(file)
        self._inflate = zlib.decompressobj(wbits=31)

    def _some(self, size: int) -> bytes | None:
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
                return self._end()
        self._started = True
        data = self._inflate.decompress(self._packed, size)
        self._packed = self._inflate.unconsumed_tail
        return data or None


class _Unzstd(_Unpacked):
    """The unpacked bytes of a zstd file of one or more frames (RFC 8878 3.1)."""

    kind = "zstd"

    def __init__(self, file: io.FileIO, library: ModuleType) -> None:
        super().__init__(file)
        self.errors = library.ZstdError
        self._frame = library.ZstdDecompressor().decompressobj
        self._open = self._frame()
        self._ready = memoryview(b"")

    def _some(self, size: int) -> bytes | None:
        if self._ready:
            data, self._ready = bytes(self._ready[:size]), self._ready[size:]
            return data
        if self.damage:
            return b""
        if self._open.eof:
            self._packed = self._open.unused_data
            self._open = self._frame()
            self._started = False
        # What a piece unpacks to stands in memory whole: small pieces keep that small, whatever the file holds.
        self._packed = self._packed or self._file.read(_ZSTD_PIECE) or b""
        if not self._packed:
            return self._end()
        self._started = True
        self._ready = memoryview(self._open.decompress(self._packed))
        self._packed = b""
        return None


def _zstd(path: Path, file: io.FileIO) -> _Unpacked:
    # Few feeds are zstd (KumoMTA's segments): the library is loaded when the first one comes.
    try:
        library = importlib.import_module("zstandard")
    except ImportError as error:
        file.close()
        raise BadInput(f"{path} is zstd; install the Python package zstandard to read it.") from error
    return _Unzstd(file, library)


def unreadable(path: Path, error: OSError) -> BadInput:
    """Return the sentence for a file that the system does not let us read."""
    if isinstance(error, FileNotFoundError):
        return BadInput(f"{path} does not exist.")
    if isinstance(error, IsADirectoryError):
        return BadInput(f"{path} is a folder; a file was expected.")
    if isinstance(error, PermissionError):
        return BadInput(f"{path} cannot be read: you have no permission.")
    return BadInput(f"{path} cannot be read: {error.strerror or error}.")


def beginning(path: Path, size: int) -> bytes:
    """Return the first ``size`` bytes of a file, unpacked.

    Raises:
        BadInput: it is missing, a folder, or unreadable.
    """
    try:
        with open(path, "rb", buffering=0) as file:
            stands = min(max(size, len(_ZSTD)), os.fstat(file.fileno()).st_size)
            data = file.read(stands)
    except OSError as error:
        raise unreadable(path, error) from error
    # What is packed, no file of the disk, or given in pieces, is read with care.
    if len(data) == stands > 0 and not data.startswith((_GZIP, _ZSTD)):
        return data[:size]
    with ByteFile(path) as whole:
        return whole.handle.read(size)


def probe(path: Path) -> bytes:
    """Return the first 64 kB of a file, unpacked.

    Raises:
        BadInput: it is empty, missing, a folder, unreadable, or an archive with nothing good in it.
    """
    with ByteFile(path) as file:
        try:
            start = file.handle.read(PROBE_BYTES)
        except OSError as error:
            raise unreadable(path, error) from error
        if start:
            return start
        if file.damage:
            raise BadInput(f"{path} is a damaged {file.kind} archive: nothing in it can be read.")
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
