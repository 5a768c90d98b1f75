"""What else a mail server does: order confirmations, incoming mail, and strangers turned away at the door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sample_data.maillog import MailLog, mail_host, taken
from sample_data.names import APP_HOST, OUR_DOMAIN, STRANGE_DOMAINS
from sample_data.people import Person

ORDERS_A_DAY = 12
REFUSED_A_DAY = 9
INCOMING_A_DAY = 6
_SHOP_IP = "192.0.2.11"


def write_traffic(log: MailLog, rng: Random, people: Sequence[Person], start: datetime) -> None:
    """Write the traffic outside the campaigns, from ``start`` until the log's end."""
    hours = (log.now - start) / timedelta(hours=1)
    for number in range(round(hours / 24 * ORDERS_A_DAY)):
        _order(log, rng, rng.choice(people), _moment(rng, start, hours), number)
    for _ in range(round(hours / 24 * REFUSED_A_DAY)):
        _refused(log, rng, _moment(rng, start, hours))
    for number in range(round(hours / 24 * INCOMING_A_DAY)):
        _incoming(log, rng.choice(people), _moment(rng, start, hours), number)


def _moment(rng: Random, start: datetime, hours: float) -> datetime:
    return start + timedelta(seconds=rng.random() * hours * 3600)


def _order(log: MailLog, rng: Random, person: Person, at: datetime, number: int) -> None:
    """Write an order confirmation: the campaigns' people get it, but it belongs to no campaign."""
    queue, address = log.new_queue_id(at), person.wire_address
    host, ip = mail_host(person.domain)
    log.write(at, "smtpd", f"{queue}: client={APP_HOST}[{_SHOP_IP}]")
    log.write(at, "cleanup", f"{queue}: message-id=<order-{70000 + number}.{rng.getrandbits(32):08x}@{OUR_DOMAIN}>")
    sender = f"orders@{OUR_DOMAIN}"
    log.write(_after(at, 0.01), "qmgr", f"{queue}: from=<{sender}>, size=8412, nrcpt=1 (queue active)")
    words = taken(person.domain).text.format(id=queue, mid=f"order-{70000 + number}", number=number, mx=host)
    dsn, status = "2.0.0", "sent"
    if number % 37 == 5:
        address = f"{person.local}x@{person.wire_address.rpartition('@')[2]}"
        said = f"550 5.1.1 <{address}>: Recipient address rejected: User unknown in virtual mailbox table"
        words, dsn, status = f"host {host}[{ip}] said: {said} (in reply to RCPT TO command)", "5.1.1", "bounced"
    log.write(
        _after(at, 0.9),
        "smtp",
        f"{queue}: to=<{address}>, relay={host}[{ip}]:25, delay=0.9, delays=0.1/0/0.4/0.4, dsn={dsn},"
        f" status={status} ({words})",
    )
    log.write(_after(at, 0.95), "qmgr", f"{queue}: removed")


def _refused(log: MailLog, rng: Random, at: datetime) -> None:
    ip = f"203.0.113.{rng.randrange(1, 255)}"
    domain = rng.choice(STRANGE_DOMAINS)
    target = f"{rng.choice(('admin', 'webmaster', 'test', 'kontakt', 'jobs'))}@{OUR_DOMAIN}"
    client = f"unknown[{ip}]"
    log.write(at, "smtpd", f"connect from {client}")
    log.write(
        _after(at, 0.4),
        "smtpd",
        f"NOQUEUE: reject: RCPT from {client}: 554 5.7.1 Service unavailable; Client host [{ip}] blocked using"
        f" bl.listing.example; from=<offer@{domain}> to=<{target}> proto=ESMTP helo=<{domain}>",
    )
    log.write(_after(at, 0.5), "smtpd", f"disconnect from {client} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4")


def _incoming(log: MailLog, person: Person, at: datetime, number: int) -> None:
    queue = log.new_queue_id(at)
    host, ip = mail_host(person.domain)
    log.write(at, "smtpd", f"{queue}: client={host}[{ip}]")
    log.write(at, "cleanup", f"{queue}: message-id=<{number:06d}.in@{person.wire_address.rpartition('@')[2]}>")
    log.write(_after(at, 0.1), "qmgr", f"{queue}: from=<{person.wire_address}>, size=5120, nrcpt=1 (queue active)")
    log.write(
        _after(at, 0.12),
        "virtual",
        f"{queue}: to=<sales@{OUR_DOMAIN}>, relay=virtual, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0,"
        " status=sent (delivered to maildir)",
    )
    log.write(_after(at, 0.13), "qmgr", f"{queue}: removed")


def _after(at: datetime, seconds: float) -> datetime:
    return at + timedelta(seconds=seconds)
