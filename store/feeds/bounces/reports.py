"""Delivery status reports (RFC 3464) and abuse reports (RFC 5965) as records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from store.feeds.bounces.classifier import classify, find_reply, find_status
from store.feeds.bounces.parts import Headers, Part, date_ms
from store.feeds.bounces.returned import Original, arrival_ms, referred, verp_of
from store.feeds.record import Record
from store.feeds.verp import verp_recipient
from store.vocabulary import EventType, Hop, Source

_BLOCKS = re.compile(r"\n[ \t]*\n")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_MESSAGE_ID = re.compile(r"<([^<>]+)>")
_NO_COMPLAINT = frozenset({"auth-failure", "not-spam", "dmarc"})
_REDACTED = re.compile(r"redacted|removed|hidden|\*\*|^x+@", re.IGNORECASE)
_ACTIONS = {
    "failed": EventType.BOUNCED,
    "failure": EventType.BOUNCED,
    "delayed": EventType.DEFERRED,
    "delivered": EventType.DELIVERED,
    "relayed": EventType.SENT,
}
_WORDS = 1 << 14
_RECIPIENTS = 1000
_BY_CLASS = {"5": "failed", "4": "delayed", "2": "delivered"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of a bounce box with what every record of it shares.

    Attributes:
        mail: the mail itself.
        where: its place, for people.
        ts: when it was written, epoch milliseconds.
        own_id: its Message-ID without brackets, "" if it has none.
        verp: the recipient that the address names to which it came.
        original: the mail that it is about.
    """

    mail: Part
    where: str
    ts: int
    own_id: str
    verp: str | None
    original: Original

    def identity(self, address: str, action: str) -> str | None:
        """Return the identity of one statement of the mail; None if the mail has no Message-ID."""
        return f"{self.own_id}/{address.lower()}/{action}" if self.own_id else None


def letter_of(mail: Part, where: str, fallback_ms: int, original: Original) -> Letter:
    """Gather what every record of ``mail`` shares; ``fallback_ms`` is its time if it tells none."""
    headers = mail.headers
    match = _MESSAGE_ID.search(headers.get("message-id"))
    own_id = match[1].strip() if match else headers.get("message-id").strip("<> ")
    ts = arrival_ms(headers)
    verp = verp_of(headers) or original.verp
    return Letter(mail, where, fallback_ms if ts is None else ts, own_id, verp, original)


def status_records(letter: Letter, report: Part, words: str) -> list[Record]:
    """Return a record for each recipient block of a delivery status report.

    Args:
        letter: the mail.
        report: its message/delivery-status part.
        words: the human part of the mail, for reports without a Diagnostic-Code.
    """
    common, blocks = _recipient_blocks(report.raw)
    ts = letter.ts
    if arrival_ms(letter.mail.headers) is None and common is not None:
        ts = date_ms(common.get("arrival-date")) or ts
    found = (_status_record(letter, block, ts, words) for block in blocks)
    return [record for record in found if record is not None]


def _recipient_blocks(raw: bytes) -> tuple[Headers | None, list[Headers]]:
    text = raw.decode("utf-8", "replace").strip("\n")
    common: Headers | None = None
    blocks: list[Headers] = []
    for piece in _BLOCKS.split(text):
        block = Headers(piece.strip("\n").encode("utf-8", "replace"))
        if "final-recipient" in block or "original-recipient" in block:
            blocks.append(block)
        elif common is None and block:
            common = block
    return common, blocks[:_RECIPIENTS]


def _status_record(letter: Letter, block: Headers, ts: int, words: str) -> Record | None:
    final = _mailbox(block.get("final-recipient"))
    asked = _mailbox(block.get("original-recipient"))
    address = final or asked
    diagnostic = (_typed(block.get("diagnostic-code")) or _words_about(address, words) or "")[:_WORDS] or None
    stated = _STATUS.search(block.get("status"))
    status = stated[0] if stated else None
    action = block.get("action").split(" ")[0].lower() or _BY_CLASS.get((status or "")[:1], "")
    kind = _ACTIONS.get(action)
    if kind is None or not (address or letter.verp):
        return None
    said = find_status(diagnostic) if diagnostic else None
    if said and (status is None or status.endswith(".0.0")):
        status = said
    if action == "delayed" and status == "4.4.7" and "will-retry-until" not in block:
        # OpenSMTPD's last word on a mail: it expired, although the report says "delayed".
        kind = EventType.BOUNCED
    reply = find_reply(diagnostic) if diagnostic else None
    failed = kind is EventType.BOUNCED
    verdict = classify(status, reply, diagnostic) if failed or kind is EventType.DEFERRED else None
    return Record(
        kind,
        ts,
        address,
        Source.BOUNCE_MAIL,
        letter.where,
        original=asked if asked and asked.lower() != address.lower() else None,
        verp=letter.verp,
        message_id=letter.original.message_id or referred(letter.mail.headers),
        campaign=letter.original.campaign,
        identity=letter.identity(address, action),
        status=status,
        reply=reply,
        diagnostic=diagnostic,
        reason=verdict.reason if verdict else None,
        kind=verdict.kind if verdict and failed else None,
        expired=failed and _gave_up(status, reply),
        hop=Hop.RELAY if kind is EventType.SENT else Hop.FINAL,
    )


def _gave_up(status: str | None, reply: int | None) -> bool:
    """Tell whether a failure is a temporary one that was given up."""
    if reply is not None and 400 <= reply < 500:
        return True
    return status is not None and (status.startswith("4.") or status == "5.4.7")


def _typed(value: str) -> str | None:
    """Return what follows the type of a field ("smtp; 550 …", "rfc822;ann@shop.example")."""
    kind, semicolon, rest = value.partition(";")
    text = rest if semicolon and " " not in kind.strip() else value
    return text.strip() or None


def _mailbox(value: str) -> str:
    text = (_typed(value) or "").strip("<> ")
    if text.startswith("@"):
        # A source route (RFC 5321, appendix C): "@relay.example:ann@shop.example".
        text = text.partition(":")[2]
    return text if "@" in text and " " not in text else ""


def _words_about(address: str, words: str) -> str | None:
    """Return what the human part says of ``address``: the rest of its paragraph after the address."""
    if not address:
        return None
    at = words.lower().find(address.lower())
    if at < 0:
        return None
    paragraph = _BLOCKS.split(words[at + len(address) :], maxsplit=1)[0]
    return " ".join(paragraph.strip(">: \n").split()) or None


def complaints(letter: Letter, report: Part) -> list[Record]:
    """Return the complaints of an abuse report; an authentication report or a "not spam" is none."""
    fields = Headers(report.raw.strip(b"\n"))
    if fields.get("feedback-type").strip().lower() in _NO_COMPLAINT:
        return []
    named = [_mailbox(value) for value in fields.all("original-rcpt-to")]
    seen = _seen(named)
    verp = verp_recipient(fields.get("original-mail-from")) or letter.original.verp or letter.verp
    if not seen and verp is None:
        seen = _seen(letter.original.recipients)
    return [_complaint(letter, address, verp) for address in seen or [""]] if seen or verp else []


def _seen(named: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(address for address in named if address and not _REDACTED.search(address)))


def _complaint(letter: Letter, address: str, verp: str | None) -> Record:
    return Record(
        EventType.COMPLAINED,
        letter.ts,
        address,
        Source.FEEDBACK_LOOP,
        letter.where,
        verp=verp,
        message_id=letter.original.message_id,
        campaign=letter.original.campaign,
        identity=letter.identity(address or verp or "", "complaint"),
    )
