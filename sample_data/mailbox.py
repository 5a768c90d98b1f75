"""The bounce mailbox: which mails came back, in which style, as a Maildir."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sample_data import fates
from sample_data.fates import End, Fate
from sample_data.maillog import MailLog, answer
from sample_data.mails import bounces, others
from sample_data.mails.letter import Letter
from sample_data.names import OUR_HOST
from sample_data.plan import Plan, Sending

_KEPT = {"autumn-newsletter": 9, "price-list-2027": 12, "trade-fair": 6}
"""How many reports of our own server still lie in the mailbox, a campaign."""
_LATE_WORDS = {
    fates.LATE_UNKNOWN: ("550 5.1.1 <{address}>: nobody of this name has a mailbox here", "5.1.1"),
    fates.LATE_FULL: ("552 5.2.2 <{address}>: mailbox full, storage quota exceeded", "5.2.2"),
    fates.LATE_POLICY: (
        "554 5.7.1 <{address}>: refused by the mail policy of this company, rule 12 (bulk mail)",
        "5.7.1",
    ),
}
_LATE_STYLES: dict[Fate, tuple[Callable[[Letter], str], ...]] = {
    fates.LATE_UNKNOWN: (
        bounces.exchange,
        bounces.qmail,
        bounces.hostile,
        bounces.german,
        bounces.opensmtpd,
        bounces.bare,
    ),
    fates.LATE_FULL: (bounces.exim, bounces.qmail, bounces.german),
    fates.LATE_POLICY: (bounces.sendmail, bounces.exchange, bounces.exim),
}


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail in the bounce mailbox."""

    at: datetime
    text: str


def collect(plan: Plan, log: MailLog) -> list[Returned]:
    """Return the mails that came back because of a campaign, until the log's end."""
    found = [
        *_own_reports(plan, log),
        *_warnings(plan, log),
        *_late(plan),
        *_complaints(plan, log.now),
        *_from_people(plan, log.now),
    ]
    return [mail for mail in found if mail.at <= log.now]


def complained_by_mail(plan: Plan) -> frozenset[str]:
    """Return the Message-IDs of complaints that come as feedback reports: every second one."""
    return frozenset(sending.message_id for sending in _complainers(plan)[::2])


def write_maildir(folder: Path, mails: Sequence[Returned]) -> None:
    """Write the mails as a Maildir; a few of the oldest were looked at already."""
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    # git keeps no empty folders, and a Maildir needs all three.
    (folder / "tmp" / ".keep").write_bytes(b"")
    for number, mail in enumerate(sorted(mails, key=lambda mail: (mail.at, mail.text))):
        name = f"{int(mail.at.timestamp())}.M{number:06d}P{4000 + number}.{OUR_HOST}"
        target = folder / "cur" / f"{name}:2,S" if number < 7 else folder / "new" / name
        target.write_bytes(mail.text.encode("utf-8", "surrogateescape"))


def _own_reports(plan: Plan, log: MailLog) -> Iterator[Returned]:
    """Yield our server's reports: of every kind of failure some."""
    by_fate: dict[str, list[Sending]] = {}
    for sending in plan.sendings:
        if sending.message_id in log.returned and sending.fate is not fates.ALIAS:
            by_fate.setdefault(sending.fate.name, []).append(sending)
    chosen: list[Sending] = []
    while len(chosen) < _KEPT[plan.campaign.key] and any(by_fate.values()):
        chosen += [group.pop() for group in by_fate.values() if group]
    for sending in chosen[: _KEPT[plan.campaign.key]]:
        at, back, queue = log.returned[sending.message_id]
        reply = sending.fate.reply or sending.fate.deferral or fates.NO_HOST
        yield Returned(at, bounces.postfix(Letter(sending, at, answer(sending), reply.dsn, queue, back)))


def _warnings(plan: Plan, log: MailLog) -> Iterator[Returned]:
    """Yield delay warnings, and reports of success that somebody asked for."""
    slow = [sending for sending in plan.sendings if sending.fate.end is End.EXPIRED][:2]
    for sending in slow:
        reply = sending.fate.deferral or fates.NO_HOST
        letter = Letter(sending, sending.at + timedelta(hours=4, minutes=3), answer(sending), reply.dsn)
        yield Returned(letter.at, bounces.postfix(letter, "delayed"))
    for sending in [one for one in plan.sendings if one.fate is fates.DELIVERED][3:4]:
        letter = Letter(sending, sending.at + timedelta(seconds=3), "250 2.0.0 Ok: queued", "2.0.0")
        yield Returned(letter.at, bounces.postfix(letter, "delivered"))


def _late(plan: Plan) -> Iterator[Returned]:
    """Yield the bounces of servers that took the mail first and changed their mind hours later."""
    for fate, styles in _LATE_STYLES.items():
        words, status = _LATE_WORDS[fate]
        for place, sending in enumerate(one for one in plan.sendings if one.fate is fate):
            letter = Letter(
                sending,
                sending.at + timedelta(hours=2 + place * 3, minutes=11),
                words.format(address=sending.person.wire_address),
                status,
            )
            yield Returned(letter.at, styles[place % len(styles)](letter))


def _complainers(plan: Plan) -> list[Sending]:
    return [sending for sending in plan.sendings if sending.person.address in plan.complained]


def _complaints(plan: Plan, now: datetime) -> Iterator[Returned]:
    by_mail = complained_by_mail(plan)
    for sending in _complainers(plan):
        if sending.message_id in by_mail:
            at = sending.at + min(timedelta(hours=5), (now - sending.at) / 2)
            yield Returned(at, others.complaint(Letter(sending, at, "", "")))


def _from_people(plan: Plan, now: datetime) -> Iterator[Returned]:
    """Yield absence notes and answers."""
    quiet = [
        sending
        for sending in plan.sendings
        if sending.fate is fates.DELIVERED
        and sending.person.name
        and not {sending.person.address} & (plan.unsubscribed | plan.complained)
    ]
    for place, (language, subject, text) in enumerate(others.ABSENCES):
        for sending in [one for one in quiet if one.person.language == language][place : place + 1]:
            at = sending.at + timedelta(seconds=50)
            yield Returned(at, others.absence(Letter(sending, at, "", ""), subject, text))
    for sending, text in zip(quiet[20:40:13], others.ANSWERS, strict=False):
        at = sending.at + min(timedelta(hours=3), (now - sending.at) / 2)
        yield Returned(at, others.answer(Letter(sending, at, "", ""), text))
