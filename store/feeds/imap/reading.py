"""The mails of a folder from one number on, in steps of bounded size, as records."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from store.errors import Unreachable
from store.feeds.bounces.mailbox import RawMail
from store.feeds.cores import read_mails
from store.feeds.imap.connection import Connection, Envelope, Folder, place
from store.feeds.record import Defect, Record

ASKED = 500
"""Mails whose size is asked for in one go."""
FETCHED = 100
FETCHED_BYTES = 8 << 20
"""Mails, and bytes of mails, that are fetched in one go; one mail alone may be larger."""
TRIES = 3
"""How often a single mail is asked for before it is one that the server cannot hand out."""
NONE_IN_A_ROW = 3
"""So many such mails in a row are the server's trouble, not theirs."""
WINDOW, WIDEST = 5_000, 80_000
"""Numbers that are searched through in one go; more and more of them where no mails are (the answer is one line)."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a folder has been read: its UIDVALIDITY and the number of the last mail that was read."""

    validity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step read.

    Attributes:
        items: what the mails say, in their order.
        place: how far the folder is read with them.
        more: there are more mails.
        behind: at most so many are still to be read.
        anew: the server has given all mails new numbers, so they are read again from the first one.
    """

    items: list[Record | Defect]
    place: Place
    more: bool
    behind: int
    anew: bool = False


class Reader:
    """Reads a folder step by step; a lost connection ends a step early, and the next one connects again.

    Args:
        connect: logs in.
        place: how far the folder was read before; None: not at all.
    """

    def __init__(self, connect: Callable[[], Connection], place: Place | None) -> None:
        # Without a UIDVALIDITY (it must be told, RFC 3501, 6.3.1) numbers mean nothing in another session.
        self.place = place if place and place.validity else None
        self._anew = False
        self._connect = connect
        self._connection: Connection | None = None
        self._folder = Folder(0, 0)
        self._waiting: deque[int] = deque()
        self._next = self._top = 0
        self._window = WINDOW
        self._refused = 0
        self._trouble: Unreachable | None = None

    def open(self) -> None:
        """Log in and look into the folder; :meth:`read` does so by itself.

        Raises:
            Unreachable: the server cannot be reached.
            Refused: it takes neither login nor folder.
        """
        try:
            self._look()
        except BaseException:
            self.drop()
            raise

    def read(self, limit: int) -> Batch:
        """Read up to ``limit`` mails that are new.

        Raises:
            Unreachable: the server cannot be reached, and nothing was read in this step.
            Refused: it takes neither login nor folder.
        """
        try:
            if self._connection is None or not self._left():
                self._look_again()
            before = self.place
            items = self._items(limit)
        except BaseException:
            self.drop()
            raise
        if self._trouble is not None:
            trouble, self._trouble = self._trouble, None
            self.drop()
            if self.place == before:
                raise trouble
            return self._batch(items, more=True)
        return self._batch(items, more=self._left())

    def _batch(self, items: list[Record | Defect], *, more: bool) -> Batch:
        assert self.place is not None
        anew, self._anew = self._anew, False
        return Batch(items, self.place, more, self._behind(), anew)

    def close(self) -> None:
        """Log out."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def drop(self) -> None:
        """Close the connection without a word; the next step makes a new one."""
        if self._connection is not None:
            self._connection.drop()
            self._connection = None

    def _left(self) -> bool:
        return bool(self._waiting) or self._next <= self._top

    def _behind(self) -> int:
        unsearched = max(0, self._top - self._next + 1)
        return len(self._waiting) + min(unsearched, self._folder.mails)

    def _look_again(self) -> None:
        """See what is new; a connection that was lost meanwhile is made anew."""
        try:
            self._look()
        except Unreachable:
            if not self._folder.validity:
                raise
            self.drop()
            self._look()

    def _look(self) -> None:
        """See what is in the folder now, and from which number on it is new."""
        if self._connection is None:
            self._connection = self._connect()
        folder = self._folder = self._connection.examine()
        known = self.place
        if known is None or known.validity != folder.validity:
            self.place = Place(folder.validity, 0)
            self._anew = self._anew or known is not None
        assert self.place is not None
        self._waiting.clear()
        self._window = WINDOW
        self._top = self._connection.uid_at(folder.mails) if folder.mails else 0
        self._next = self.place.uid + 1
        if self._next < self._top and self._top - self._next > WINDOW:
            # A folder that is emptied now and then begins with a high number: nothing is searched below it.
            self._next = max(self._next, self._connection.uid_at(1))

    def _items(self, limit: int) -> list[Record | Defect]:
        assert self.place is not None
        validity = self.place.validity
        reached: deque[int] = deque()
        items: list[Record | Defect] = []
        for said in read_mails(self._mails(limit, reached)):
            items += said
            self.place = Place(validity, reached.popleft())
        if self._trouble is None and not self._waiting:
            # What was searched through without finding a mail need not be searched again.
            self.place = Place(validity, max(self.place.uid, min(self._next - 1, self._top)))
        return items

    def _mails(self, limit: int, reached: deque[int]) -> Iterator[RawMail | Defect]:
        """Yield mails and note their numbers in ``reached``; a lost connection ends them, and is kept in mind."""
        try:
            while limit > 0 and self._search():
                for envelope, mail in self._fetch(min(limit, ASKED)):
                    limit -= 1
                    reached.append(envelope.uid)
                    yield mail or Defect(place(envelope.uid), "the server should hand it out, and does not")
        except Unreachable as error:
            self._trouble = error

    def _search(self) -> bool:
        """Search on until there are numbers of mails to fetch; tell whether there are."""
        assert self._connection is not None
        while not self._waiting and self._next <= self._top:
            last = min(self._next + self._window - 1, self._top)
            self._waiting.extend(self._connection.uids(self._next, last))
            self._next = last + 1
            self._window = WINDOW if self._waiting else min(self._window * 4, WIDEST)
        return bool(self._waiting)

    def _fetch(self, count: int) -> Iterator[tuple[Envelope, RawMail | None]]:
        assert self._connection is not None
        asked = [self._waiting[at] for at in range(min(count, len(self._waiting)))]
        envelopes = self._connection.envelopes(asked)
        for some in _portions(envelopes):
            found = self._handed_out(some)
            for envelope in some:
                if envelope.uid in found:
                    yield envelope, found[envelope.uid]
        for _ in asked:
            self._waiting.popleft()

    def _handed_out(self, some: list[Envelope], tries: int = TRIES) -> Mapping[int, RawMail | None]:
        """Return mails by their number: None for one over which the server fails or ends the connection.

        Dovecot ends it over a mail that it cannot read; the others beside such a mail are asked for without it.

        Raises:
            Unreachable: the server is gone, or hands out nothing at all.
        """
        assert self._connection is not None
        try:
            found = self._connection.mails(some)
        except Unreachable as trouble:
            self._connect_again()
            if len(some) > 1:
                half = len(some) // 2
                return {**self._handed_out(some[:half]), **self._handed_out(some[half:])}
            if tries > 1:
                return self._handed_out(some, tries - 1)
            self._refused += 1
            if self._refused >= NONE_IN_A_ROW:
                raise trouble
            return {some[0].uid: None}
        self._refused = 0
        return found

    def _connect_again(self) -> None:
        """Make the connection anew in the midst of reading.

        Raises:
            Unreachable: it cannot be made, or the numbers of mails mean others now.
        """
        self.drop()
        self._connection = self._connect()
        if self._connection.examine().validity != self._folder.validity:
            raise Unreachable("The server numbered its mails anew just now.")


def _portions(envelopes: list[Envelope]) -> Iterator[list[Envelope]]:
    """Yield the mails in portions that are fetched in one go."""
    portion: list[Envelope] = []
    size = 0
    for envelope in envelopes:
        if portion and (len(portion) >= FETCHED or size + envelope.size_bytes > FETCHED_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(envelope)
        size += envelope.size_bytes
    if portion:
        yield portion
