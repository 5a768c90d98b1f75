"""Many mails are read by several processes, in order, and by one alone if the others die."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

from store.feeds.bounces.mailbox import RawMail
from store.feeds.cores import Item, read_mails
from store.feeds.record import Defect, Record

MAIL = """Return-Path: <>
Delivered-To: bounces+p{n}=x.example@ours.example
Date: Mon, 2 Mar 2026 08:00:09 +0000
From: MAILER-DAEMON@ours.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn{n}@ours.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; ours.example

Final-Recipient: rfc822; p{n}@x.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b--
"""


def mails(count: int) -> Iterator[Item]:
    for number in range(count):
        if number % 70 == 3:
            yield Defect(f"mail {number}", "cannot be opened")
        else:
            yield RawMail(MAIL.format(n=number).encode(), f"mail {number}", 0)


def told(answers: Iterator[list[Record | Defect]]) -> list[str]:
    return [
        f"{item.where} {item.address}" if isinstance(item, Record) else item.where for said in answers for item in said
    ]


def test_several_processes_give_what_one_gives_in_the_same_order() -> None:
    alone = told(read_mails(mails(950), cores=1))
    assert told(read_mails(mails(950), alone=20, cores=2)) == alone
    assert len(alone) == 950


def test_a_helper_that_is_killed_loses_nothing() -> None:
    answers = read_mails(mails(950), alone=20, cores=2)
    begun = [next(answers) for _ in range(130)]
    for child in children():
        os.kill(child, signal.SIGKILL)
    assert told(iter([*begun, *answers])) == told(read_mails(mails(950), cores=1))


def children() -> list[int]:
    """Return the processes that read mails for this one: those that its fork server made."""
    parents: dict[int, int] = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as handle:
                parents[int(entry)] = int(handle.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return [child for child, parent in parents.items() if parents.get(parent) == os.getpid()]
