"""The logs of mail and web servers: told by what stands in them, read in the order of time by readers they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from store.feeds import exim, opensmtpd, postfix
from store.feeds.access.detection import first_access_ms
from store.feeds.exim import EximLog
from store.feeds.files import ByteFile, probe
from store.feeds.journald import is_journal, journal_lines
from store.feeds.kumomta import KumoMtaLog, first_kumomta_ms, is_kumomta
from store.feeds.opensmtpd import OpenSmtpdLog
from store.feeds.postfix import PostfixLog
from store.feeds.powermta import is_powermta, read_powermta
from store.feeds.record import Defect, Progress, Record
from store.feeds.stamps import Clock

POSTFIX = "postfix log"
EXIM = "exim log"
OPENSMTPD = "opensmtpd log"
KUMOMTA = "kumomta log"
POWERMTA = "powermta accounting"
ACCESS = "access log"
LOGS = frozenset({POSTFIX, EXIM, OPENSMTPD, KUMOMTA, POWERMTA, ACCESS})
"""The formats that this module reads."""
REMEMBERING = LOGS - {POWERMTA}
"""Those of which a line may be about a mail whose other lines stand in an older file."""

_STAMPED = re.compile(
    rb"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ \S+"
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})?(?: \[\d+\])? [^,;\t]*$",
    re.MULTILINE,
)
_LINES = 1 << 13
_LONGEST_LINE = 1 << 20


class LineReader(Protocol):
    """Turns lines into records and remembers what they said of mails that are still under way."""

    def records(self, lines: Iterable[bytes], clock: Clock, first: int = 1) -> Iterator[Record | Defect]:
        """Yield the records of the lines of one log, of which the first one has the number ``first``."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return what the lines so far said, as JSON values."""
        ...

    def from_json(self, values: dict[str, Any]) -> None:
        """Know again what :meth:`to_json` returned."""
        ...


class LogReaders:
    """A reader for each format; what is read of rotated logs goes through the same one, the oldest first."""

    def __init__(self, zone: tzinfo | None, access: LineReader | None = None) -> None:
        """Start without knowing any mail.

        Args:
            zone: of times that name none.
            access: reads access logs, if it was said what their paths mean.
        """
        self._lines: dict[str, LineReader] = {POSTFIX: PostfixLog(), EXIM: EximLog(), OPENSMTPD: OpenSmtpdLog()}
        if access is not None:
            self._lines[ACCESS] = access
        self._kumomta = KumoMtaLog()
        self._zone = zone

    def read(self, path: Path, kind: str, clock: Clock) -> Iterator[Record | Defect | Progress]:
        """Yield the records of one log of the format ``kind``, and how far it was read."""
        if kind == KUMOMTA:
            return self._kumomta.read(path)
        if kind == POWERMTA:
            return read_powermta(path, self._zone)
        return _read_lines(path, self._lines[kind], clock)


def structured_format(start: bytes) -> str | None:
    """Return KUMOMTA or POWERMTA if a file that begins with ``start`` is one of their logs, else None."""
    return KUMOMTA if is_kumomta(start) else POWERMTA if is_powermta(start) else None


def looks_like_log(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` is a log of some program."""
    return (
        _STAMPED.match(start) is not None
        or is_journal(start)
        or is_untimed(start)
        or _format_within(start.splitlines()) is not None
    )


def is_untimed(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` is what ``smtpd -d`` printed, without any time."""
    return opensmtpd.UNTIMED.search(start) is not None


def log_format(path: Path) -> str | None:
    """Return which server wrote a log, by its first line that a known one wrote; None if no line is known."""
    with ByteFile(path) as file:
        return _format_within(journal_lines(file.handle) if is_journal(probe(path)) else file.handle)


def _format_within(lines: Iterable[bytes]) -> str | None:
    for line in lines:
        if b" postfix" in line and postfix.LINE.match(line):
            return POSTFIX
        if exim.LINE.match(line):
            return EXIM
        if b"smtpd[" in line and opensmtpd.LINE.match(line):
            return OPENSMTPD
    return None


def first_ms(path: Path, clock: Clock) -> int:
    """Return the time of a log's first line that has one, in epoch milliseconds; 0 if none has."""
    start = probe(path)
    asked = first_access_ms(start)
    if asked is not None:
        return asked
    if start[:1] in {b"{", b"["} and not is_journal(start):
        return first_kumomta_ms(start)
    lines = start.split(b"\n")
    for line in journal_lines(lines) if is_journal(start) else lines:
        stamp = clock.read(line) if line[10:11] != b" " else None
        ts = stamp[0] if stamp else exim.read_stamp(clock, line)
        if ts is not None:
            return ts
    return 0


def _read_lines(path: Path, reader: LineReader, clock: Clock) -> Iterator[Record | Defect | Progress]:
    journal = is_journal(probe(path))
    with ByteFile(path) as file:
        lines = _Counted(file)
        for found in reader.records(journal_lines(lines) if journal else lines, clock):
            yield found
            yield from lines.defects()
            if lines.due:
                lines.due = False
                yield Progress(file.done, file.total)
        yield from lines.defects()
        if file.damage:
            yield Defect(f"after line {lines.number}", file.damage, ends=True)
        yield Progress(file.total, file.total)


class _Counted:
    """The whole lines of a log, counted; the torn last line of a damaged archive and endless ones are left out."""

    def __init__(self, file: ByteFile) -> None:
        self._file = file
        self.number = 0
        self.due = False
        self._endless: list[int] = []

    def defects(self) -> Iterator[Defect]:
        """Yield one for each line that was left out since the last call."""
        while self._endless:
            yield Defect(f"line {self._endless.pop(0)}", "a line of more than a megabyte is none of a log")

    def __iter__(self) -> Iterator[bytes]:
        read = partial(self._file.handle.readline, _LONGEST_LINE)
        for line in iter(read, b""):
            self.number += 1
            if not line.endswith(b"\n"):
                if len(line) == _LONGEST_LINE:
                    self._endless.append(self.number)
                    while line and not line.endswith(b"\n"):
                        line = read()
                    continue
                if self._file.damage:
                    return
            if self.number % _LINES == 0:
                self.due = True
            yield line
