"""Delivery status reports (RFC 3464) and abuse reports (RFC 5965)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from store.feeds.bounces.fields import Block, scan
from store.feeds.bounces.finding import Finding, Letter
from store.feeds.bounces.parts import Headers, date_ms
from store.feeds.record import Record
from store.feeds.verp import verp_recipient
from store.vocabulary import EventType, Source

_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}")
_ANGLED = re.compile(r"<([^<>\s]{1,320}@[^<>\s]{1,255})>")
_MAILBOX = re.compile(
    r"(\"[^\"\n]{1,64}\"@[^\s<>()\[\],;:]{1,255}|[^\s<>()\[\],;:\"]{1,128}@[^\s<>()\[\],;:\"]{1,255})"
)
_TYPE = re.compile(
    r"[ \t]*(?:rfc-?822|utf-8|local|smtp|dns|dsn|x-[\w-]{1,40}|[\w-]{1,12})[ \t]*;[ \t]*",
    re.IGNORECASE,
)
_NO_COMPLAINT = frozenset({"auth-failure", "not-spam", "dmarc", "opt-out-ack"})
_REDACTED = re.compile(r"redacted|removed|hidden|\*\*|^x+@", re.IGNORECASE)
_ACTIONS = {
    "failed": EventType.BOUNCED,
    "failure": EventType.BOUNCED,
    "fail": EventType.BOUNCED,
    "expired": EventType.BOUNCED,
    "delayed": EventType.DEFERRED,
    "delay": EventType.DEFERRED,
    "delivered": EventType.DELIVERED,
    "deliverable": EventType.DELIVERED,
    "relayed": EventType.SENT,
    "expanded": None,
}
_BY_CLASS = {"5": "failed", "4": "delayed", "2": "delivered"}


def status_findings(letter: Letter, text: str, words: str, waits: Callable[[], bool]) -> tuple[list[Finding], int]:
    """Return what the RFC 3464 fields in ``text`` say of each recipient, and the time of that.

    Args:
        letter: the mail.
        text: the text with the fields.
        words: the text for people, for reports without a Diagnostic-Code.
        waits: tells whether the mail calls itself a warning; asked where a field of the action is missing.
    """
    common, blocks = scan(text)
    ts = letter.ts
    if not letter.dated:
        ts = date_ms(common.get("arrival-date")) or ts
    found = [finding for block in blocks if (finding := _finding(letter, block, words, waits)) is not None]
    return found, ts


def says_expanded(text: str) -> bool:
    """Tell whether a report only says that a list was expanded."""
    return any(block.get("action").lower().startswith("expanded") for block in scan(text)[1])


def _finding(letter: Letter, block: Block, words: str, waits: Callable[[], bool]) -> Finding | None:
    final = _mailbox(block.get("final-recipient"))
    asked = _mailbox(block.get("original-recipient"))
    if asked and "." not in final.rpartition("@")[2]:
        # An inner name of their hosts ("ann@store3") is no address that anybody can use.
        final = asked
    address = final or asked or _mailbox(block.get("x-actual-recipient")) or _piped(block, letter)
    stated = _STATUS.search(block.get("status"))
    status = stated[0] if stated else None
    action = (block.get("action").lower().split() or [""])[0].strip(";,.()")
    if action not in _ACTIONS:
        action = _BY_CLASS.get((status or "")[:1]) or ("delayed" if waits() else "failed")
    kind = _ACTIONS[action]
    if kind is None or not (address or letter.verp):
        return None
    if action == "delayed" and status == "4.4.7" and not block.get("will-retry-until") and not waits():
        # OpenSMTPD's last word on a mail: it expired, although the report says "delayed".
        kind = EventType.BOUNCED
    diagnostic = _typed(block.get("diagnostic-code"))
    around = [block.get("x-supplementary-info"), block.get("status")[5:].strip(" ()")]
    about = words_about(address, words)
    if diagnostic is None and about:
        diagnostic = about
    around += [about or "", words]
    return Finding(
        address,
        kind,
        {"failure": "failed", "fail": "failed", "delay": "delayed"}.get(action, action),
        asked if asked and asked.lower() != address.lower() else None,
        status,
        diagnostic,
        _typed(block.get("remote-mta")),
        [text for text in around if text],
    )


def _typed(value: str) -> str | None:
    """Return what follows the type of a field ("smtp; 550 …", "rfc822;ann@shop.example")."""
    match = _TYPE.match(value)
    return (value[match.end() :] if match else value).strip() or None


def _mailbox(value: str) -> str:
    """Return the address in a recipient field, "" if none is in it."""
    text = (_typed(value) or "").replace("mailto:", "")
    if text.startswith(("|", '"|', "<|")):
        return ""
    if text.lstrip("<").startswith("@"):
        # A source route (RFC 5321, appendix C): "@relay.example:ann@shop.example".
        text = text.partition(":")[2]
    match = _ANGLED.search(text) or _MAILBOX.search(text)
    return match[1].strip("'.") if match else ""


def _piped(block: Block, letter: Letter) -> str:
    """Return for whom a program was run that failed: a pipe has no address of its own."""
    recipient = _typed(block.get("final-recipient")) or ""
    failed = letter.mail.headers.get("x-failed-recipients")
    match = _MAILBOX.search(failed) or (_MAILBOX.search(recipient) if "|" in recipient else None)
    if match:
        return match[1]
    return letter.original.recipients[0] if len(letter.original.recipients) == 1 else ""


def words_about(address: str, words: str) -> str | None:
    """Return what the human part says of ``address``: the rest of its paragraph after the address."""
    if not address:
        return None
    at = words.lower().find(address.lower())
    if at < 0:
        return None
    paragraph = words[at + len(address) :].lstrip(">\"': \n").split("\n\n", 1)[0]
    return " ".join(paragraph.split()) or None


def complaints(letter: Letter, text: str) -> list[Record]:
    """Return the complaints of an abuse report; an authentication report or a "not spam" is none."""
    fields = Headers(text.strip("\n").replace("\n\n", "\n").encode("utf-8", "replace"))
    feedback = fields.get("feedback-type").strip().lower()
    if feedback in _NO_COMPLAINT or "auth-failure" in fields:
        return []
    named = [_mailbox(value) for name in ("original-rcpt-to", "removal-recipient") for value in fields.all(name)]
    seen = _seen(named)
    verp = verp_recipient(fields.get("original-mail-from")) or letter.original.verp or letter.verp
    if not seen and verp is None:
        seen = _seen(letter.original.recipients)
    return [_complaint(letter, address, verp, feedback) for address in seen or [""]]


def _seen(named: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(address for address in named if address and not _REDACTED.search(address)))


def _complaint(letter: Letter, address: str, verp: str | None, feedback: str) -> Record:
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
        feedback=feedback or "abuse",
        list_id=letter.original.list_id,
    )
