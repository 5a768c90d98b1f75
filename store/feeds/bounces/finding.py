"""What a mail says about one recipient, and the record that is made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from store.feeds.bounces.classifier import classify, find_command, find_reply, find_status
from store.feeds.bounces.parts import Part
from store.feeds.bounces.returned import Original, arrival_ms, referred, verp_of
from store.feeds.record import Record
from store.vocabulary import EventType, Hop, Source

_MESSAGE_ID = re.compile(r"<([^<>]+)>")
_REPLY_LINE = re.compile(r"(?<![\d.:/-])[45]\d\d[ -](?=\S{0,60}[^\W\d_]{3}|.{0,60}?[^\W\d_]{3})")
_WORDS = 1 << 14


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
        dated: it tells its time itself.
    """

    mail: Part
    where: str
    ts: int
    own_id: str
    verp: str | None
    original: Original
    dated: bool = True

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
    return Letter(mail, where, fallback_ms if ts is None else ts, own_id, verp, original, ts is not None)


@dataclass(slots=True)
class Finding:
    """What a mail says about one recipient.

    Attributes:
        address: the recipient, "" if only the envelope tells it.
        type: bounced, deferred, delivered or sent.
        action: the word for ``type`` that the identity of the record holds.
        original: the address that was asked for, where it differs.
        status: RFC 3463 code of the report's field.
        diagnostic: the server's words.
        remote: the host that spoke them.
        around: what else the mail says about the recipient, the surest first; read only where the diagnostic is vague.
    """

    address: str
    type: EventType
    action: str
    original: str | None = None
    status: str | None = None
    diagnostic: str | None = None
    remote: str | None = None
    around: list[str] = field(default_factory=list)


def record_of(letter: Letter, found: Finding, ts: int) -> Record:
    """Return the record for a finding: codes and SMTP command from the words, reason and kind by the rules."""
    said = (found.diagnostic or "")[:_WORDS]
    reply_line = _REPLY_LINE.search(said)
    spoken = said[reply_line.start() :] if reply_line else said
    texts = [text for text in (spoken, said, *found.around) if text]
    status = _status(found.status, texts)
    reply = next((code for text in texts if (code := find_reply(text)) is not None), None)
    command = next((word for text in texts if (word := find_command(text)) is not None), None)
    failed, waits = found.type is EventType.BOUNCED, found.type is EventType.DEFERRED
    verdict = None
    if failed or waits:
        domain = (found.original or found.address).rpartition("@")[2]
        verdict = classify(
            status,
            reply,
            spoken or None,
            command=command,
            domain=domain,
            remote=found.remote,
            around=texts[1:],
            waits=waits,
            backed=status is not None or reply is not None or command is not None,
        )
    return Record(
        found.type,
        ts,
        found.address,
        Source.BOUNCE_MAIL,
        letter.where,
        original=found.original,
        verp=letter.verp,
        message_id=letter.original.message_id or referred(letter.mail.headers),
        campaign=letter.original.campaign,
        identity=letter.identity(found.address or letter.verp or "", found.action),
        status=status,
        reply=reply,
        diagnostic=said or None,
        reason=verdict.reason if verdict else None,
        kind=verdict.kind if verdict and failed else None,
        expired=failed and verdict is not None and _gave_up(status, reply, verdict.reason),
        hop=Hop.RELAY if found.type is EventType.SENT else Hop.FINAL,
        command=command,
        remote=found.remote,
        list_id=letter.original.list_id,
    )


def _status(stated: str | None, texts: list[str]) -> str | None:
    """Return the code that says most: the field's, unless it is x.0.0 and the server's words hold a better one."""
    if stated and not stated.endswith(".0.0"):
        return stated
    said = next((code for text in texts if (code := find_status(text)) is not None), None)
    return said or stated


def _gave_up(status: str | None, reply: int | None, reason: str) -> bool:
    """Tell whether a failure is a temporary one that was given up."""
    if reply is not None and 400 <= reply < 500:
        return True
    return reason == "expired" or (status is not None and (status.startswith("4.") or status == "5.4.7"))
