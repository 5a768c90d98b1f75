"""What the terminfo database says of a terminal, read from its compiled entry (term(5)).

Python's curses reads one entry a process and has to be built in; four capabilities are not worth either.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_FOLDERS = ("/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo", "/usr/local/share/terminfo")
_NUMBER_SIZES = {0o432: 2, 0o1036: 4}
"""Bytes of a number by the entry's magic: the legacy format, and the one with 32-bit numbers."""

# Places in the order of <term.h>.
_BCE = 28
_EL, _CUP, _ECH, _CUF = 6, 10, 37, 112


@dataclass(frozen=True, slots=True)
class Entry:
    """Part of a terminal's description; sequences without padding, b"" for what the terminal lacks.

    Attributes:
        bce: erased cells take the present background.
        el: erases to the end of the line.
        ech: erases characters.
        cup: moves the cursor to a line and a column.
        cuf: moves it to the right.
    """

    bce: bool
    el: bytes
    ech: bytes
    cup: bytes
    cuf: bytes


def described(name: str, environ: Mapping[str, str]) -> Entry | None:
    """Return the entry of a terminal; None if there is none that can be read."""
    if not name or "/" in name or name.startswith("."):
        return None
    for folder in _folders(environ):
        for letter in (name[0], f"{ord(name[0]):x}"):
            try:
                data = (folder / letter / name).read_bytes()
            except (OSError, ValueError):
                continue
            return _read(data)
    return None


def _folders(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("TERMINFO"):
        yield Path(environ["TERMINFO"])
    if environ.get("HOME"):
        yield Path(environ["HOME"], ".terminfo")
    for folder in environ.get("TERMINFO_DIRS", "").split(":"):
        if folder:
            yield Path(folder)
    yield from map(Path, _FOLDERS)


def _read(data: bytes) -> Entry | None:
    try:
        magic, names, booleans, numbers, strings, _ = struct.unpack_from("<6h", data)
        offsets_at = 12 + names + booleans
        offsets_at += offsets_at % 2 + numbers * _NUMBER_SIZES[magic]
        offsets = struct.unpack_from(f"<{strings}h", data, offsets_at)
    except (struct.error, KeyError):
        return None
    table = data[offsets_at + 2 * strings :]

    def sequence(place: int) -> bytes:
        offset = offsets[place] if place < len(offsets) else -1
        return table[offset:].partition(b"\0")[0].partition(b"$<")[0] if offset >= 0 else b""

    bce = booleans > _BCE and data[12 + names + _BCE] == 1
    return Entry(bce, sequence(_EL), sequence(_ECH), sequence(_CUP), sequence(_CUF))
