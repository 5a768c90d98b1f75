"""Processes that help another one to read end with it, also when it is killed."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.feeds.ahead import feeds_ahead
from store.feeds.bounces.mailbox import RawMail
from store.feeds.cores import read_mails

ROOT = Path(__file__).parents[2]
MAIL = b"From: a@shop.example\r\nTo: c@mail.example\r\nSubject: x\r\n\r\nhello\r\n"


def mails() -> Iterator[RawMail]:
    for number in itertools.count():
        yield RawMail(MAIL, str(number), 0)


def read_on_all_cores(folder: Path) -> None:
    """Read mails for ever, and tell when others help."""
    for number, _ in enumerate(read_mails(mails(), alone=0, cores=2)):
        if number == 500:
            print("going", flush=True)


def read_ahead(folder: Path) -> None:
    """Read a log in a process of its own, and stand still in the middle of it."""
    line = (
        "2024-03-05T09:00:00.900000+00:00 mx postfix/smtp[4]: 4ST0{:04d}: to=<p{}@mail.example>,"
        " relay=mx[192.0.2.1]:25, delay=0.9, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)\n"
    )
    (folder / "mail.log").write_text("".join(line.format(n % 9999, n) for n in range(100_000)))
    for feed in feeds_ahead(folder / "mail.log", now=datetime.now(UTC), worth=1):
        for number, _ in enumerate(feed.records):
            if number == 500:
                print("going", flush=True)
                sys.stdin.read()


@pytest.mark.parametrize("what", [read_on_all_cores, read_ahead], ids=lambda what: what.__name__)
def test_who_reads_for_another_ends_with_it(tmp_path: Path, what: object) -> None:
    command = [sys.executable, "-m", __name__, what.__name__, str(tmp_path)]  # type: ignore[attr-defined]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"going\n"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        assert not children.exists() or children.read_text() or len(os.sched_getaffinity(0)) < 2
        process.kill()
        # Standard error ends when the last process that has inherited it does.
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL


if __name__ == "__main__":
    {"read_on_all_cores": read_on_all_cores, "read_ahead": read_ahead}[sys.argv[1]](Path(sys.argv[2]))
