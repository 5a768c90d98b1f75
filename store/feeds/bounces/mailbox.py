"""Mail as it lies on disk: mbox, Maildir and single files. Only read: nothing is moved, marked or locked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from store.errors import BadInput
from store.feeds.bounces.reader import MAIL_BYTES
from store.feeds.files import ByteFile, beginning

FROM_LINE = re.compile(rb"From \S.*\d\d?:\d\d.*\d{4}")
"""The line that begins a mail in an mbox (RFC 4155): a sender and a ctime date."""

_FROM_BYTES = 500
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_CTIME = re.compile(rb"([A-Z][a-z]{2}) +(\d\d?) (\d\d):(\d\d)(?::(\d\d))?(?: [A-Z+-][A-Z0-9]*)? (\d{4})")
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_STAMP = re.compile(r"(\d{9,10})\.")


@dataclass(frozen=True, slots=True)
class RawMail:
    """One mail of a mailbox.

    Attributes:
        data: the mail, at most the part of it that is read.
        where: its place, for people.
        ts: when it came in, by the mailbox (epoch milliseconds).
    """

    data: bytes
    where: str
    ts: int


def mbox_mails(file: ByteFile, mtime_ms: int) -> Iterator[RawMail]:
    """Yield the mails of an mbox; the quoting of "From " lines is taken back (mboxrd and mboxo)."""
    return mails_in(file.handle, mtime_ms)


def mails_in(all_lines: Iterable[bytes], mtime_ms: int, before: int = 0) -> Iterator[RawMail]:
    """Yield the mails in the lines of an mbox, of which ``before`` mails were read; see :func:`mbox_mails`."""
    lines: list[bytes] = []
    size = 0
    number = before
    ts = mtime_ms
    blank = True
    for line in all_lines:
        if blank and is_from_line(line):
            if number > before:
                yield _unquoted(lines, number, ts)
            lines, size = [], 0
            number += 1
            ts = _ctime_ms(line) or mtime_ms
            blank = False
            continue
        blank = line in {b"\n", b"\r\n"}
        if size < MAIL_BYTES:
            lines.append(line)
            size += len(line)
    if number > before:
        yield _unquoted(lines, number, ts)


def is_from_line(line: bytes) -> bool:
    """Tell whether a line that follows a blank one begins a mail."""
    return line.startswith(b"From ") and FROM_LINE.match(line[:_FROM_BYTES]) is not None


def _unquoted(lines: list[bytes], number: int, ts: int) -> RawMail:
    data = b"".join(lines)
    if b"\n>" in data:
        data = _QUOTED.sub(rb"\1", data)
    return RawMail(data, f"mail {number}", ts)


def _ctime_ms(line: bytes) -> int | None:
    match = _CTIME.search(line)
    if not match or match[1] not in _MONTHS:
        return None
    month = _MONTHS.index(match[1]) + 1
    try:
        moment = datetime(
            int(match[6]), month, int(match[2]), int(match[3]), int(match[4]), int(match[5] or 0), tzinfo=UTC
        )
    except ValueError:
        return None
    return int(moment.timestamp()) * 1000


def is_maildir(path: Path) -> bool:
    """Tell whether a folder is a Maildir."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


def maildir_files(path: Path) -> list[Path]:
    """Return the files of a Maildir's mails in order of arrival; those still being written (tmp/) are left out."""
    found = [
        file
        for folder in ("cur", "new")
        for file in _entries(path / folder)
        if not file.name.startswith(".") and file.is_file()
    ]
    return sorted(found, key=lambda file: file.name)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise BadInput(f"{folder} cannot be read: {(error.strerror or str(error)).lower()}.") from error


def single_mail(path: Path) -> RawMail:
    """Read the mail that is the file ``path``.

    Raises:
        BadInput: it cannot be read.
    """
    data = beginning(path, MAIL_BYTES)
    match = _STAMP.match(path.name)
    ts = int(match[1]) * 1000 if match else mtime_ms(path)
    if data.startswith(b"From ") and FROM_LINE.match(data[: min(data.find(b"\n") + 1, _FROM_BYTES)]):
        data = data.partition(b"\n")[2]
    return RawMail(data, path.name, ts)


def mtime_ms(path: Path) -> int:
    """Return when a file was last changed, epoch milliseconds."""
    return path.stat().st_mtime_ns // 1_000_000
