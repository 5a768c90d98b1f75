"""Recipients as CSV (RFC 4180) for spreadsheets: formulas defused, times in ISO 8601 UTC, never half a file."""

from __future__ import annotations

import csv
import errno
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from store.cleaning import clean
from store.errors import BadInput, DiskFull, Refused, StoreError
from store.exports.json import iso
from store.rows import RecipientRow

_HEADINGS = (
    ("Campaign", "campaign"),
    ("Address", "address"),
    ("Address today", "contact_address"),
    ("Name", "name"),
    ("Company", "company"),
    ("Language", "language"),
    ("Responsible", "responsible"),
    ("Delivery", "delivery"),
    ("Engagement", "engagement"),
    ("Skip reason", "skip_reason"),
    ("Bounce kind", "bounce_kind"),
    ("Reason", "reason"),
    ("Status", "status"),
    ("Reply", "reply"),
    ("Triage", "triage"),
    ("Decision", "decision"),
    ("Blocked", "blocked"),
    ("Partly", "partly"),
    ("Clicks", "clicks"),
    ("Sent at", "sent_at"),
    ("Delivered at", "delivered_at"),
    ("Deferred at", "deferred_at"),
    ("Bounced at", "bounced_at"),
    ("Opened at", "opened_at"),
    ("Machine opened at", "machine_opened_at"),
    ("Clicked at", "clicked_at"),
    ("Machine clicked at", "machine_clicked_at"),
    ("Replied at", "replied_at"),
    ("Complained at", "complained_at"),
    ("Unsubscribed at", "unsubscribed_at"),
    ("Cleared at", "cleared_at"),
)
HEADER = tuple(heading for heading, _ in _HEADINGS)
"""The header row."""

_FORMULA = tuple("=+-@\t\r\u2409\u240d\uff0b\uff0d\uff1d\uff20")
_LEADING = " \"'\u00a0\u3000"
_STEM = 100


def export(
    rows: Iterable[RecipientRow],
    target: Path | str | TextIO,
    *,
    bom: bool = False,
    overwrite: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> int:
    """Write recipients as CSV in UTF-8 and return their number.

    A file is written beside its target, synced and renamed, with mode 0600: whoever looks sees the old file or the
    whole new one.

    Args:
        rows: the recipients, in the order wanted.
        target: the file, "-" for the standard output, or an open text stream.
        bom: begin with a byte order mark, by which Excel knows UTF-8.
        overwrite: whether an existing file may be replaced.
        on_progress: told the number of rows written, about every thousand.

    Raises:
        Refused: the file exists.
        BadInput: the file cannot be written there.
        DiskFull: no room; the old file, if any, is as it was.
    """
    if not isinstance(target, Path | str):
        return _write(rows, target, bom, on_progress)
    if str(target) == "-":
        return _write(rows, sys.stdout, bom, on_progress)
    path = Path(target)
    if path.is_dir():
        raise BadInput(f"{path} is a folder; name a file.")
    if not overwrite and os.path.lexists(path):
        raise Refused(f"{path} exists already; nothing was written.")
    return _write_beside(rows, path, bom, overwrite, on_progress)


def cell(value: Any) -> str:
    """Return a value as the text of a cell.

    Text that a spreadsheet could take for a formula gets an apostrophe in front (OWASP, CSV injection), also where
    blanks or quotes stand before the sign.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, int):
        return str(value)
    text = clean(str(value))
    return f"'{text}" if text.lstrip(_LEADING).startswith(_FORMULA) else text


def _write(rows: Iterable[RecipientRow], stream: TextIO, bom: bool, on_progress: Callable[[int], None] | None) -> int:
    if bom:
        stream.write("\ufeff")
    writer = csv.writer(stream)
    writer.writerow(HEADER)
    count = 0
    for row in rows:
        writer.writerow([cell(getattr(row, name)) for _, name in _HEADINGS])
        count += 1
        if on_progress is not None and count % 1000 == 0:
            on_progress(count)
    return count


def _write_beside(
    rows: Iterable[RecipientRow],
    path: Path,
    bom: bool,
    overwrite: bool,
    on_progress: Callable[[int], None] | None,
) -> int:
    beside: str | None = None
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:_STEM]}.", suffix=".part")
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            count = _write(rows, stream, bom, on_progress)
            stream.flush()
            os.fsync(stream.fileno())
        if overwrite:
            os.replace(beside, path)
        else:
            _put_new(beside, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _sentence(error, path) from error
    finally:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
    return count


def _put_new(beside: str, path: Path) -> None:
    """Give the finished file its name, unless somebody wrote one of that name meanwhile."""
    try:
        os.link(beside, path)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}:
            raise
        # The file system knows no hard links: claim the name, then replace the empty file.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR))
        os.replace(beside, path)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sentence(error: OSError, path: Path) -> StoreError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(f"The disk that holds {path} is full; the file was not written.")
    if error.errno == errno.EEXIST:
        return Refused(f"{path} exists already; nothing was written.")
    return BadInput(f"{path} cannot be written: {error.strerror}.")
