"""What is measured on: seeded, written once, kept in the user's cache folder (or where AFTERSEND_BENCH says)."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from platformdirs import user_cache_path

CACHE = Path(os.environ.get("AFTERSEND_BENCH") or user_cache_path("aftersend-bench"))
VERSION = 1
CAMPAIGN = "autumn"

_FIRST = "Anna Bernd Carla Dieter Eva Frank Gisela Hans Ida Jörg Karin Lars Mia Nils Olga Peter Renée Sven Tina Uwe"
_LAST = "Schmidt Müller Berg Hansen Lange Koch Wolf Krüger Jansen Dubois Novak Rossi Lund Weber Meyer Fischer"
_TRADES = "Optik Werft Verlag Bau Druck Handel Logistik Praxis Schule Energie"
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "é": "e"})


@dataclass(frozen=True, slots=True)
class Person:
    """One recipient of the made-up list."""

    address: str
    name: str
    company: str
    language: str


def people(size: int) -> Iterator[Person]:
    """Yield ``size`` recipients, the same ones each time, in no order of their addresses."""
    dice = random.Random(size)
    first, last, trades = _FIRST.split(), _LAST.split(), _TRADES.split()
    for number in range(size):
        given, family = dice.choice(first), dice.choice(last)
        domain = f"firma{dice.randrange(400)}.example" if dice.random() < 0.5 else dice.choice(_BIG_DOMAINS)
        local = f"{given}.{family}{number}".lower().translate(_PLAIN)
        company = f"{dice.choice(last)} {dice.choice(trades)} {dice.randrange(900)}"
        yield Person(f"{local}@{domain}", f"{given} {family}", company, dice.choice(("de", "de", "en", "no")))


_BIG_DOMAINS = ("mail.example", "post.example.net", "web.example.org")


def recipients_csv(size: int) -> Path:
    """Return a recipient list: five columns, no quotes."""
    return made(f"recipients-{size}.csv", lambda path: _write_recipients(path, size))


def _write_recipients(path: Path, size: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(("E-Mail", "Name", "Firma", "Sprache", "Einwilligung"))
        writer.writerows((one.address, one.name, one.company, one.language, "ja") for one in people(size))


STARTED = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
_RATE_PER_S = 40
_HOST = "mail postfix"


def postfix_log(size: int, count: int) -> Path:
    """Return the log of mail to the first ``count`` of a list: 6 in 100 bounce, 8 are deferred once."""
    return made(f"mail-{size}-{count}.log", lambda path: _write_log(path, size, count))


def _write_log(path: Path, size: int, count: int) -> None:
    dice = random.Random(size + 1)
    with path.open("w", encoding="utf-8") as handle:
        for number, one in zip(range(count), people(size), strict=False):
            handle.writelines(f"{line}\n" for line in _message(dice, number, one.address))


def _message(dice: random.Random, number: int, address: str) -> Iterator[str]:
    at = STARTED + timedelta(seconds=number / _RATE_PER_S)
    queue_id = f"4{_base32(number):0>9}z"

    def said(seconds: float, program: str, text: str) -> str:
        stamp = (at + timedelta(seconds=seconds)).isoformat(timespec="microseconds")
        return f"{stamp} {_HOST}/{program}[{2000 + number % 50}]: {queue_id}: {text}"

    local, _, domain = address.partition("@")
    sender = f"bounce+{local}={domain}@news.example"
    tried = f"to=<{address}>, relay=mx.{domain}[192.0.2.{number % 250}]:25, delay=1.4, delays=0/0/1/0.4"
    yield said(0, "pickup", f"uid=1000 from=<{sender}>")
    yield said(0.01, "cleanup", f"message-id=<{CAMPAIGN}.{number}@news.example>")
    yield said(0.01, "cleanup", f"info: header X-Campaign-ID: {CAMPAIGN} from local; from=<{sender}> to=<{address}>")
    yield said(0.02, "qmgr", f"from=<{sender}>, size=20480, nrcpt=1 (queue active)")
    ended = 1.5
    if dice.random() < 0.08:
        words = "host said: 451 4.7.1 Greylisted, try again later (in reply to RCPT TO command)"
        yield said(1, "smtp", f"{tried}, dsn=4.7.1, status=deferred ({words})")
        ended = 400
    if dice.random() < 0.06:
        words = "host said: 550 5.1.1 User unknown (in reply to RCPT TO command)"
        yield said(ended, "smtp", f"{tried}, dsn=5.1.1, status=bounced ({words})")
        yield said(ended, "bounce", f"sender non-delivery notification: {queue_id}b")
    else:
        yield said(ended, "smtp", f"{tried}, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {number:X})")
    yield said(ended, "qmgr", "removed")


def _base32(number: int) -> str:
    digits = "0123456789BCDFGHJKLMNPQRSTVWXYbc"
    text = ""
    while number:
        number, digit = divmod(number, len(digits))
        text = digits[digit] + text
    return text or "0"


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the made-up event file."""

    id: str
    recipient: str
    type: str
    time: str
    url: str
    agent: str


def happened(size: int) -> Iterator[Happened]:
    """Yield about ``size`` opens, clicks and unsubscriptions of the recipients of a campaign, in order of time."""
    dice = random.Random(size + 2)
    addresses = [one.address for one in people(size)]
    for number in range(size):
        what = dice.choices(("open", "click", "unsubscribe"), (80, 19, 1))[0]
        url = f"https://news.example/offer/{dice.randrange(12)}" if what == "click" else ""
        agent = "Mozilla/5.0" if what == "open" and dice.random() < 0.3 else "Mozilla/5.0 (X11; Linux x86_64)"
        at = STARTED + timedelta(hours=2, seconds=number * 0.9)
        yield Happened(
            f"ev{number:09}", dice.choice(addresses), what, at.isoformat(timespec="milliseconds"), url, agent
        )


def events_ndjson(size: int) -> Path:
    """Return the events as NDJSON."""
    return made(f"events-{size}.ndjson", lambda path: _write_events(path, size))


def _write_events(path: Path, size: int) -> None:
    with path.open("w", encoding="utf-8") as handle:
        for one in happened(size):
            event = {"event": one.type, "email": one.recipient, "timestamp": one.time, "campaign": CAMPAIGN}
            event |= {"event_id": one.id, "url": one.url, "useragent": one.agent}
            handle.write(json.dumps(event) + "\n")


EVENT_COLUMNS = ("event_id", "recipient", "type", "time", "url", "useragent", "campaign")


def events_csv(size: int) -> Path:
    """Return the same events as a CSV file."""
    return made(f"events-{size}.csv", lambda path: _write_rows(path, EVENT_COLUMNS, map(_columns, happened(size))))


def sending_csv(size: int, count: int) -> Path:
    """Return that the first recipients of the list were sent to, and their mail delivered, in the order of sending."""
    return made(f"sending-{size}-{count}.csv", lambda path: _write_rows(path, EVENT_COLUMNS, _sending(size, count)))


def _sending(size: int, count: int) -> Iterator[tuple[str, ...]]:
    for number, one in zip(range(count // 2), people(size), strict=False):
        for what, later in (("sent", 0), ("delivered", 1500)):
            at = STARTED + timedelta(milliseconds=number * 25 + later)
            stamp = at.isoformat(timespec="milliseconds")
            yield f"{what}{number:09}", one.address, what, stamp, "", "", CAMPAIGN


def _columns(one: Happened) -> tuple[str, ...]:
    return one.id, one.recipient, one.type, one.time, one.url, one.agent, CAMPAIGN


LOG_COLUMNS = ("event_id", "recipient", "type", "time", "status", "words")


def log_csv(size: int, count: int) -> Path:
    """Return what the Postfix log tells of deliveries, as a CSV file with one line an event."""
    log = postfix_log(size, count)
    return made(f"mail-{size}-{count}.csv", lambda path: _write_rows(path, LOG_COLUMNS, _deliveries(log)))


def _deliveries(log: Path) -> Iterator[tuple[str, ...]]:
    told = re.compile(r"(\S+) .*\]: (\S+): to=<(.*?)>.* dsn=(\S+), status=(\S+) \((.*)\)")
    with log.open(encoding="utf-8") as handle:
        for number, line in enumerate(handle):
            found = told.match(line)
            if found:
                time, queue_id, recipient, status, what, words = found.groups()
                yield f"{time}-{queue_id}-{number}", recipient, what, time, status, words


def _write_rows(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(columns)
        writer.writerows(rows)


def bounce_maildir(size: int, mails: int) -> Path:
    """Return a Maildir of bounce mails (RFC 3464) of the first recipients of ``recipients_csv(size)``."""
    return made(f"bounces-{size}-{mails}", lambda path: _write_maildir(path, size, mails))


def _write_maildir(path: Path, size: int, mails: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    for folder in ("new", "cur", "tmp"):
        (path / folder).mkdir(parents=True)
    for number, one in zip(range(mails), people(size), strict=False):
        (path / "new" / f"{1763000000 + number}.M{number}.mail").write_text(
            _bounce(number, one.address), encoding="ascii"
        )


_CAUSES = (
    ("5.1.1", "550 5.1.1 User unknown"),
    ("5.2.2", "552 5.2.2 Mailbox full"),
    ("5.7.1", "554 5.7.1 Message rejected as spam"),
    ("4.4.1", "421 4.4.1 Connection timed out"),
)


def _bounce(number: int, address: str) -> str:
    local, _, domain = address.partition("@")
    status, words = _CAUSES[number % len(_CAUSES)]
    stamp = format_datetime(STARTED + timedelta(seconds=number))
    return f"""Return-Path: <>
Delivered-To: bounce+{local}={domain}@news.example
Date: {stamp}
From: MAILER-DAEMON@mx.{domain} (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bounce+{local}={domain}@news.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part{number}"
Message-Id: <{number}.bounce@mx.{domain}>

--part{number}
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered to <{address}>: {words}

--part{number}
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.{domain}
Arrival-Date: {stamp}

Final-Recipient: rfc822; {address}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {words}

--part{number}
Content-Type: text/rfc822-headers

From: news@news.example
To: {address}
Subject: Autumn
Message-ID: <{CAMPAIGN}.{number}@news.example>
X-Campaign-ID: {CAMPAIGN}

--part{number}--
"""


def line_count(path: Path) -> int:
    """Return how many lines a file has."""
    with path.open("rb") as handle:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: handle.read(1 << 20), b""))


def made(name: str, write: Callable[[Path], None]) -> Path:
    """Return a cached file, written first if it is missing; a half-written one never gets the name."""
    folder = CACHE / f"v{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        draft = folder / f"{name}.draft"
        write(draft)
        draft.rename(path)
    return path
