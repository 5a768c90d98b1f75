"""Writing a file so that whoever looks sees the old one or the whole new one, never half of it."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from store.errors import BadInput, DiskFull, Refused, StoreError

Target = Path | str | TextIO
"""A path, "-" for the standard output, or an open text stream."""

_STEM = 100
_PART = ".part"
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK})


@contextmanager
def writing(target: Target, *, overwrite: bool = False) -> Iterator[TextIO]:
    """Give a text stream in UTF-8 whose text stands in ``target`` when the body ended well.

    A file is written beside its target, synced and renamed, with mode 0600.

    Args:
        target: where to; an open stream is written to directly and stays open.
        overwrite: whether an existing file may be replaced.

    Raises:
        Refused: the file exists.
        BadInput: the file cannot be written there.
        DiskFull: no room; the old file, if any, is as it was.
    """
    if not isinstance(target, Path | str):
        yield target
        return
    if str(target) == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    with (
        placing(Path(target), overwrite=overwrite) as beside,
        open(beside, "w", encoding="utf-8", newline="") as stream,
    ):
        yield stream


@contextmanager
def placing(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a new, private file beside ``path`` that gets its name when the body ended well; it is synced before.

    Args:
        path: where the file shall stand.
        overwrite: whether an existing file may be replaced.

    Raises:
        Refused, BadInput, DiskFull: as :func:`writing`.
    """
    if path.is_dir():
        raise BadInput(f"{path} is a folder; name a file.")
    if not overwrite and os.path.lexists(path):
        raise Refused(f"{path} exists already; nothing was written.")
    with part_of(path) as beside:
        yield beside
        sync(beside)
        _name(str(beside), path, overwrite)
        sync(path.parent)


@contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """Give a new, private file beside ``path``, which is taken away at the end unless it was given another name.

    Raises:
        BadInput, DiskFull: as :func:`writing`, also for an OSError of the body.
    """
    beside: str | None = None
    handle = -1
    try:
        handle, beside = _claimed(path)
        _sweep(path)
        yield Path(beside)
    except OSError as error:
        raise unwritable(error, path) from error
    finally:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
            os.close(handle)


def _claimed(path: Path) -> tuple[int, str]:
    """Make a part of ``path`` and lock it, so that others see that somebody still writes it; return both."""
    while True:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:_STEM]}.", suffix=_PART)
        with suppress(OSError):  # some network file systems know no locks; nobody sweeps there
            fcntl.flock(handle, fcntl.LOCK_EX)
        # Somebody may have swept between the two.
        if os.fstat(handle).st_nlink:
            return handle, beside
        os.close(handle)


def _sweep(path: Path) -> None:
    """Take away parts of ``path`` that processes left which were killed: they hold people's data."""
    for left in path.parent.glob(f".{glob.escape(path.name[:_STEM])}.*{_PART}"):
        with suppress(OSError):
            handle = os.open(left, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(handle).st_uid == os.geteuid():
                    left.unlink()
            finally:
                os.close(handle)


def _name(beside: str, path: Path, overwrite: bool) -> None:
    """Give the finished file its name; without ``overwrite`` only if nobody wrote one of that name meanwhile."""
    if overwrite:
        os.replace(beside, path)
        return
    try:
        os.link(beside, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # The file system knows no hard links: claim the name, then replace the empty file.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR))
        os.replace(beside, path)


def sync(path: Path) -> None:
    """Have the disk hold what was written into a file, or which names stand in a folder."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritable(error: OSError, path: Path) -> StoreError:
    """Return the sentence for a file that could not be written."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(f"The disk that holds {path} is full; the file was not written.")
    if error.errno == errno.EEXIST:
        return Refused(f"{path} exists already; nothing was written.")
    return BadInput(f"{path} cannot be written: {error.strerror}.")
