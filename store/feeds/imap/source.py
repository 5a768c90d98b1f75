"""A bounce mailbox on a server as a source that is followed (:class:`store.following.source.Followed`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from store.errors import BadInput, Refused, Unreachable
from store.feeds.imap.access import Access
from store.feeds.imap.address import Mailbox
from store.feeds.imap.connection import Connection
from store.feeds.imap.reading import Place, Reader
from store.feeds.imap.watching import FIRST_PAUSE_S, LONGEST_PAUSE_S, Watch
from store.following.source import Position, Saved, Step, Where

FORMAT = "bounce mailbox"
POLL_S = 60.0
"""How often a server is asked that does not tell of new mail by itself."""
QUIET = 2
"""So many failures in a row may pass without a word: servers are restarted, lines drop."""

ANEW = (
    "The server has given all mails of {} new numbers (UIDVALIDITY), so they were read again; what was known is not"
    " counted twice."
)


class MailboxSource:
    """A folder on an IMAP server; new mail is told by the server, or looked for every minute."""

    def __init__(self, mailbox: Mailbox, access: Access, now: Callable[[], datetime]) -> None:
        self.name = mailbox.url
        self.format = FORMAT
        self.every_s = POLL_S
        self._mailbox = mailbox
        self._access = access
        self._now = now
        self._reader = Reader(self._connect, None)
        self._watch: Watch | None = None
        self._behind: int | None = None
        self._reached = False
        self._failures = 0
        self._waiting: str | None = None
        self._not_before: datetime | None = None

    def _connect(self) -> Connection:
        return Connection(self._mailbox, self._access)

    def resume(self, saved: Saved | None) -> None:
        """Take up where the folder was left."""
        self._reader = Reader(self._connect, _place(saved.position) if saved else None)

    def step(self, limit: int) -> Step:
        """Read new mails, ``limit`` at most.

        Raises:
            BadInput: the server takes neither login nor folder, and never did.
        """
        if self._not_before is not None and self._now() < self._not_before:
            return Step()
        try:
            batch = self._reader.read(limit)
        except Unreachable as error:
            return self._failed(error)
        except Refused as error:
            # A login that was taken before is refused while a directory is down or a certificate is being changed.
            if not self._reached:
                raise BadInput(str(error)) from error
            return self._failed(error)
        self._reached, self._failures = True, 0
        self._waiting = self._not_before = None
        self.every_s = POLL_S
        self._behind = batch.behind
        note = ANEW.format(self.name) if batch.anew else None
        return Step(batch.items, _position(batch.place), batch.more, note=note)

    def _failed(self, error: Exception) -> Step:
        self._behind = None
        self._failures += 1
        pause = min(FIRST_PAUSE_S * 2 ** (self._failures - 1), LONGEST_PAUSE_S)
        self.every_s = min(pause, POLL_S)
        self._not_before = self._now() + timedelta(seconds=pause)
        if self._failures > QUIET:
            self._waiting = str(error)
        return Step()

    def where(self) -> Where:
        """Tell how many mails are still to be read, and what keeps them from being read."""
        return Where(self.name, self._behind, self._waiting)

    def watch(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` when the server tells of new mail."""
        self._watch = Watch(self._connect, wake)

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
