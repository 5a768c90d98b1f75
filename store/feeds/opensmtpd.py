"""OpenSMTPD's log: one pass over the lines; every line about a recipient names sender and recipient itself.

The log tells no Message-ID and no header: a campaign's mail is known by its VERP sender, or by address and time. What
the lines look like was learned from OpenSMTPD's sources (``mta_log``, ``mda_log``, ``queue_log``) and real runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from store.feeds.ours import from_inside
from store.feeds.record import Record
from store.feeds.stamps import Clock
from store.feeds.storing import record_from_json, record_to_json
from store.feeds.verdicts import blamed
from store.feeds.verp import verp_recipient
from store.vocabulary import BounceKind, EventType, Hop, Source

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_SYSLOG = (
    rb"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+"
    rb" [-\w.]*smtpd[-\w.]*\[\d+\]: "
)
_SPEAKS = rb"[0-9a-f]{16} (?:smtp|mta|mda) |\w+: (?:Expire|Remove) for [0-9a-f]{16}:"
LINE = re.compile(_SYSLOG + rb"(?:" + _SPEAKS + rb"|info: OpenSMTPD )")
"""How a line of OpenSMTPD begins."""

UNTIMED = re.compile(rb"^(?:" + _SPEAKS + rb")", re.MULTILINE)
"""How a line begins that ``smtpd -d`` printed: no system log gave it a time."""

_PREFIX = re.compile(_SYSLOG)
_DELIVERY = re.compile(
    r"[0-9a-f]{16} (?:mta|mda) delivery evpid=(?P<evpid>[0-9a-f]{16}) from=<(?P<sender>[^>]*)> to=<(?P<final>[^>]*)>"
    r'(?: rcpt=<(?P<asked>[^>]*)>)? (?P<fields>.*?)result="?(?P<result>\w+)"? stat=(?P<said>.*)'
)
_EXPIRED = re.compile(
    r"\w+: Expire for (?P<evpid>[0-9a-f]{16}): from=<(?P<sender>[^>]*)>, to=<(?P<final>[^>]*)>,"
    r"(?: rcpt=<(?P<asked>[^>]*)>,)? .*?stat=(?P<said>.*)"
)
_MESSAGE = re.compile(rb" smtp (?:message msgid=|envelope evpid=)([0-9a-f]{8})")
_CONNECTED = re.compile(r"([0-9a-f]{16}) smtp connected address=(\S+)")
_REFUSED = re.compile(
    r'([0-9a-f]{16}) smtp failed-command command="RCPT TO: ?<([^<>"]+)>[^"]*" result="(.*)"\Z', re.IGNORECASE
)
_TAKEN = re.compile(r"\b([0-9a-f]{8}) Message accepted for delivery")
_CODE = re.compile(r"([2-5]\d\d)(?:[- ]([245]\.\d{1,3}\.\d{1,3}))?:?(?=[- ]|\Z)")
_RELAY = re.compile(r'relay="(\S*?)(?: \(([^()"]*)\))?"')
_KNOWN = 100_000
_RESULTS = {
    "Ok": EventType.DELIVERED,
    "TempFail": EventType.DEFERRED,
    "PermFail": EventType.BOUNCED,
    "LoopDetected": EventType.BOUNCED,
}


class OpenSmtpdLog:
    """What the lines so far said; lines of several rotated logs may follow each other."""

    def __init__(self) -> None:
        self._deferred: dict[str, Record] = {}
        self._messages: dict[bytes, None] = {}
        self._clients: dict[str, str] = {}

    def to_json(self) -> dict[str, Any]:
        """Return what the lines so far said, as JSON values."""
        deferred = [(evpid, record_to_json(record)) for evpid, record in self._deferred.items()]
        messages = [message.decode("latin-1") for message in self._messages]
        return {"deferred": deferred, "messages": messages, "clients": list(self._clients.items())}

    def from_json(self, values: dict[str, Any]) -> None:
        """Know again what :meth:`to_json` returned."""
        self._deferred = {evpid: record_from_json(text) for evpid, text in values["deferred"]}
        self._messages = dict.fromkeys(message.encode("latin-1") for message in values["messages"])
        self._clients = dict(values["clients"])

    def records(self, lines: Iterable[bytes], clock: Clock, first: int = 1) -> Iterator[Record]:
        """Yield the records of the lines of one log, of which the first one has the number ``first``.

        Lines of other programs are passed over.
        """
        for number, line in enumerate(lines, first):
            if b"smtpd" not in line:
                continue
            head = _PREFIX.match(line)
            if head is None:
                continue
            text = line[head.end() :].rstrip()
            if b" delivery evpid=" in text:
                handle = self._delivery
            elif b": Expire for " in text:
                handle = self._expired
            elif b"failed-command" in text:
                handle = self._refused
            else:
                self._learn(text)
                continue
            stamp = clock.read(line)
            found = handle(text.decode("utf-8", "replace"), stamp[0], number) if stamp else None
            if found is not None:
                yield found

    def _learn(self, text: bytes) -> None:
        """Remember the server's own messages, and who talks to it."""
        message = _MESSAGE.search(text)
        if message:
            _remember(self._messages, message[1], None)
        elif b" smtp connected " in text:
            client = _CONNECTED.match(text.decode("utf-8", "replace"))
            if client:
                _remember(self._clients, client[1], client[2])

    def _client(self, session: str) -> str:
        address = self._clients.get(session, "")
        return address if address == "local" else f"[{address.strip('[]')}]"

    def _delivery(self, text: str, ts: int, number: int) -> Record | None:
        match = _DELIVERY.match(text)
        kind = _RESULTS.get(match["result"]) if match else None
        if match is None or kind is None or not match["sender"]:
            return None
        evpid = match["evpid"]
        said = match["said"].strip().removeprefix('"').removesuffix('"')
        record = _record(kind, ts, number, match, match["result"])
        code = _CODE.match(said)
        status, reply = (code[2], int(code[1])) if code else (None, None)
        if kind is EventType.DELIVERED:
            self._deferred.pop(evpid, None)
            taken = _TAKEN.search(said)
            # It came back to this server as a new message: a proxy that signs or filters stands in between.
            again = taken is not None and taken[1].encode() in self._messages
            return replace(
                record,
                type=EventType.SENT if again else EventType.DELIVERED,
                hop=Hop.RELAY if again else Hop.FINAL,
                status=status,
                reply=reply,
                diagnostic=said or None,
            )
        relay = _RELAY.search(match["fields"])
        record = blamed(record, said, status=status, reply=reply, remote=(relay[2] or relay[1]) if relay else None)
        if kind is EventType.DEFERRED:
            _remember(self._deferred, evpid, record)
        else:
            self._deferred.pop(evpid, None)
        return record

    def _expired(self, text: str, ts: int, number: int) -> Record | None:
        match = _EXPIRED.match(text)
        if match is None or not match["sender"]:
            return None
        record = _record(EventType.BOUNCED, ts, number, match, "Expire")
        last = self._deferred.pop(match["evpid"], None)
        if last is None:
            record = blamed(record, match["said"], status="4.4.7", reply=None)
        else:
            record = replace(
                record,
                status=last.status,
                reply=last.reply,
                diagnostic=last.diagnostic,
                reason=last.reason,
                remote=last.remote,
            )
        return replace(record, kind=BounceKind.SOFT, expired=True)

    def _refused(self, text: str, ts: int, number: int) -> Record | None:
        match = _REFUSED.match(text)
        # The line names no sender: only what this machine or its own network brought is surely ours.
        if match is None or not from_inside(self._client(match[1])):
            return None
        code = _CODE.match(match[3])
        later = code is not None and code[1].startswith("4")
        record = Record(
            EventType.DEFERRED if later else EventType.REJECTED,
            ts,
            match[2],
            Source.OPENSMTPD,
            f"line {number}",
            identity=f"{match[1]} RCPT",
        )
        status, reply = (code[2], int(code[1])) if code else (None, None)
        return blamed(record, match[3], status=status, reply=reply, command="RCPT")


def _record(kind: EventType, ts: int, number: int, match: re.Match[str], result: str) -> Record:
    """Make the record of a line that names sender and recipient."""
    # "to" is where the mail goes after aliases; "rcpt" what the client asked for, "-" where that is the same.
    final, asked = match["final"], match["asked"] or "-"
    return Record(
        kind,
        ts,
        final,
        Source.OPENSMTPD,
        f"line {number}",
        original=None if asked == "-" or asked.lower() == final.lower() else asked,
        verp=verp_recipient(match["sender"]),
        identity=f"{match['evpid']} {result}",
    )


def _remember(known: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(known) >= _KNOWN:
        del known[next(iter(known))]
    known[key] = value
