"""Finding a piece of a feed again by the place that was kept of it: a mail of a mailbox, a line with its neighbours.

Files are only read. A mail's file name stays its own; a number in an mbox or a log does not, since files are rotated
and mailboxes emptied, so whoever asks says how the right piece is known.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from store.errors import BadInput
from store.feeds.bounces.mailbox import is_maildir, mbox_mails, mtime_ms
from store.feeds.files import ByteFile

SHOWN_BYTES = 64 << 10
"""How much of a mail or a log is given back."""

_NUMBERED = re.compile(r"(mail|line) (\d+)")
_FLAGS = re.compile(r"[:;!]2,")
_QUEUE = re.compile(rb"postfix\S*\[\d+\]: ([0-9A-Za-z]{5,20}): ")
_BEFORE, _AFTER = 5000, 1000
_COPIES = 10

Fits = Callable[[bytes], bool]
"""Tells whether a mail or a line is the one that is looked for."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What was found: the file, the bytes, and whether there is more than is given."""

    path: Path
    data: bytes
    cut: bool = False


def piece_at(path: Path, where: str, fits: Fits) -> Piece | None:
    """Return what lies at ``where`` in a feed; None if it is no longer there.

    Args:
        path: the feed: a file, a Maildir, or a folder of mails.
        where: the place that its record named.
        fits: how the piece is known; not asked about a mail with a file of its own.
    """
    if "\0" in f"{path}{where}":  # which no file's name can hold, and Python refuses
        return None
    numbered = _NUMBERED.match(where)
    find = _mail_file if numbered is None else _mail_numbered if numbered[1] == "mail" else _lines_around
    for candidate in [path] if numbered is None else _with_copies(path):
        try:
            found = find(candidate, where, fits)
        except (BadInput, OSError):
            continue
        if found is not None:
            return found
    return None


def _with_copies(path: Path) -> list[Path]:
    """Return the file and what rotation made of earlier ones: mail.log.1, mail.log.2.gz, mail.log-20260302."""
    copy = re.compile(rf"{re.escape(path.name)}[.-]\d[\d.-]*(?:\.gz)?")
    try:
        beside = [file for file in path.parent.iterdir() if copy.fullmatch(file.name) and file.is_file()]
        beside.sort(key=lambda file: file.stat().st_mtime, reverse=True)
    except OSError:
        beside = []
    return [path, *beside[:_COPIES]]


def _mail_file(path: Path, where: str, fits: Fits) -> Piece | None:
    if Path(where).name != where:
        return None
    file = path
    if path.is_dir():
        found = _in_maildir(path, where) if is_maildir(path) else path / where
        if found is None:
            return None
        file = found
    with ByteFile(file) as opened:
        data = opened.handle.read(SHOWN_BYTES + 1)
    return Piece(file, data[:SHOWN_BYTES], len(data) > SHOWN_BYTES)


def _in_maildir(path: Path, where: str) -> Path | None:
    """Find a mail that may have gone from new/ to cur/ and changed its flags; the name before them stays."""
    wanted = _FLAGS.split(where)[0]
    for folder in (path / "cur", path / "new"):
        if (folder / where).is_file():
            return folder / where
    for folder in (path / "cur", path / "new"):
        for file in folder.iterdir():
            if file.name.startswith(wanted) and _FLAGS.split(file.name)[0] == wanted:
                return file
    return None


def _mail_numbered(path: Path, where: str, fits: Fits) -> Piece | None:
    with ByteFile(path) as file:
        for mail in mbox_mails(file, mtime_ms(path)):
            if mail.where == where:
                if not fits(mail.data):
                    return None
                return Piece(path, mail.data[:SHOWN_BYTES], len(mail.data) > SHOWN_BYTES)
    return None


def _lines_around(path: Path, where: str, fits: Fits) -> Piece | None:
    """Return a line; if it is one of Postfix, with those around it that are about the same queued mail."""
    number = int(where.partition(" ")[2].partition(",")[0])
    with ByteFile(path) as file:
        lines = _lines(file.handle)
        before = deque(islice(lines, number - 1), maxlen=_BEFORE)
        line = next(lines, b"")
        if not line or not fits(line):
            return None
        queue = _QUEUE.search(line)
        if queue is None:
            return Piece(path, line, len(line) >= SHOWN_BYTES)
        mark = b"]: %s: " % queue[1]
        about = [*(one for one in before if mark in one), line]
        about += [one for one in islice(lines, _AFTER) if mark in one]
    data = b"".join(about)
    return Piece(path, data[:SHOWN_BYTES], len(data) > SHOWN_BYTES)


def _lines(handle: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, the first part of a very long one."""
    whole = True
    while part := handle.readline(SHOWN_BYTES):
        if whole:
            yield part
        whole = part.endswith(b"\n")
