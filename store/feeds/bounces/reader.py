"""One mail of a bounce box -> what it says: a failure, a delay, a complaint, an automatic answer, a reply, or nothing.

The readers are asked in this order: abuse reports, the fields of RFC 3464, automatic answers, notifications in JSON,
headers that name the failed recipients, the text, and last the To of the returned mail. Nothing that a mail holds
raises an exception here. A newsletter, spam or a mail that has nothing to do with a sending gives no record.
"""

from __future__ import annotations

from dataclasses import replace

from store.feeds.bounces.answers import (
    answer,
    answers_ours,
    is_answer,
    is_reply,
    notice_weight,
    speaks_of_failure,
    waits,
)
from store.feeds.bounces.finding import Finding, Letter, letter_of, record_of
from store.feeds.bounces.notifications import notification_records
from store.feeds.bounces.parts import Part, open_mail
from store.feeds.bounces.prose import Known, prose_findings
from store.feeds.bounces.reports import complaints, says_expanded, status_findings
from store.feeds.bounces.returned import Original, addresses, box_addresses, original_from
from store.feeds.bounces.sheet import Sheet, sheet_of
from store.feeds.record import Defect, Record
from store.vocabulary import EventType

MAIL_BYTES = 4 << 20
"""How much of a mail is read; what a report says stands before the mail that it returns."""


def read_mail(data: bytes, where: str, fallback_ms: int, *, strangers: bool = False) -> list[Record | Defect]:
    """Return what one mail says.

    Args:
        data: the mail, any line ends.
        where: its place, for people.
        fallback_ms: its time (epoch milliseconds) if it tells none itself.
        strangers: also tell of automatic answers that no sending of ours can be found for.
    """
    mail = open_mail(data[:MAIL_BYTES])
    sheet = sheet_of(mail)
    letter = _letter(mail, sheet, where, fallback_ms)
    if sheet.feedback is not None:
        return [*complaints(letter, sheet.feedback)]
    if sheet.receipt:
        return []
    if sheet.fields:
        records = _reported(letter, sheet, sheet.fields)
        if records or says_expanded(sheet.fields):
            return [*records]
    told = notification_records(letter, sheet.spoken)
    if told:
        return [*told]
    headers = mail.headers
    if is_answer(headers) and "x-failed-recipients" not in headers:
        return [answer(letter, EventType.AUTOREPLIED)] if strangers or letter.verp or answers_ours(headers) else []
    if sheet.fields or _is_notice(mail, sheet):
        records = _noticed(letter, sheet)
        return [*records] or [Defect(where, "a failure notice should name a recipient, this one names none")]
    return [answer(letter, EventType.REPLIED)] if is_reply(headers, letter.verp) and _ours(letter) else []


def _ours(letter: Letter) -> bool:
    return letter.verp is not None or answers_ours(letter.mail.headers)


def _letter(mail: Part, sheet: Sheet, where: str, fallback_ms: int) -> Letter:
    original = original_from(sheet.head) if sheet.head is not None else Original()
    return letter_of(mail, where, fallback_ms, original)


def _is_notice(mail: Part, sheet: Sheet) -> bool:
    if mail.kind == "multipart/report" and "delivery" in mail.parameter("report-type").lower():
        return True
    return notice_weight(mail.headers, returned=sheet.head is not None) > 0 and speaks_of_failure(
        mail.headers.text("subject"), sheet.words
    )


def _reported(letter: Letter, sheet: Sheet, text: str) -> list[Record]:
    words = sheet.words
    found, ts = status_findings(letter, text, words, lambda: waits(letter.mail.headers.text("subject"), words))
    return [record_of(letter, finding, ts) for finding in found]


def _noticed(letter: Letter, sheet: Sheet) -> list[Record]:
    """Read a notice without a report for machines: fields within the text, else the text itself."""
    if letter.original == Original() and sheet.quoted:
        original = original_from(sheet.quoted)
        letter = replace(letter, original=original, verp=letter.verp or original.verp)
    headers = letter.mail.headers
    found = _reported(letter, sheet, sheet.spoken)
    if found:
        return found
    words = sheet.words
    later = waits(headers.text("subject"), words)
    named = addresses(headers.all("x-failed-recipients"))
    findings = prose_findings(words, _known(letter), named, later)
    if not findings:
        findings = _last_resort(letter, words, later)
    subject = headers.text("subject")
    for finding in findings:
        finding.around.append(subject)
    return [record_of(letter, finding, letter.ts) for finding in findings]


def _known(letter: Letter) -> Known:
    headers = letter.mail.headers
    return Known(
        frozenset(map(str.lower, (*box_addresses(headers), *letter.original.sender))),
        frozenset(map(str.lower, addresses(headers.all("from")))),
        frozenset(map(str.lower, letter.original.recipients)),
    )


def _last_resort(letter: Letter, words: str, later: bool) -> list[Finding]:
    """Take the recipient from the envelope, or the only one to whom the returned mail went."""
    asked = list(dict.fromkeys(letter.original.recipients))
    address = None
    if letter.verp:
        address = ""
    elif len(asked) == 1:
        address = asked[0]
    if address is None:
        return []
    kind = EventType.DEFERRED if later else EventType.BOUNCED
    text = " ".join(words.split())
    return [Finding(address, kind, "delayed" if later else "failed", diagnostic=text or None, around=[words])]
