"""Mails with a file of their own: a Maildir, or a folder into which somebody saves them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from store.errors import BadInput
from store.feeds.bounces.mailbox import RawMail, maildir_files, single_mail
from store.feeds.cores import read_mails
from store.feeds.opening import MAILBOX
from store.feeds.record import Defect, Record
from store.following.pace import Pace
from store.following.source import How, Saved, Step, Where
from store.following.watching import Folders

_FLAGS = re.compile(r"[:;!]2,")
_EVERY_S = 5.0


class MailFiles:
    """Mails that lie in files of one folder; each is read once, whatever its flags are or become."""

    every_s = _EVERY_S
    format = MAILBOX

    def __init__(self, path: Path, how: How, folders: Folders) -> None:
        """Make the source of the Maildir or folder ``path``."""
        self.path = path
        self.name = str(path)
        self._how = how
        self._folders = folders
        self._read: set[str] = set()
        self._pace = Pace()
        self._left = 0
        self._settling: float | None = None
        self._waiting: str | None = None

    def resume(self, saved: Saved | None) -> None:
        """Know the mails that were read."""
        self._read = set(saved.pieces) if saved else set()

    def step(self, limit: int) -> Step:
        """Read mails that are new."""
        self._waiting = None
        if not self._left and (wait_s := self._pace.wait_s()):
            self._settling = wait_s
            return Step()
        try:
            with self._pace.measured():
                new = [file for file in self._files() if _name(file) not in self._read]
        except (BadInput, OSError) as error:
            self._waiting = str(error)
            return Step()
        some = list(islice(new, limit))
        items: list[Record | Defect] = []
        names: list[str] = []
        opened = [(file, mail) for file in some if (mail := _opened(file)) is not None]
        for (file, _), said in zip(opened, read_mails(mail for _, mail in opened), strict=True):
            items += said
            names.append(_name(file))
        self._read.update(names)
        self._left = len(new) - len(some)
        if not names:
            return Step()
        return Step(items, {"v": 1}, self._left > 0, pieces=names)

    def _files(self) -> Iterable[Path]:
        self._settling = None
        return maildir_files(self.path)

    def where(self) -> Where:
        """Tell how many mails are still to be read."""
        return Where(self.path.name, self._left, self._waiting, self._settling)

    def watch(self, wake: Callable[[], None]) -> None:
        """Have the folders watched in which new mails appear."""
        self._folders.add(self.path / "new")
        self._folders.add(self.path / "cur")

    def finish(self) -> Step:
        """Return nothing: every step kept all there is."""
        return Step()

    def close(self) -> None:
        """Close nothing."""


class SavedMails(MailFiles):
    """Mails that somebody saves into a folder: one that was just changed may not be whole yet."""

    def __init__(self, path: Path, how: How, folders: Folders) -> None:
        super().__init__(path, how, folders)
        self._known: dict[Path, None] = {}

    def add(self, file: Path) -> None:
        """Take note of a file that is a mail."""
        self._known[file] = None

    def _files(self) -> Iterable[Path]:
        self._settling = None
        ready: list[Path] = []
        for file in list(self._known):
            if _name(file) in self._read:
                del self._known[file]
                continue
            try:
                quiet = self._how.quiet_s(file.stat().st_mtime)
            except OSError:
                del self._known[file]
                continue
            if quiet >= self._how.settled_s:
                ready.append(file)
            else:
                self._settling = max(self._settling or 0.0, self._how.settled_s - quiet)
        return ready

    def watch(self, wake: Callable[[], None]) -> None:
        """Have the folder watched."""
        self._folders.add(self.path)


def _opened(file: Path) -> RawMail | Defect | None:
    """Read a file; None if it has another name by now."""
    try:
        return single_mail(file)
    except (BadInput, OSError) as error:
        if not file.exists():
            return None
        return Defect(file.name, str(error).removeprefix(f"{file} ").rstrip("."))


def _name(file: Path) -> str:
    """Return a mail's name without its flags, as text that any database takes."""
    return os.fsencode(_FLAGS.split(file.name)[0]).decode("utf-8", "backslashreplace")
