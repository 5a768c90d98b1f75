"""One mail of a bounce box -> what it says: a failure, a delay, a complaint, an automatic answer, a reply, or nothing.

Nothing that a mail holds raises an exception here. A newsletter, spam or a mail that has nothing to do with a
sending gives no record.
"""

from __future__ import annotations

import re

from store.feeds.bounces.notices import human_text, is_notice, notice_records, split_copy
from store.feeds.bounces.parts import Headers, Part, open_mail
from store.feeds.bounces.reports import Letter, complaints, letter_of, status_records
from store.feeds.bounces.returned import addresses, box_addresses, original_of, referred
from store.feeds.record import Defect, Record
from store.vocabulary import EventType, Source

MAIL_BYTES = 4 << 20
"""How much of a mail is read; what a report says stands before the mail that it returns."""

_STATUS_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ANSWERED = re.compile(
    r"^(?:automatic reply|auto[- ]?reply|auto:|auto[- ]?response|out of (?:the )?office|ooo:|abwesen"
    r"|automatische antwort|réponse automatique|risposta automatica|respuesta automática|autosvar"
    r"|automatisch antwoord)",
    re.IGNORECASE,
)
_RETURN_BOX = re.compile(
    r"^(?:bounces?|returns?|news|newsletter|mailing|mailer|campaigns?|no-?reply|b)(?:[+._-]|@)", re.IGNORECASE
)


def read_mail(data: bytes, where: str, fallback_ms: int) -> list[Record | Defect]:
    """Return what one mail says.

    Args:
        data: the mail, any line ends.
        where: its place, for people.
        fallback_ms: its time (epoch milliseconds) if it tells none itself.
    """
    mail = open_mail(data[:MAIL_BYTES])
    letter = letter_of(mail, where, fallback_ms, original_of(mail))
    status: Part | None = None
    for part in mail.walk():
        if part.kind == "message/feedback-report":
            return [*complaints(letter, part)]
        if part.kind == "message/disposition-notification":
            return []
        if part.kind in _STATUS_REPORTS and status is None:
            status = part
    if status is not None:
        records = status_records(letter, status, split_copy(human_text(mail))[0])
        if records or _says_expanded(status):
            return [*records]
    if _is_answer(mail.headers) and "x-failed-recipients" not in mail.headers:
        return _answer(letter, EventType.AUTOREPLIED)
    if status is not None or is_notice(mail.headers):
        notices = notice_records(letter)
        return [*notices] or [Defect(where, "a failure notice should name a recipient, this one names none")]
    return _answer(letter, EventType.REPLIED) if _is_reply(mail.headers, letter.verp) else []


def _says_expanded(report: Part) -> bool:
    return b"\naction: expanded" in report.raw.lower()


def _is_answer(headers: Headers) -> bool:
    """Tell whether a machine answered for a person (RFC 3834, and those who do not know it)."""
    submitted = headers.get("auto-submitted").partition(";")[0].strip().lower()
    if submitted == "auto-replied":
        return not is_notice(headers)
    if "x-autoreply" in headers or "x-autorespond" in headers or headers.get("precedence").lower() == "auto_reply":
        return True
    return bool(_ANSWERED.match(headers.text("subject")))


def _is_reply(headers: Headers, verp: str | None) -> bool:
    """Tell whether a person answered a sending: to its VERP address, or to its return box with a reference."""
    if headers.get("auto-submitted").lower() not in {"", "no"} or "list-unsubscribe" in headers or "list-id" in headers:
        return False
    if headers.get("precedence").lower() in {"bulk", "list", "junk"} or not addresses(headers.all("from")):
        return False
    if verp is not None:
        return True
    return referred(headers) is not None and any(map(_RETURN_BOX.match, box_addresses(headers)))


def _answer(letter: Letter, kind: EventType) -> list[Record | Defect]:
    headers = letter.mail.headers
    sender = (addresses(headers.all("from")) or [""])[0]
    answered = referred(headers)
    if letter.verp is None and not (answered and any(map(_RETURN_BOX.match, box_addresses(headers)))):
        return []
    return [
        Record(
            kind,
            letter.ts,
            sender,
            Source.BOUNCE_MAIL,
            letter.where,
            verp=letter.verp,
            message_id=answered,
            campaign=letter.original.campaign,
            identity=letter.identity(sender or letter.verp or "", str(kind)),
        )
    ]
