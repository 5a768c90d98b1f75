"""Exim's main log: one pass over the lines, joined by Exim's message id, in bounded memory.

What Exim writes was learned from its specification (chapter "Log files"), its test suite and real runs: a flag tells
what a line is (``<=`` arrived, ``=>`` and ``->`` delivered, ``>>`` delivered while it arrived, ``*>`` not really sent,
``==`` deferred, ``**`` failed), an address behind it that stands in ``<>`` is the one that was asked for, and a mail
that was given up after deferrals tells its reason in the last ``==`` line only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from store.feeds.campaign import CAMPAIGN_HEADERS, campaign_of
from store.feeds.ours import domain_of, same_house, sent_by_us
from store.feeds.record import Record
from store.feeds.stamps import Clock
from store.feeds.storing import record_from_json, record_to_json
from store.feeds.verdicts import blamed, judged
from store.feeds.verp import verp_recipient
from store.vocabulary import BounceKind, EventType, Hop, Source

_STAMP = rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?: ([+-]\d{4}))?(?: \[\d+\])? "
_SYSLOG = (
    rb"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (\S+)"
    rb" exim[-\w.]*\[\d+\]: (?:\[\d+\] )?"
)
_ID = rb"[0-9A-Za-z]{6}-[0-9A-Za-z]{6}(?:-[0-9A-Za-z]{2}|[0-9A-Za-z]{5}-[0-9A-Za-z]{4})"
LINE = re.compile(
    rb"(?:" + _STAMP + rb"|" + _SYSLOG + rb"(?:" + _STAMP + rb")?)"
    rb"(?:" + _ID + rb" (?:<=|[-=>*]>|==|\*\*|Completed)|exim \d|(?:Start|End) queue run|H=.{0,300} rejected |cwd=/)"
)
"""How a line of an Exim main log begins, in its own file or in the system's log."""

_DATED = re.compile(_STAMP)
_LOGGED = re.compile(_SYSLOG)
_ENTRY = re.compile(rb"(" + _ID + rb") (\S+) ?")
_MESSAGE_ID = re.compile(rb" id=(\S+)")
_HEADER = re.compile(
    rb"(?:.{0,500}? Warning: )?(" + "|".join(CAMPAIGN_HEADERS).encode() + rb"): *(\S.*)", re.IGNORECASE
)
_REJECT = re.compile(r"(?:(.*) )?F=<([^<>]*)> (temporarily )?rejected RCPT <([^<>]+)>(?:: (.*))?")
_WHO = re.compile(r'((?:"(?:[^"\\]|\\.)*"@)?\S+?)(?::|(?: \([^()]*\))?(?: <([^<>]*)>)?)(?= |:|$)')
_FIELD = re.compile(r" (R|T|A|F|P)=(<[^<>]*>|[^\s:]+)")
_HOST = re.compile(r" H=(\S+) \[([^\]]+)\](?::(\d+))?")
_CONFIRMED = re.compile(r' C="((?:[^"\\]|\\.)*)"')
_TAIL = re.compile(r"(?: (?:DT|QT|RT)=\S+)+\Z")
_CODE = re.compile(r"(?:\A|: ?|: host \S+ \S+: )([2-5]\d\d)(?:[- ]#?([245]\.\d{1,3}\.\d{1,3}))?(?=[- ]|\Z)")
_COMMAND = re.compile(
    r"after (?:pipelined |sending data )?(initial connection|EHLO|HELO|STARTTLS|AUTH|MAIL|RCPT|DATA|end)"
)
_COMMANDS = {"initial connection": "CONN", "end": "DATA"}
_NO_ATTEMPT = re.compile(
    r"retry time not (?:yet )?reached|queue_(?:smtp_)?domains|-odqs?\b|concurrency limit", re.IGNORECASE
)
_GIVEN_UP = re.compile(r"retry timeout exceeded|failing for a long time")
_SMARTHOST = re.compile(r"smart|relay|gateway|satellite|hubbed|outbound", re.IGNORECASE)
_FILTER = re.compile(r"filter|spam|amavis|clam|scan(?!ned)", re.IGNORECASE)
_LOOKED_UP = re.compile(r"dns|lookup|lmtp|virtual|local", re.IGNORECASE)
_QUEUE_LIMIT = 300_000


class _Mail:
    """What is known of one message id of Exim's."""

    __slots__ = ("campaign", "deferred", "held", "message_id", "rank", "sender")

    def __init__(self) -> None:
        self.sender: str | None = None
        self.message_id: str | None = None
        self.campaign: str | None = None
        self.rank = len(CAMPAIGN_HEADERS)
        self.deferred: dict[str, Record] = {}
        self.held: list[Record] = []


class _Place(NamedTuple):
    """Which line it is: Exim's id and the flag, the time, the line's number."""

    name: str
    ts: int
    number: int


class EximLog:
    """What the lines so far said of the messages; lines of several rotated logs may follow each other."""

    def __init__(self) -> None:
        self._queue: dict[bytes, _Mail] = {}
        self._ours: set[str] = set()
        self._handlers: dict[bytes, Callable[[bytes, str, _Place], list[Record] | None]] = {
            b"<=": self._arrived,
            b"=>": self._delivered,
            b"->": self._delivered,
            b">>": self._delivered_early,
            b"==": self._deferred,
            b"**": self._failed,
            b"Completed": self._completed,
        }

    def to_json(self) -> dict[str, Any]:
        """Return what the lines so far said, as JSON values."""
        mails = [
            (
                key.decode("latin-1"),
                mail.sender,
                mail.message_id,
                mail.campaign,
                mail.rank,
                [record_to_json(record) for record in mail.deferred.values()],
                [record_to_json(record) for record in mail.held],
            )
            for key, mail in self._queue.items()
        ]
        return {"mails": mails, "ours": sorted(self._ours)}

    def from_json(self, values: dict[str, Any]) -> None:
        """Know again what :meth:`to_json` returned."""
        self._queue.clear()
        for key, sender, message_id, campaign, rank, deferred, held in values["mails"]:
            mail = self._queue[key.encode("latin-1")] = _Mail()
            mail.sender, mail.message_id, mail.campaign, mail.rank = sender, message_id, campaign, rank
            mail.deferred = {record.address: record for record in map(record_from_json, deferred)}
            mail.held = [record_from_json(text) for text in held]
        self._ours = set(values["ours"])

    def records(self, lines: Iterable[bytes], clock: Clock, first: int = 1) -> Iterator[Record]:
        """Yield the records of the lines of one log, of which the first one has the number ``first``.

        Lines of other programs are passed over.
        """
        for number, line in enumerate(lines, first):
            dated = _DATED.match(line)
            start, host = 0, b""
            if dated is None:
                logged = _LOGGED.match(line)
                if logged is None:
                    continue
                start, host = logged.end(), logged[1]
                dated = _DATED.match(line, start)
            if dated is not None:
                start = dated.end()
            entry = _ENTRY.match(line, start)
            handle = self._handlers.get(entry[2]) if entry else None
            if entry is None and b" rejected RCPT <" not in line:
                continue
            if entry is not None and handle is None:
                self._header(host + b" " + entry[1], line[entry.start(2) :].rstrip())
                continue
            stamp = None if dated else clock.read(line)
            ts = clock.read_exim(dated[1], dated[2] or b"", dated[3] or b"") if dated else stamp[0] if stamp else None
            if ts is None:
                continue
            if entry is None or handle is None:
                found = self._rejected(_text(line[start:].rstrip()), ts, number)
            else:
                place = _Place(f"{_text(entry[1])} {_text(entry[2])}", ts, number)
                found = handle(host + b" " + entry[1], _text(line[entry.end() :].rstrip()), place)
            if found:
                yield from found

    def _mail(self, key: bytes) -> _Mail:
        mail = self._queue.get(key)
        if mail is None:
            if len(self._queue) >= _QUEUE_LIMIT:
                del self._queue[next(iter(self._queue))]
            mail = self._queue[key] = _Mail()
        return mail

    def _header(self, key: bytes, text: bytes) -> None:
        """Take the campaign from a line that an ACL had logged (``logwrite = X-Campaign-ID: $h_X-Campaign-ID:``)."""
        match = _HEADER.match(text)
        if match is None:
            return
        name = _text(match[1]).lower()
        rank = CAMPAIGN_HEADERS.index(name)
        mail = self._mail(key)
        if rank < mail.rank:
            campaign = campaign_of(name, _text(match[2]))
            mail.campaign, mail.rank = (campaign, rank) if campaign else (mail.campaign, mail.rank)

    def _arrived(self, key: bytes, text: str, place: _Place) -> list[Record] | None:
        mail = self._mail(key)
        sender = text.partition(" ")[0]
        mail.sender = "" if sender == "<>" else sender
        raw = text.encode("utf-8", "replace")
        subject = raw.find(b' T="')
        match = _MESSAGE_ID.search(raw, 0, subject if subject >= 0 else len(raw))
        if match:
            mail.message_id = _text(match[1]).strip("<>") or None
        held, mail.held = mail.held, []
        if not mail.sender:
            return None
        verp = verp_recipient(mail.sender)
        return [replace(early, verp=verp, message_id=mail.message_id, campaign=mail.campaign) for early in held]

    def _completed(self, key: bytes, text: str, place: _Place) -> list[Record] | None:
        mail = self._queue.pop(key, None)
        return mail.held if mail else None

    def _delivered_early(self, key: bytes, text: str, place: _Place) -> list[Record] | None:
        # The line that names sender and Message-ID comes after it.
        self._mail(key).held += self._delivered(key, text, place) or []
        return None

    def _delivered(self, key: bytes, text: str, place: _Place) -> list[Record] | None:
        mail = self._mail(key)
        confirmed = _CONFIRMED.search(text)
        said = confirmed[1].replace("\\n", " ").replace('\\"', '"') if confirmed else ""
        record = self._record(mail, EventType.DELIVERED, text, said, place)
        if record is not None and mail.deferred:
            mail.deferred.pop(record.address, None)
        return [record] if record else None

    def _deferred(self, key: bytes, text: str, place: _Place) -> list[Record] | None:
        words = _words(text)
        if _NO_ATTEMPT.search(words):
            return None
        mail = self._mail(key)
        record = self._record(mail, EventType.DEFERRED, text, words, place)
        if record is None:
            return None
        mail.deferred[record.address] = record
        return [record]

    def _failed(self, key: bytes, text: str, place: _Place) -> list[Record] | None:
        mail = self._mail(key)
        words = _words(text)
        record = self._record(mail, EventType.BOUNCED, text, words, place)
        if record is None:
            return None
        last = mail.deferred.pop(record.address, None)
        given_up = _GIVEN_UP.search(words) is not None
        if given_up and record.reply is None and last is not None:
            record = replace(
                record,
                original=last.original,
                status=last.status,
                reply=last.reply,
                diagnostic=last.diagnostic,
                reason=last.reason,
                command=last.command,
                remote=last.remote,
            )
        if given_up or (record.reply is not None and record.reply < 500):
            record = replace(record, kind=BounceKind.SOFT, expired=True)
        return [record]

    def _record(self, mail: _Mail, kind: EventType, text: str, said: str, place: _Place) -> Record | None:
        """Make the record of a line about a recipient, None if it is no mail of ours or names nobody."""
        found = _recipient(text)
        fields = dict(_FIELD.findall(text.partition(": ")[0]))
        if mail.sender is None and "F" in fields:
            mail.sender = fields["F"].strip("<>")
        if mail.sender == "" or found is None:
            return None
        address, original = found
        verp = verp_recipient(mail.sender) if mail.sender else None
        if verp or mail.campaign:
            self._ours.add(domain_of(mail.sender or ""))
        host = _HOST.search(text)
        remote = host[1] if host else None
        relay = kind is EventType.DELIVERED and _passes_on(fields, host)
        code = _CODE.search(said)
        status, reply = (code[2], int(code[1])) if code else (None, None)
        verdict = command = None
        if kind is not EventType.DELIVERED:
            command = _command(said)
            verdict = judged(
                status, reply, said[code.start(1) :] if code else said, command, domain_of(address), remote
            )
        return Record(
            EventType.SENT if relay else kind,
            place.ts,
            address,
            Source.EXIM,
            f"line {place.number}",
            original=original,
            verp=verp,
            message_id=mail.message_id,
            campaign=mail.campaign if _is_ours(mail, verp or remote, original or address) else None,
            identity=place.name,
            status=status,
            reply=reply,
            diagnostic=said or None,
            reason=verdict.reason if verdict else None,
            kind=verdict.kind if verdict and kind is EventType.BOUNCED else None,
            hop=Hop.RELAY if relay else Hop.FINAL,
            command=command,
            remote=remote if verdict else None,
        )

    def _rejected(self, text: str, ts: int, number: int) -> list[Record] | None:
        match = _REJECT.match(text)
        if match is None:
            return None
        client, sender, later, address = match[1] or "", match[2], match[3], match[4]
        known = " A=" in client or client.startswith("U=")
        if not sender or not (known or sent_by_us(sender, client, self._ours)):
            # Strangers' mail to our own people that our server turned away is no campaign's business.
            return None
        kind = EventType.DEFERRED if later else EventType.REJECTED
        record = Record(kind, ts, address, Source.EXIM, f"line {number}", verp=verp_recipient(sender))
        said = match[5] or ""
        code = _CODE.match(said)
        return [
            blamed(
                record,
                said,
                status=code[2] if code else None,
                reply=int(code[1]) if code else None,
                command="RCPT",
            )
        ]


def _recipient(text: str) -> tuple[str, str | None] | None:
    """Return the final address of a line, and the address that was asked for where it is another one."""
    if text[:1] in {"|", "/", ":"}:
        # A pipe, a file, or a black hole: its words end where the address stands.
        final, _, rest = text.partition(" <")
        asked = rest.partition(">")[0]
        return (asked, None) if "@" in asked else None
    match = _WHO.match(text)
    if match is None:
        return None
    final, asked = match[1], match[2] or ""
    if "@" not in asked:
        return (final, None) if "@" in final else None
    user = asked.rpartition("@")[0]
    if "@" not in final:
        if final.lower() == user.lower():
            return asked, None
        # For a local mailbox only its name is logged; its domain is one of ours, most likely the one asked for.
        final = f"{final}@{asked.rpartition('@')[2]}"
    return (final, None) if final.lower() == asked.lower() else (final, asked)


def _words(text: str) -> str:
    """Return what was said in a line: what follows its fields, in one line and without Exim's own times."""
    return _TAIL.sub("", text.partition(": ")[2]).replace("\\n", " ")


def _command(said: str) -> str | None:
    """Return the SMTP command that was refused."""
    named = _COMMAND.search(said)
    return _COMMANDS.get(named[1], named[1]) if named else None


def _is_ours(mail: _Mail, sign: str | None, address: str) -> bool:
    """Tell a campaign's mail from mail for our own people that carries (or embeds) a campaign's header.

    ``sign`` is what tells by itself that it went out: a VERP recipient, a remote host.
    """
    return sign is not None or not mail.sender or same_house(mail.sender, address)


def _passes_on(fields: dict[str, str], host: re.Match[str] | None) -> bool:
    """Tell whether the server that took the mail is a smarthost or a content filter.

    A client that had to log in (``A=``), a submission port, and the names that are given to such routers and
    transports (Debian: ``R=smarthost T=remote_smtp_smarthost``) tell a smarthost.
    """
    router, transport = fields.get("R", ""), fields.get("T", "")
    if _FILTER.search(router) or _FILTER.search(transport):
        return True
    if host is None:
        return False
    if host[3] in {"465", "587", "2525"} or "A" in fields:
        return True
    if host[2].startswith(("127.", "::1")) and host[3] not in {None, "25", "24"}:
        return "lmtp" not in transport
    named = _SMARTHOST.search(router) is not None and not _LOOKED_UP.search(router)
    return named or _SMARTHOST.search(transport) is not None


def read_stamp(clock: Clock, line: bytes) -> int | None:
    """Return the time of a line of Exim's own file in epoch milliseconds, None if it has none."""
    dated = _DATED.match(line)
    return clock.read_exim(dated[1], dated[2] or b"", dated[3] or b"") if dated else None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
