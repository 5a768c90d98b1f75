"""Bounce mails of several servers, held in memory: reports, notices in prose, transcripts, each worded differently."""

from __future__ import annotations

import time
from collections.abc import Sequence

from benchmarks.material import people
from store.feeds.bounces.reader import read_mail
from store.feeds.record import Record

_CAUSES = (
    "550 5.1.1 <{a}>: Recipient address rejected: User unknown in virtual mailbox table",
    "552 5.2.2 <{a}> mailbox of {l} is over quota by {n} kB",
    "554 5.7.1 Message {n} rejected as spam by the content filter of {d}",
    "421 4.7.0 mx{n}.{d} too many connections from your host, try again later",
    "550 5.7.26 Unauthenticated email from news.example is not accepted, see ticket {n}",
    "550 sorry, no such user {l} here",
)
_RETURNED = """Return-Path: <bounce+{l}={d}@news.example>
From: News <news@news.example>
To: {a}
Subject: Autumn
Message-ID: <autumn.{n}@news.example>
X-Campaign-ID: autumn
"""
_REPORT = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.{d}>
To: bounce@news.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 02 Mar 2026 08:00:05 +0100
Message-ID: <{n}.dsn@mx.{d}>
Content-Type: multipart/report; report-type=delivery-status; boundary="p{n}"

--p{n}
Content-Type: text/plain

This is the mail system at host mx.{d}. I'm sorry to have to inform you that your message could not be delivered.

<{a}>: host mx{n}.{d} said: {w} (in reply to RCPT TO command)

--p{n}
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.{d}

Final-Recipient: rfc822; {a}
Action: failed
Remote-MTA: dns; mx{n}.{d}
Status: {s}
Diagnostic-Code: smtp; {w}

--p{n}
Content-Type: message/rfc822

{r}
{b}
--p{n}--
"""
_NOTICE = """Return-Path: <>
From: MAILER-DAEMON@mx.{d}
To: bounce@news.example
Subject: failure notice
Date: Mon, 02 Mar 2026 08:00:05 +0100
Message-ID: <{n}.notice@mx.{d}>

I was not able to deliver your message to the following addresses.

<{a}>:
192.0.2.7 does not like recipient.
Remote host said: {w}
I gave up on 192.0.2.7.

--- Below this line is a copy of the message.

{r}
{b}
"""
_FORMS = (_REPORT, _NOTICE, _REPORT)


def bounce_mails(count: int, body: int = 5) -> list[bytes]:
    """Return ``count`` mails whose returned mail has a body of about ``body`` bytes."""
    filler = "Spring is here, and so are we.\n" * (body // 31)
    mails: list[bytes] = []
    for number, one in zip(range(count), people(count), strict=False):
        local, _, domain = one.address.partition("@")
        words = _CAUSES[number % len(_CAUSES)].format(a=one.address, l=local, d=domain, n=number)
        returned = _RETURNED.format(a=one.address, l=local, d=domain, n=number)
        form = _FORMS[number % len(_FORMS)]
        status = "5.0.0" if words.startswith("5") else "4.0.0"
        text = form.format(a=one.address, d=domain, n=number, w=words, r=returned, b=filler, s=status)
        mails.append(text.encode())
    return mails


def reading_all(mails: Sequence[bytes]) -> float:
    """Read all ``mails`` in this process and return the seconds that took; each has to name its recipient."""
    started = time.perf_counter()
    found = sum(isinstance(one, Record) for mail in mails for one in read_mail(mail, "bench", 0))
    seconds = time.perf_counter() - started
    assert found == len(mails), f"{found} recipients instead of {len(mails)}"
    return seconds
