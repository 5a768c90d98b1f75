"""From what the operator named to sources: at once, or when it appears."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from store.cleaning import clean
from store.errors import BadInput
from store.feeds.bounces.mailbox import is_maildir
from store.feeds.files import unreadable
from store.feeds.kumomta import KumoMtaLog
from store.feeds.opening import Undecided
from store.following.copies import is_copy_of
from store.following.formats import MAIL, WHOLE, kind_in
from store.following.growing import GrowingFile
from store.following.maildir import MailFiles, SavedMails
from store.following.pace import Pace
from store.following.source import OPENERS, Followed, How, Saved
from store.following.watching import Folders
from store.following.whole import WholeFile

_NUMBERED = re.compile(r"[.-](?=\d)")
KnownAs = Callable[[str], Saved | None]
"""What was kept of the source of this name."""


class Target:
    """Something that the operator named: a file, a folder, a Maildir or a URL, which may not be there yet.

    Attributes:
        said: as it was named.
        waiting: why nothing of it can be read yet, in a sentence; None if a source was found.
    """

    def __init__(self, said: str, how: How, folders: Folders, known: KnownAs) -> None:
        """Look at nothing yet."""
        self.said = said
        self.waiting: str | None = None
        self._how = how
        self._folders = folders
        self._known = known
        self._url = "://" in said
        self._path = Path() if self._url else _absolute(Path(said))
        self._folder: _Folder | None = None
        self._found = False

    def look(self) -> Iterator[Followed]:
        """Yield the sources that are new since the last call.

        Raises:
            BadInput: it can never be followed.
        """
        if self._folder is not None:
            yield from self._folder.look()
        elif not self._found:
            self.waiting = None
            yield from self._of_url() if self._url else self._of_path()

    def wait_s(self) -> float:
        """Return in how many seconds it should be looked at again; 0 if it was looked at just now."""
        return self._folder.wait_s if self._folder else 0.0

    def notes(self) -> list[str]:
        """Return what was noticed since the last call, in sentences."""
        return self._folder.notes() if self._folder else []

    def _of_url(self) -> Iterator[Followed]:
        scheme = self.said.partition("://")[0].lower()
        if scheme not in OPENERS:
            # The rest is not repeated, a password may stand in it.
            raise BadInput(f"What begins with {clean(scheme)}:// cannot be followed; {', '.join(OPENERS)} can.")
        self._found = True
        yield importlib.import_module(OPENERS[scheme]).followed(self.said, self._how)

    def _of_path(self) -> Iterator[Followed]:
        path = self._path
        if path.is_dir():
            self._found = True
            if is_maildir(path):
                yield MailFiles(path, self._how, self._folders)
                return
            self._folder = _Folder(path, self._how, self._folders, self._known)
            yield from self._folder.look()
            return
        kind = _kept_kind(self._known(str(path)))
        if kind is None:
            try:
                kind = self._kind()
            except Undecided as error:
                self.waiting = str(error)
            if kind is None:
                self._folders.add(path.parent)
                return
        self._found = True
        yield _source(path, kind, self._how, self._folders)

    def _kind(self) -> str | None:
        try:
            size = self._path.stat().st_size
        except OSError as error:
            self.waiting = str(unreadable(self._path, error))
            return None
        if not self._path.is_file():
            raise BadInput(f"{self._path} is no regular file.")
        return kind_in(self._path, self._how) if size else None


class _Folder:
    """A folder in which files appear; what rotation makes of a file belongs to that file.

    Attributes:
        wait_s: how many seconds were left, at the last call, until it is looked through again.
    """

    def __init__(self, path: Path, how: How, folders: Folders, known: KnownAs) -> None:
        self._path = path
        self._how = how
        self._folders = folders
        self._known = known
        self._taken: set[Path] = set()
        self._puzzling: dict[Path, tuple[int, int]] = {}
        self._mails: dict[Path, SavedMails] = {}
        self._shared: dict[Path, dict[str, KumoMtaLog]] = {}
        self._notes: list[str] = []
        self._pace = Pace()
        self.wait_s = 0.0

    def notes(self) -> list[str]:
        """Return which files are not understood, since the last call."""
        notes, self._notes = self._notes, []
        return notes

    def look(self) -> Iterator[Followed]:
        """Yield the sources that are new since the last call, or nothing if that was a moment ago."""
        self.wait_s = self._pace.wait_s()
        if self.wait_s:
            return
        with self._pace.measured():
            found = list(self._walk())
        yield from found

    def _walk(self) -> Iterator[Followed]:
        for root, folders, names in os.walk(self._path, onerror=self._unreadable):
            here = Path(root)
            if is_maildir(here):
                folders[:] = [name for name in folders if name not in {"cur", "new", "tmp"}]
                if here not in self._taken:
                    self._taken.add(here)
                    yield MailFiles(here, self._how, self._folders)
                continue
            folders.sort()
            self._folders.add(here)
            yield from self._files(here, sorted(name for name in names if not name.startswith(".")))

    def _unreadable(self, error: OSError) -> None:
        path = Path(error.filename)
        if path not in self._taken:
            self._taken.add(path)
            self._notes.append(str(unreadable(path, error)))

    def _files(self, here: Path, names: list[str]) -> Iterator[Followed]:
        there = frozenset(names)
        for name in names:
            path = here / name
            if path in self._taken or _is_copy(name, there):
                continue
            kind = _kept_kind(self._known(str(path))) or self._kind(path)
            if kind is None:
                continue
            self._taken.add(path)
            if kind != MAIL:
                shared = self._shared.setdefault(here, {})
                yield _source(path, kind, self._how, self._folders, copies=True, shared=shared)
                continue
            mails = self._mails.get(here)
            if mails is None:
                mails = self._mails[here] = SavedMails(here, self._how, self._folders)
                yield mails
            mails.add(path)

    def _kind(self, path: Path) -> str | None:
        try:
            stat = path.stat()
        except OSError:
            return None
        version = (stat.st_size, stat.st_mtime_ns)
        if not stat.st_size or self._puzzling.get(path) == version or not path.is_file():
            return None
        try:
            return kind_in(path, self._how)
        except Undecided:
            self._puzzling[path] = version
        except BadInput as error:
            if path not in self._puzzling:
                self._notes.append(str(error))
            self._puzzling[path] = version
        return None


def _is_copy(name: str, names: frozenset[str]) -> bool:
    bases = (name[: match.start()] for match in _NUMBERED.finditer(name))
    return any(base in names and is_copy_of(name, base) for base in bases)


def _source(
    path: Path,
    kind: str,
    how: How,
    folders: Folders,
    *,
    copies: bool = False,
    shared: dict[str, KumoMtaLog] | None = None,
) -> Followed:
    if kind in {MAIL, WHOLE}:
        return WholeFile(path, how, folders)
    return GrowingFile(path, kind, how, folders, copies=copies, shared=shared)


def _kept_kind(saved: Saved | None) -> str | None:
    kind = saved.position.get("kind") if saved else None
    return str(kind) if kind else None


def _absolute(path: Path) -> Path:
    """Return the path without links but for its last part, which may be given to another file."""
    return path.parent.resolve() / path.name if path.name else path.resolve()
