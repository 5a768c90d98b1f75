"""Postfix logs: one pass over the lines, joined by queue id, in bounded memory.

What Postfix writes was learned from its sources and from real logs (``postfix-logwatch``'s forms): the message-id
and the campaign header stand in lines of their own, an expiry names no recipient, an alias goes on under a new queue
id, and mail from ``<>`` is the post's own post.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from store.feeds.bounces.classifier import find_reply
from store.feeds.campaign import CAMPAIGN_HEADERS, campaign_of
from store.feeds.ours import domain_of, same_house, sent_by_us
from store.feeds.postfix_queue import Mail, Queue
from store.feeds.record import Record
from store.feeds.stamps import Clock
from store.feeds.verdicts import judged
from store.feeds.verp import verp_recipient
from store.vocabulary import BounceKind, EventType, Hop, Source

LINE = re.compile(
    rb"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ postfix[-\w]*/[-\w/]+\[\d+\]: "
)
"""How a line of a Postfix log begins."""

_DELIVERY = frozenset({b"smtp", b"lmtp", b"local", b"virtual", b"pipe", b"error", b"discard", b"relay"})
_REJECT = re.compile(
    rb"(?:milter-)?reject: (\S+).*? from ([^\s:;]*)[:;] (.*?); from=<(.*?)>(?: to=<(.*?)>)?(?: proto=\S*)?"
)
_CODE = re.compile(rb"(?:([2-5]\d\d) )?([245]\.\d{1,3}\.\d{1,3}) ")
_LOOPBACK = re.compile(r"\[(?:127\.|::1)[^\]]*\]:(\d+)\Z")
_SUBMISSION = (":465", ":587", ":2525")
_FILTER = re.compile(r"filter|spam|amavis|clam|dspam", re.IGNORECASE)
_DISCARDED = re.compile(r"\bOk, discarded\b", re.IGNORECASE)
"""What a content filter (amavis) answers when it takes a mail and throws it away."""

_COMMAND = re.compile(
    r"\(in reply to (end of|initial|\w+)"
    r"|while (?:sending|performing|receiving) (?:the )?(initial|HELO|EHLO|MAIL|RCPT|DATA|end of)"
)
_COMMANDS = {"end of": "DATA", "initial": "CONN"}
_INTO_BOX = ("delivered to command", "delivered to maildir", "delivered to mailbox", "delivered to file")


class PostfixLog:
    """What the lines so far said of the queue ids; lines of several rotated logs may follow each other."""

    def __init__(self) -> None:
        self._queue = Queue()

    def to_json(self) -> dict[str, Any]:
        """Return what the lines so far said, as JSON values."""
        return self._queue.to_json()

    def from_json(self, values: dict[str, Any]) -> None:
        """Know again what :meth:`to_json` returned."""
        self._queue = Queue.from_json(values)

    def records(self, lines: Iterable[bytes], clock: Clock, first: int = 1) -> Iterator[Record]:
        """Yield the records of the lines of one log, of which the first one has the number ``first``.

        Lines of other programs are passed over.
        """
        for number, line in enumerate(lines, first):
            at = line.find(b" postfix")
            if at < 0:
                continue
            end = line.find(b"]: ", at)
            bracket = line.rfind(b"[", at, end)
            if bracket < 0:
                continue
            service = line[line.rfind(b"/", at, bracket) + 1 : bracket]
            rest = line[end + 3 :].rstrip()
            if service == b"cleanup":
                handle = self._cleanup
            elif service == b"qmgr":
                handle = self._qmgr
            elif service in _DELIVERY:
                if b" status=" not in rest:
                    continue
                handle = self._delivery
            elif service == b"smtpd" and b"reject: " in rest:
                handle = self._reject
            else:
                continue
            stamp = clock.read(line)
            if stamp is None:
                continue
            found = handle(line[stamp[1] : at], rest, stamp[0], number)
            if found:
                yield from found

    def _cleanup(self, host: bytes, rest: bytes, ts: int, number: int) -> list[Record] | None:
        queue_id, _, text = rest.partition(b": ")
        if text.startswith(b"message-id="):
            mail = self._queue.new_mail(host, queue_id)
            mail.message_id = _text(text[11:]).strip().strip("<>") or None
            known = self._queue.known(mail.message_id)
            if known and mail.campaign is None:
                mail.campaign, mail.rank = known.campaign, known.rank
        elif text.startswith(b"info: header "):
            self._header(self._queue.new_mail(host, queue_id), _text(text[13:]))
        elif b"reject: " in text[:14]:
            return self._reject(host, rest, ts, number)
        return None

    def _header(self, mail: Mail, text: str) -> None:
        name, _, value = text.partition(": ")
        try:
            rank = CAMPAIGN_HEADERS.index(name.lower())
        except ValueError:
            return
        if rank >= mail.rank:
            return
        value = value.rpartition("; from=<")[0].rpartition(" from ")[0]
        campaign = campaign_of(name, value)
        if campaign:
            mail.campaign, mail.rank = campaign, rank
            self._queue.remember(mail)

    def _qmgr(self, host: bytes, rest: bytes, ts: int, number: int) -> list[Record] | None:
        queue_id, _, text = rest.partition(b": ")
        if text == b"removed":
            self._queue.remove(host, queue_id)
            return None
        if not text.startswith(b"from=<"):
            return None
        mail = self._queue.mail(host, queue_id)
        sender, _, state = text[6:].partition(b">, ")
        if mail.sender is None:
            mail.sender = _text(sender)
        if state.startswith((b"status=expired", b"status=force-expired")):
            return self._expired(_line_of(host, queue_id), mail, ts, number)
        return None

    def _expired(self, line: str, mail: Mail, ts: int, number: int) -> list[Record]:
        waiting, mail.deferred = mail.deferred, None
        return [
            Record(
                EventType.BOUNCED,
                ts,
                last.address,
                Source.POSTFIX,
                f"line {number}",
                original=last.original,
                verp=last.verp,
                message_id=last.message_id,
                campaign=last.campaign,
                identity=f"{line} expired {last.original}",
                status=last.status,
                reply=last.reply,
                diagnostic=last.diagnostic,
                reason=last.reason,
                kind=BounceKind.SOFT,
                expired=True,
            )
            for last in (waiting or {}).values()
        ]

    def _delivery(self, host: bytes, rest: bytes, ts: int, number: int) -> list[Record] | None:
        queue_id, _, text = rest.partition(b": ")
        if not text.startswith(b"to=<") or not text.endswith(b")"):
            # Every result ends with its words in parentheses; another end is a line still being written.
            return None
        mail = self._queue.mail(host, queue_id)
        at = text.rfind(b", status=", 0, text.find(b" (") + 1 or None)
        if mail.system or at < 0:
            return None
        word, _, words = text[at + 9 :].partition(b" (")
        said = _text(words.removesuffix(b")"))
        if word == b"sent" and said.startswith("forwarded as "):
            self._forwarded(host, mail, said[13:].strip().encode())
            return None
        kind = _EVENTS.get(word)
        if kind is None:
            return None
        record = _record(kind, ts, number, mail, text[:at], said, _line_of(host, queue_id))
        self._note(mail, record, kind)
        return [record]

    def _note(self, mail: Mail, record: Record, kind: EventType) -> None:
        key = record.address
        if kind is EventType.DEFERRED:
            if mail.deferred is None:
                mail.deferred = {}
            mail.deferred[key] = record
        elif mail.deferred:
            mail.deferred.pop(key, None)
        if record.campaign and mail.sender and mail.rank < len(CAMPAIGN_HEADERS):
            self._queue.ours.add(domain_of(mail.sender))

    def _forwarded(self, host: bytes, mail: Mail, new_id: bytes) -> None:
        new = self._queue.mail(host, new_id)
        if new.campaign is None:
            new.campaign, new.rank = mail.campaign, mail.rank
        if new.sender is None:
            new.sender = mail.sender
        if new.message_id is None:
            new.message_id = mail.message_id

    def _reject(self, host: bytes, rest: bytes, ts: int, number: int) -> list[Record] | None:
        queue_id, _, text = rest.partition(b": ")
        match = _REJECT.search(text)
        if not match or not match[5]:
            return None
        sender, address = _text(match[4]), _text(match[5])
        if not sent_by_us(sender, _text(match[2]), self._queue.ours):
            # Strangers' mail to our own people that our server turned away is no campaign's business.
            return None
        queued = queue_id != b"NOQUEUE"
        mail = self._queue.mail(host, queue_id) if queued else Mail()
        said = _text(match[3])
        code = _CODE.match(match[3] + b" ")
        reply = int(code[1]) if code and code[1] else find_reply(said)
        status = _text(code[2]) if code else None
        verdict = judged(status, reply, said, _text(match[1]), domain_of(address))
        later = (reply is not None and reply < 500) or (reply is None and status is not None and status[0] == "4")
        return [
            Record(
                EventType.DEFERRED if later else EventType.REJECTED,
                ts,
                address,
                Source.POSTFIX,
                f"line {number}",
                verp=verp_recipient(sender),
                message_id=mail.message_id,
                campaign=mail.campaign,
                identity=f"{_line_of(host, queue_id)} {status} {reply}" if queued else None,
                status=status,
                reply=reply,
                diagnostic=said,
                reason=verdict.reason,
                kind=None if later else verdict.kind,
            )
        ]


_EVENTS = {
    b"sent": EventType.DELIVERED,
    b"deferred": EventType.DEFERRED,
    b"SOFTBOUNCE": EventType.DEFERRED,
    b"bounced": EventType.BOUNCED,
}


def _line_of(host: bytes, queue_id: bytes) -> str:
    """Return what a line itself says of its mail.

    With its time and recipient it is known again also where the lines before it, with Message-ID and campaign, stand in
    another file.
    """
    return f"{_text(host).strip()} {_text(queue_id)}"


def _record(kind: EventType, ts: int, number: int, mail: Mail, fields: bytes, said: str, line: str) -> Record:
    """Make the record of a line of a delivery agent; ``fields`` ends before the status."""
    address, rest = _bracketed(fields[4:])
    original = None
    if rest.startswith(b"orig_to=<"):
        original, rest = _bracketed(rest[9:])
    relay = _field(rest, b"relay=")
    status = _field(rest, b"dsn=")
    verp = verp_recipient(mail.sender) if mail.sender else None
    hop = Hop.FINAL
    if kind is EventType.DELIVERED and relay and _LOOPBACK.search(relay) and _DISCARDED.search(said):
        kind = EventType.REJECTED
    if kind is EventType.DELIVERED and _passes_on(relay, said):
        kind, hop = EventType.SENT, Hop.RELAY
    if relay not in {None, "local", "virtual", "none"}:
        mail.outgoing = True
    reply = find_reply(said)
    reason = bounce_kind = None
    if kind in {EventType.BOUNCED, EventType.DEFERRED, EventType.REJECTED}:
        verdict = judged(status, reply, said, _command(said), domain_of(address))
        reason = verdict.reason
        if kind is not EventType.DEFERRED:
            bounce_kind = verdict.kind
    return Record(
        kind,
        ts,
        address,
        Source.POSTFIX,
        f"line {number}",
        original=original,
        verp=verp,
        message_id=mail.message_id,
        campaign=mail.campaign if _is_ours(mail, verp, original or address) else None,
        identity=f"{line} {status} {reply} {original}",
        status=status,
        reply=reply,
        diagnostic=said,
        reason=reason,
        kind=bounce_kind,
        hop=hop,
    )


def _command(said: str) -> str | None:
    """Return the SMTP command that was refused."""
    match = _COMMAND.search(said)
    return _COMMANDS.get(match[1] or match[2], match[1] or match[2]) if match else None


def _is_ours(mail: Mail, verp: str | None, address: str) -> bool:
    """Tell a campaign's mail from incoming mail that carries (or embeds) a campaign's header."""
    return mail.outgoing or verp is not None or mail.sender is None or same_house(mail.sender, address)


def _passes_on(relay: str | None, said: str) -> bool:
    """Tell whether the server that took the mail is a content filter or a smarthost."""
    if relay is None or said.startswith(_INTO_BOX):
        return False
    via = said.startswith("delivered via")
    if relay.endswith(":25") and not via:
        return False
    loop = _LOOPBACK.search(relay)
    if loop:
        return loop[1] != "25" and "queued as" in said
    return relay.endswith(_SUBMISSION) or (via and _FILTER.search(relay) is not None)


def _bracketed(text: bytes) -> tuple[str, bytes]:
    """Cut ``ann@shop.example>, relay=…`` into the address and what follows."""
    address, _, rest = text.partition(b">, ")
    return _text(address), rest


def _field(text: bytes, name: bytes) -> str | None:
    at = text.find(name)
    if at < 0:
        return None
    end = text.find(b", ", at)
    return _text(text[at + len(name) : end if end >= 0 else None])


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
