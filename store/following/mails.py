"""Mailboxes that grow in one file: the mails of an mbox, the last one only when it is whole."""

from __future__ import annotations

from typing import Any

from store.feeds.bounces.mailbox import is_from_line, mails_in
from store.feeds.bounces.reader import read_mail
from store.feeds.record import Defect, Record
from store.following.lines import whole_lines
from store.following.pieces import Place, Taken


class MboxFormat:
    """An mbox. Its last mail is whole when another one follows, or when the file has not changed for a while.

    Whoever delivers into an mbox writes a mail in one go, under a lock (RFC 4155); nothing in the file tells its end.
    """

    def __init__(self, kind: str, label: str, settles_s: float) -> None:
        self.kind = kind
        self.label = label
        self.settles_s: float | None = settles_s

    def pieces(self, place: Place | None, latest_ms: int) -> MboxPieces:
        """Return a reader for one file; ``latest_ms`` stands for the time of mails whose line tells none."""
        return MboxPieces(place["number"] if place else 0, latest_ms)

    def to_json(self) -> Any:
        """Return None: a mail says everything itself."""
        return None

    def from_json(self, values: Any) -> None:
        """Take nothing."""


class MboxPieces:
    """The mails of one mbox."""

    def __init__(self, number: int, latest_ms: int) -> None:
        self._number = number
        self._latest_ms = latest_ms

    def take(self, data: bytes, final: bool) -> Taken:
        """Read the whole mails."""
        lines, _ = whole_lines(data, final)
        used, whole = (len(data), len(lines)) if final else _last_mail(lines)
        items: list[Record | Defect] = []
        for mail in mails_in(lines[:whole], self._latest_ms, self._number):
            self._number += 1
            items += read_mail(mail.data, mail.where, mail.ts)
        return Taken(items, used)

    def place(self) -> Place:
        """Return how many mails were read."""
        return {"number": self._number}


def _last_mail(lines: list[bytes]) -> tuple[int, int]:
    """Return how many bytes and lines stand before the last mail."""
    at = used = whole = 0
    blank = True
    for index, line in enumerate(lines):
        if blank and is_from_line(line):
            used, whole = at, index
        blank = line in {b"\n", b"\r\n"}
        at += len(line)
    return used, whole
