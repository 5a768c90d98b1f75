"""A bounce mailbox on a server as a source that is followed (:class:`store.following.source.Followed`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from store.errors import BadInput, Refused, Unreachable
from store.feeds.imap.access import Access
from store.feeds.imap.address import Mailbox
from store.feeds.imap.connection import Connection
from store.feeds.imap.reading import Place, Reader
from store.feeds.imap.watching import FIRST_PAUSE_S, LONGEST_PAUSE_S, Watch
from store.following.source import Position, Saved, Step, Where

FORMAT = "bounce mailbox"
POLL_S = 60.0
"""How often a server is asked that does not tell of new mail by itself; the others are, too, in case they forget."""

ANEW = (
    "The server has given all mails of {} new numbers (UIDVALIDITY), so they were read again; what was known is not"
    " counted twice."
)


class MailboxSource:
    """A folder on an IMAP server; new mail is told by the server, or looked for every minute.

    A connection that was lost is made anew at once and without a word; where that fails, too, :meth:`where` tells why,
    and the server is tried again after a pause that grows.
    """

    def __init__(self, mailbox: Mailbox, access: Access, now: Callable[[], datetime]) -> None:
        self.name = mailbox.url
        self.format = FORMAT
        self.every_s = POLL_S
        self._mailbox = mailbox
        self._access = access
        self._now = now
        self._reader = Reader(self._connect, None)
        self._kept: Place | None = None
        self._watch: Watch | None = None
        self._woken = Event()
        self._due: datetime | None = None
        self._behind: int | None = None
        self._failures = 0
        self._waiting: str | None = None

    def _connect(self) -> Connection:
        return Connection(self._mailbox, self._access)

    def resume(self, saved: Saved | None) -> None:
        """Take up where the folder was left, and log in.

        Raises:
            BadInput: the server takes neither login nor folder.
        """
        self._kept = _place(saved.position) if saved else None
        self._reader = Reader(self._connect, self._kept)
        try:
            self._reader.open()
        except Unreachable as error:
            self._failed(error)
        except Refused as error:
            raise BadInput(str(error)) from error

    def step(self, limit: int) -> Step:
        """Read new mails, ``limit`` at most; nothing if it is not yet time to look again."""
        if self._due is not None and self._now() < self._due and not self._woken.is_set():
            return Step()
        self._woken.clear()
        try:
            batch = self._reader.read(limit)
        except (BadInput, Refused) as error:
            # What worked before fails while a directory is down, a certificate is changed, a token's file written.
            return self._failed(error)
        self._failures, self._waiting = 0, None
        self.every_s = POLL_S
        self._due = None if batch.more else self._now() + timedelta(seconds=POLL_S)
        self._behind = batch.behind
        moved = batch.place != self._kept
        self._kept = batch.place
        note = ANEW.format(self.name) if batch.anew else None
        return Step(batch.items, _position(batch.place) if moved else None, batch.more, note=note)

    def _failed(self, error: Exception) -> Step:
        self._behind = None
        self._waiting = str(error)
        pause = min(FIRST_PAUSE_S * 2**self._failures, LONGEST_PAUSE_S)
        self._failures += 1
        self.every_s = min(pause, POLL_S)
        self._due = self._now() + timedelta(seconds=pause)
        return Step()

    def where(self) -> Where:
        """Tell how many mails are still to be read, and what keeps them from being read."""
        return Where(self.name, self._behind, self._waiting)

    def watch(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` when the server tells of new mail."""

        def woken() -> None:
            self._woken.set()
            wake()

        self._watch = Watch(self._connect, woken)

    def finish(self) -> Step:
        """Return nothing; every step's position is the last one."""
        return Step()

    def close(self) -> None:
        """Log out."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self._reader.close()


def _place(position: Position) -> Place:
    return Place(int(position["validity"]), int(position["uid"]))


def _position(place: Place) -> Position:
    return {"validity": place.validity, "uid": place.uid}
