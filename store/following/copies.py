"""What rotation made of a log: the copies beside it, the oldest first, and which of them is the one that was read.

Known are the names that logrotate, savelog and newsyslog give (``mail.log.1``, ``mail.log.2.gz``,
``mail.log-20261122.zst``, ``mail-20261122.log``), of files that were renamed, copied before they were cut, or packed.
Names tell no more than the order; which copy holds what was read is told by its content.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from store.following.content import Content, Mark, opened

_NUMBER_DIGITS = 4
_PACKED = r"(?:\.(?:gz|zst))?"


@dataclass(frozen=True, slots=True)
class Copy:
    """A file as it was listed.

    Attributes:
        path: its name now.
        device: its file system.
        inode: its number there.
        changed_ns: its last change.
        size: its size on disk.
    """

    path: Path
    device: int
    inode: int
    changed_ns: int
    size: int

    def open(self) -> Content | None:
        """Open it; None if that is not possible, or if the name is another file's by now."""
        content = opened(self.path)
        if content is None:
            return None
        stat = content.stat()
        if (stat.st_dev, stat.st_ino) == (self.device, self.inode):
            return content
        content.close()
        return None


def is_copy_of(name: str, base: str) -> bool:
    """Tell whether a file's name is what rotation makes of ``base``: a number or a date behind it."""
    return re.fullmatch(rf"{re.escape(base)}[.-]\d[\dT:.-]*{_PACKED}", name) is not None


def with_copies(path: Path) -> list[Copy]:
    """Return a file's rotated copies and the file itself, the oldest first; what cannot be looked at is left out."""
    try:
        names = [entry.name for entry in os.scandir(path.parent)]
    except OSError:
        names = []
    stem, suffix = os.path.splitext(path.name)
    dated = re.compile(rf"{re.escape(stem)}[.-]\d[\d-]*{re.escape(suffix)}{_PACKED}") if stem and suffix else None
    found = [name for name in names if is_copy_of(name, path.name) or (dated and dated.fullmatch(name))]
    copies = [copy for copy in map(_listed, (path.parent / name for name in found)) if copy is not None]
    itself = _listed(path)
    return [*_oldest_first(path.name, stem, copies), *([itself] if itself else [])]


def _listed(path: Path) -> Copy | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    if not stat.st_size or not path.is_file():
        return None
    return Copy(path, stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size)


def _oldest_first(name: str, stem: str, copies: list[Copy]) -> list[Copy]:
    """Sort copies by their numbers (the highest is the oldest), by their dates, or by their last change."""
    marks = {copy: _digits(copy.path.name, name, stem) for copy in copies}
    # Packing may leave both files for a moment; the plain one comes first.
    if copies and all(len(mark) <= _NUMBER_DIGITS for mark in marks.values()):
        return sorted(copies, key=lambda copy: (-int(marks[copy]), len(copy.path.name)))
    if all(len(mark) > _NUMBER_DIGITS for mark in marks.values()):
        return sorted(copies, key=lambda copy: (marks[copy], len(copy.path.name)))
    return sorted(copies, key=lambda copy: copy.changed_ns)


def _digits(copy: str, name: str, stem: str) -> str:
    rest = copy.removeprefix(name) if copy.startswith(name) else copy.removeprefix(stem)
    return re.sub(r"\D", "", re.sub(r"\.(?:gz|zst)$", "", rest)) or "0"


def find(mark: Mark, copies: Sequence[Copy], *, ambiguous: bool) -> tuple[int, Content] | None:
    """Return the index of the copy in which reading stopped, and its open content.

    Args:
        mark: where it stopped.
        copies: the oldest first.
        ambiguous: so little was read (a table's header) that other copies may begin alike; then the oldest one that
            was changed since is it, for no older one can hold anything new.
    """
    order = sorted(range(len(copies)), key=lambda index: not _same_inode(copies[index], mark))
    if ambiguous:
        changed = [index for index in range(len(copies)) if copies[index].changed_ns >= mark.changed_ns]
        order = [*changed, *(index for index in order if index not in changed)]
    for index in order:
        content = copies[index].open()
        if content is None:
            continue
        if content.fits(mark):
            return index, content
        content.close()
    return None


def _same_inode(copy: Copy, mark: Mark) -> bool:
    return (copy.device, copy.inode) == (mark.device, mark.inode)
