"""What rotation made of a log: the copies beside it, the oldest first, and which of them is the one that was read.

Known are the names that logrotate, savelog and newsyslog give (``mail.log.1``, ``mail.log.2.gz``,
``mail.log-20261122.zst``, ``mail-20261122.log``), of files that were renamed, copied before they were cut, or packed.
Names tell no more than the order; which copy holds what was read is told by its content.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from store.following.content import HEAD_BYTES, TAIL_BYTES, Content, opened
from store.following.reading import Stand

_NUMBER_DIGITS = 4
_TRIES = 20
_PACKED = r"(?:\.(?:gz|zst))?"


class Moved(Exception):
    """A name was given to another file while it was looked at; look again."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file as it was listed.

    Attributes:
        path: its name now.
        device: its file system.
        inode: its number there.
        changed_ns: its last change.
    """

    path: Path
    device: int
    inode: int
    changed_ns: int

    def open(self) -> Content | None:
        """Open it; None if it may not be read.

        Raises:
            Moved: the name is another file's by now, or nobody's.
        """
        content = opened(self.path)
        if content is None:
            if self.path.exists():
                return None
            raise Moved
        if not self.is_opened(content):
            content.close()
            raise Moved
        return content

    def is_opened(self, content: Content) -> bool:
        """Tell whether this is the file that is open as ``content``."""
        found = content.stat()
        return (found.st_dev, found.st_ino) == (self.device, self.inode)


@dataclass(frozen=True, slots=True)
class Located:
    """Where the files are that were read, and what came after them.

    Attributes:
        contents: the open content of each; None if it is gone.
        newer: the contents of the files that came after, the oldest first.
    """

    contents: list[Content | None]
    newer: list[Content]


def is_copy_of(name: str, base: str) -> bool:
    """Tell whether a file's name is what rotation makes of ``base``: a number or a date behind it."""
    return re.fullmatch(rf"{re.escape(base)}[.-]\d[\dT:.-]*{_PACKED}", name) is not None


def with_copies(path: Path, elsewhere: Path | None = None) -> list[Copy]:
    """Return a file's rotated copies and the file itself, the oldest first; what cannot be looked at is left out.

    Args:
        path: the file.
        elsewhere: another folder in which copies lie (``olddir``).
    """
    listed = _listed_once(path, elsewhere)
    for _ in range(_TRIES):
        # While names are given away a listing may miss one or hold it twice.
        again = _listed_once(path, elsewhere)
        if again == listed:
            break
        listed = again
    return listed


def _listed_once(path: Path, elsewhere: Path | None) -> list[Copy]:
    stem, _ = os.path.splitext(path.name)
    folders = dict.fromkeys((path.parent, elsewhere or path.parent))
    copies = [copy for folder in folders for copy in _copies_in(folder, path.name)]
    itself = _listed(path)
    return [*_oldest_first(path.name, stem, copies), *([itself] if itself else [])]


def _copies_in(folder: Path, base: str) -> list[Copy]:
    try:
        names = {entry.name for entry in os.scandir(folder)}
    except OSError:
        return []
    stem, suffix = os.path.splitext(base)
    dated = re.compile(rf"{re.escape(stem)}[.-]\d[\d-]*{re.escape(suffix)}{_PACKED}") if stem and suffix else None
    found = [name for name in names if is_copy_of(name, base) or (dated and dated.fullmatch(name))]
    # As long as the plain file is there, the packed one beside it may not be whole.
    whole = [name for name in found if not (name.endswith((".gz", ".zst")) and name.rpartition(".")[0] in names)]
    return [copy for copy in map(_listed, (folder / name for name in whole)) if copy is not None]


def _listed(path: Path) -> Copy | None:
    try:
        found = path.stat()
    except OSError:
        return None
    if not found.st_size or not stat.S_ISREG(found.st_mode):
        return None
    return Copy(path, found.st_dev, found.st_ino, found.st_mtime_ns)


def _oldest_first(name: str, stem: str, copies: list[Copy]) -> list[Copy]:
    """Sort copies by their numbers (the highest is the oldest), by their dates, or by their last change."""
    marks = {copy: _digits(copy.path.name, name, stem) for copy in copies}
    if copies and all(len(mark) <= _NUMBER_DIGITS for mark in marks.values()):
        return sorted(copies, key=lambda copy: (-int(marks[copy]), copy.path.name))
    if all(len(mark) > _NUMBER_DIGITS for mark in marks.values()):
        return sorted(copies, key=lambda copy: (marks[copy], copy.path.name))
    return sorted(copies, key=lambda copy: copy.changed_ns)


def _digits(copy: str, name: str, stem: str) -> str:
    rest = copy.removeprefix(name) if copy.startswith(name) else copy.removeprefix(stem)
    return re.sub(r"\D", "", re.sub(r"\.(?:gz|zst)$", "", rest)) or "0"


def locate(path: Path, stands: Sequence[Stand], held: Mapping[int, Content], elsewhere: Path | None = None) -> Located:
    """Find the files in which reading stopped, whatever they are called now, and those that came after them.

    Args:
        path: the name that the newest one has, or had.
        stands: where reading stopped, the oldest file first; none: only the file itself is looked for.
        held: the contents that are still open and good, by their place in ``stands``; one is given up where the file
            was written anew as a whole, with what was read at its beginning.
        elsewhere: another folder in which copies lie.
    """
    for _ in range(_TRIES):
        found: list[Content] = []
        try:
            return _locate(path, stands, held, found, elsewhere)
        except Moved:
            for content in found:
                content.close()
    return Located([held.get(place) for place in range(len(stands))], [])


def _locate(
    path: Path, stands: Sequence[Stand], held: Mapping[int, Content], found: list[Content], elsewhere: Path | None
) -> Located:
    listed = copies = with_copies(path, elsewhere)
    contents: list[Content | None] = []
    last = -1
    for place, stand in enumerate(stands):
        content = held.get(place)
        index = next((at for at, copy in enumerate(copies) if content and copy.is_opened(content)), None)
        if index is None:
            index, there = _find(stand, copies)
            if there is not None:
                found.append(there)
                if content is None or copies[index].path == path:
                    content = there
        contents.append(content)
        last = max(last, index)
    if last >= 0:
        copies = copies[last + 1 :]
    else:
        # What was read is gone, or nothing was; only what was changed since can hold anything new.
        since = max((stand.mark.changed_ns for stand in stands), default=None)
        copies = [copy for copy in copies if copy.path == path or (since is not None and copy.changed_ns > since)]
    newer: list[Content] = []
    for copy in copies:
        content = copy.open()
        if content is not None:
            found.append(content)
            newer.append(content)
    if not _as_before(listed, with_copies(path, elsewhere)):
        raise Moved
    for content in found:
        if content not in contents and content not in newer:
            content.close()
    return Located(contents, _without_twins(newer, [content for content in contents if content is not None]))


def _as_before(before: Sequence[Copy], now: Sequence[Copy]) -> bool:
    """Tell whether no name was given away; the newest file may have grown."""
    known = [(copy.path, copy.device, copy.inode) for copy in before]
    changed = [copy.changed_ns for copy in before[:-1]]
    return known == [(copy.path, copy.device, copy.inode) for copy in now] and changed == [
        copy.changed_ns for copy in now[:-1]
    ]


def _find(stand: Stand, copies: Sequence[Copy]) -> tuple[int, Content | None]:
    """Return the place of the copy in which reading stopped, and its content; -1 and None if there is none.

    Where so little was read that other copies may begin alike, it is the oldest one that was changed since: no older
    one can hold anything new.
    """
    mark = stand.mark
    order = sorted(
        range(len(copies)), key=lambda at: (copies[at].device, copies[at].inode) != (mark.device, mark.inode)
    )
    if stand.ambiguous:
        changed = [at for at in range(len(copies)) if copies[at].changed_ns >= mark.changed_ns]
        order = [*changed, *(at for at in order if at not in changed)]
    for at in order:
        content = copies[at].open()
        if content is None:
            continue
        if content.fits(mark):
            return at, content
        content.close()
    return -1, None


def _without_twins(newer: Sequence[Content], others: Iterable[Content]) -> list[Content]:
    """Leave out what is there twice: plain and packed, or as a copy of the newest file that is about to be cut."""
    kept: list[Content] = []
    heads = [(content.packed, content.read(0, HEAD_BYTES)) for content in others]
    for content in reversed(newer):
        head = content.head
        packed = any(head == other and content.packed != is_packed for is_packed, other in heads)
        if not head or packed or (kept and _begins_with(newer[-1], content)):
            content.close()
            continue
        heads.append((content.packed, head))
        kept.insert(0, content)
    return kept


def _begins_with(newest: Content, other: Content) -> bool:
    size, whole = other.size(), newest.size()
    if not size or whole is None or size > whole:
        return False
    head, end = min(size, HEAD_BYTES), min(size, TAIL_BYTES)
    return newest.read(0, head) == other.read(0, head) and newest.read(size - end, end) == other.read(size - end, end)
