"""A mail log as it is written during a send, and what rotation does to it, the same ones for the same seed."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
KEY = "spring-26"


def address(number: int) -> str:
    """Return the address of a recipient of the campaign."""
    return f"p{number}@x.example"


def lines(mails: int, chance: random.Random) -> list[bytes]:
    """Return the lines of a log of so many mails, whose lives lie among each other.

    Of seven mails one is expired after deferrals, one bounces, one is delivered after a deferral, one is nobody's
    order confirmation, one tells its campaign by its sender only, and the others are delivered.
    """
    told: list[tuple[datetime, int, str]] = []
    for number in range(mails):
        begun = START + timedelta(seconds=number)
        for step, (delay_s, text) in enumerate(_life(number, chance)):
            told.append((begun + timedelta(seconds=delay_s), step, text))
    told.sort(key=lambda one: (one[0], one[1], one[2]))
    return [f"{at.isoformat(timespec='microseconds')} mx {text}\n".encode() for at, _, text in told]


def _life(number: int, chance: random.Random) -> Iterator[tuple[float, str]]:
    queue, to, fate = f"4F{number:06X}", address(number), number % 7
    sender = f"bounces+p{number}=x.example@ours.example" if fate == 4 else "news@ours.example"
    yield 0.1, f"postfix/cleanup[2]: {queue}: message-id=<m{number}@ours.example>"
    if fate not in {3, 4}:
        yield (
            0.1,
            (
                f"postfix/cleanup[2]: {queue}: info: header X-Campaign-ID: {KEY} from localhost[127.0.0.1];"
                f" from=<{sender}> to=<{to}> proto=ESMTP helo=<app>"
            ),
        )
    yield 0.2, f"postfix/qmgr[3]: {queue}: from=<{sender}>, size=800, nrcpt=1 (queue active)"
    later = chance.uniform(5, 200)
    said = "host mx.x.example[192.0.2.1] said: 451 4.7.1 try again later (in reply to RCPT TO command)"
    if fate in {0, 2}:
        yield 1.0, _delivery(queue, to, "4.7.1", "deferred", said)
    if fate == 0:
        yield later, _delivery(queue, to, "4.7.1", "deferred", said.replace("451 4", "452 4"))
        yield 2 * later, f"postfix/qmgr[3]: {queue}: from=<{sender}>, status=expired, returned to sender"
    elif fate == 1:
        yield later, _delivery(queue, to, "5.1.1", "bounced", f"host mx said: 550 5.1.1 <{to}>: User unknown")
    else:
        yield later, _delivery(queue, to, "2.0.0", "sent", "250 2.0.0 Ok: queued as 77")
    yield 2 * later + 1, f"postfix/qmgr[3]: {queue}: removed"


def _delivery(queue: str, to: str, dsn: str, status: str, said: str) -> str:
    return (
        f"postfix/smtp[4]: {queue}: to=<{to}>, relay=mx.x.example[192.0.2.1]:25, delay=1, delays=0/0/0/0, dsn={dsn},"
        f" status={status} ({said})"
    )


@dataclass
class Rotated:
    """A log that is written to and rotated, in steps.

    Attributes:
        path: the log.
        generations: what each of its files held in the end, the oldest first.
    """

    path: Path
    generations: list[bytes] = field(default_factory=lambda: [b""])
    _handle: int = -1

    def write(self, data: bytes) -> None:
        """Append to the file."""
        if self._handle < 0:
            self._handle = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.write(self._handle, data)
        self.generations[-1] += data

    def rename(self, late: bytes) -> None:
        """Rotate by renaming; the writer notices only after ``late``."""
        self._shift()
        os.rename(self.path, self._copy(1))
        self.write(late)
        os.close(self._handle)
        self._handle = -1
        self.generations.append(b"")
        self.write(b"")

    def copy_and_cut(self) -> None:
        """Rotate by copying and cutting."""
        self._shift()
        shutil.copyfile(self.path, self._copy(1))
        os.truncate(self.path, 0)
        self.generations.append(b"")

    def close(self) -> None:
        """Stop writing."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1

    def _copy(self, number: int, packed: str = "") -> Path:
        return self.path.with_name(f"{self.path.name}.{number}{packed}")

    def _shift(self) -> None:
        """Give every copy the next number; the second one and all after it are packed."""
        oldest = len(self.generations)
        for number in range(oldest, 1, -1):
            if self._copy(number, ".gz").exists():
                os.rename(self._copy(number, ".gz"), self._copy(number + 1, ".gz"))
        if self._copy(1).exists():
            packed = self._copy(2, ".gz.part")
            with open(self._copy(1), "rb") as plain, gzip.open(packed, "wb") as target:
                shutil.copyfileobj(plain, target)
            os.rename(packed, self._copy(2, ".gz"))
            os.unlink(self._copy(1))


def steps(log: Rotated, content: list[bytes], chance: random.Random) -> Iterator[Callable[[], None]]:
    """Yield what happens to the log, one small thing after the other: parts of lines are written, it is rotated."""
    waiting = b""
    for line in content:
        waiting += line
        if len(waiting) < chance.choice((300, 2_000, 20_000)):
            continue
        # A file begins with a whole line; after that lines may be cut anywhere.
        least = waiting.index(b"\n") + 1 if not log.generations[-1] else 0
        cut = len(waiting) if chance.random() < 0.4 else chance.randrange(least, len(waiting))
        now, waiting = waiting[:cut], waiting[cut:]
        yield lambda now=now: log.write(now)  # type: ignore[misc]
        turn = chance.random()
        if turn < 0.04:
            # A program finishes its line before it opens the new file.
            late, waiting = waiting, b""
            yield lambda late=late: log.rename(late)  # type: ignore[misc]
        elif turn < 0.08:
            rest, waiting = waiting, b""
            yield lambda rest=rest: log.write(rest)  # type: ignore[misc]
            yield log.copy_and_cut
    yield lambda: log.write(waiting)
