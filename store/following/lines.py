"""Logs, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Any

from store.feeds.esp.bodies import growing_pieces
from store.feeds.journald import is_journal, journal_lines
from store.feeds.logs import LineReader
from store.feeds.record import Defect, Record
from store.feeds.stamps import Clock
from store.following.pieces import Place, Taken
from store.times import from_ms

Said = Callable[[str, str], Iterable[Record | Defect]]
"""What a text at a place says."""


class LogFormat:
    """A log whose reader remembers mails that are under way, from one file to the next."""

    settles_s: float | None = None

    def __init__(self, kind: str, reader: LineReader, zone: tzinfo | None) -> None:
        """Start without knowing any mail; ``zone`` is that of stamps that tell none (None: the host's)."""
        self.kind = self.label = kind
        self._reader = reader
        self._zone = zone

    def pieces(self, place: Place | None, latest_ms: int) -> LogPieces:
        """Return a reader for one of the log's files."""
        return LogPieces(self._reader, place, from_ms(latest_ms), self._zone)

    def to_json(self) -> Any:
        """Return what the lines so far said."""
        return self._reader.to_json()

    def from_json(self, values: Any) -> None:
        """Know again what :meth:`to_json` returned."""
        self._reader.from_json(values)


class LogPieces:
    """The lines of one log."""

    def __init__(self, reader: LineReader, place: Place | None, latest: datetime, zone: tzinfo | None) -> None:
        self._reader = reader
        self._clock = Clock(latest, zone)
        self._next: int = place["line"] if place else 1
        self._journal: bool | None = place["journal"] if place else None
        if place:
            self._clock.from_json(place["clock"])

    def take(self, data: bytes, final: bool) -> Taken:
        """Read the whole lines."""
        lines, used = whole_lines(data, final)
        if not lines:
            return Taken((), used)
        if self._journal is None:
            self._journal = is_journal(data)
        first, self._next = self._next, self._next + len(lines)
        return Taken(list(self._reader.records(self._entries(lines), self._clock, first)), used)

    def _entries(self, lines: list[bytes]) -> Iterator[bytes]:
        return journal_lines(lines) if self._journal else iter(lines)

    def place(self) -> Place:
        """Return the number of the next line, and what is known of the year."""
        return {"line": self._next, "journal": self._journal, "clock": self._clock.to_json()}


class BodiesFormat:
    """Lines that quote events of mail providers: logs of requests, url-encoded forms."""

    settles_s: float | None = None

    def __init__(self, kind: str, label: str, said: Said) -> None:
        self.kind = kind
        self.label = label
        self._said = said

    def pieces(self, place: Place | None, latest_ms: int) -> BodiesPieces:
        """Return a reader for one file."""
        return BodiesPieces(self._said, place["line"] if place else 1)

    def to_json(self) -> Any:
        """Return None: a line says everything itself."""
        return None

    def from_json(self, values: Any) -> None:
        """Take nothing."""


class BodiesPieces:
    """The bodies of one file, most of them in a line each."""

    def __init__(self, said: Said, first: int) -> None:
        self._said = said
        self._next = first

    def take(self, data: bytes, final: bool) -> Taken:
        """Read the whole bodies."""
        lines, size = whole_lines(data, final)
        texts = [line.decode("utf-8", "replace") for line in lines]
        first = self._next
        items: list[Record | Defect] = []
        for number, piece, after in growing_pieces(texts, first):
            items += self._said(piece, f"line {number}")
            self._next = after
        taken = self._next - first
        if final:
            for number, line in enumerate(texts[taken:], self._next):
                items += self._said(line, f"line {number}")
            self._next = first + len(texts)
            return Taken(items, size)
        return Taken(items, size if taken == len(lines) else sum(map(len, lines[:taken])))

    def place(self) -> Place:
        """Return the number of the next line."""
        return {"line": self._next}


def whole_lines(data: bytes, final: bool) -> tuple[list[bytes], int]:
    """Return the lines of ``data`` with their ends, without an unfinished one, and how many bytes they are."""
    used = len(data) if final else data.rfind(b"\n") + 1
    if not used:
        return [], 0
    lines = data[:used].split(b"\n")
    rest = lines.pop()
    whole = [line + b"\n" for line in lines]
    return ([*whole, rest] if rest else whole), used
