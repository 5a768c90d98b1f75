"""KumoMTA's log segments: JSON objects, one an event, each with everything in it (zstd-compressed as they lie there).

The fields are those of KumoMTA's reference ("Log Record"). A queue is named ``campaign:tenant@domain``; an Expiration
tells only that the time was over, its cause is the message's last TransientFailure.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from store.feeds.campaign import CAMPAIGN_HEADERS, campaign_of
from store.feeds.files import ByteFile
from store.feeds.jsontext import json_objects
from store.feeds.ours import domain_of, sent_by_us
from store.feeds.record import Defect, Progress, Record
from store.feeds.storing import record_from_json, record_to_json
from store.feeds.times import TimeDefect, parse_time
from store.feeds.verdicts import blamed
from store.feeds.verp import verp_recipient
from store.vocabulary import BounceKind, EventType, Source

_TYPES = {
    "Reception": EventType.QUEUED,
    "Delivery": EventType.DELIVERED,
    "TransientFailure": EventType.DEFERRED,
    "Delayed": EventType.DEFERRED,
    "Bounce": EventType.BOUNCED,
    "AdminBounce": EventType.BOUNCED,
    "Expiration": EventType.BOUNCED,
    "OOB": EventType.BOUNCED,
    "Feedback": EventType.COMPLAINED,
    "Rejection": EventType.REJECTED,
}
_PASSED_OVER = frozenset({"AdminRebind", "DeferredInjectionRebind", "XferOut", "XferIn", "Any"})
_NAMES = _PASSED_OVER | _TYPES.keys()
_MARKS = ("queue", "nodeid", "bounce_classification", "num_attempts", "egress_pool", "response")
_FAILED = frozenset({EventType.DEFERRED, EventType.BOUNCED, EventType.REJECTED})
_VERB = re.compile(r"[A-Za-z]+")
_BATCH = 1000
_KNOWN = 100_000
Object = Mapping[str, Any]


def is_kumomta(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` is a log of KumoMTA."""
    found = _first(start)
    known = _text(found.get("type")) in _NAMES
    return known and "recipient" in found and sum(mark in found for mark in _MARKS) >= 2


def first_kumomta_ms(start: bytes) -> int:
    """Return the time of the first record of a segment that begins with ``start``, in epoch milliseconds; 0 if none."""
    try:
        return _time(_first(start))
    except TimeDefect:
        return 0


def _first(start: bytes) -> Object:
    if start[:1] not in {b"{", b"["}:
        return {}
    found = (item for _, item in json_objects(io.StringIO(start.decode("utf-8", "replace"))))
    return next((item for item in found if isinstance(item, dict)), {})


def _time(found: Object) -> int:
    value = found.get("event_time") or found.get("timestamp")
    return parse_time(value if isinstance(value, str | int | float) else "", UTC, None)


class KumoMtaLog:
    """What the segments so far said of messages under way."""

    def __init__(self) -> None:
        self._deferred: dict[tuple[str, str], Record] = {}
        self._ours: set[str] = set()

    def to_json(self) -> dict[str, Any]:
        """Return what the segments so far said, as JSON values."""
        deferred = [(*key, record_to_json(record)) for key, record in self._deferred.items()]
        return {"deferred": deferred, "ours": sorted(self._ours)}

    def from_json(self, values: dict[str, Any]) -> None:
        """Know again what :meth:`to_json` returned, besides what is known; segments may be taken up one by one."""
        self._deferred.update(((id_, address), record_from_json(text)) for id_, address, text in values["deferred"])
        self._ours.update(values["ours"])

    def read(self, path: Path) -> Iterator[Record | Defect | Progress]:
        """Yield the records of one segment, and how far it was read."""
        with ByteFile(path) as file, io.TextIOWrapper(file.handle, "utf-8-sig", errors="replace", newline="") as text:
            for count, (where, found) in enumerate(json_objects(text), 1):
                if isinstance(found, str):
                    if not file.damage:
                        yield Defect(where, found)
                    continue
                yield from self.records(found, where)
                if count % _BATCH == 0:
                    yield Progress(file.done, file.total)
            if file.damage:
                yield Defect("end of the file", file.damage, ends=True)
            yield Progress(file.total, file.total)

    def records(self, found: Object, where: str) -> Iterator[Record | Defect]:
        """Yield what one object says, a record a recipient; notices (without a sender) say nothing."""
        name = _text(found.get("type"))
        kind = _TYPES.get(name)
        if kind is None:
            if name not in _PASSED_OVER:
                yield Defect(where, f"{name!r} is no record type of KumoMTA" if name else "the record type is missing")
            return
        try:
            ts = _time(found)
        except TimeDefect as error:
            yield Defect(where, str(error))
            return
        base = Record(kind, ts, "", Source.KUMOMTA, where, identity=f"{_text(found.get('nodeid'))} {_event_id(found)}")
        if kind is EventType.COMPLAINED:
            yield from _complaints(found, base)
            return
        sender = _text(found.get("sender")).strip("<>")
        if not sender or (kind is EventType.REJECTED and not sent_by_us(sender, _client(found), self._ours)):
            return
        base = replace(base, verp=verp_recipient(sender))
        if name != "OOB":
            # The headers and the queue of an OOB record are the bounce mail's own.
            # KumoMTA advises to have headers copied into the meta data (x_campaign_id), for it is quicker.
            headers = {**_headers(found.get("meta")), **_headers(found.get("headers"))}
            campaign = (
                _campaign(headers) or _queue_campaign(found) or headers.get("campaign") or headers.get("campaign-id")
            )
            base = replace(base, campaign=campaign or None, message_id=_message_id(headers))
            if campaign:
                self._ours.add(domain_of(sender))
        for address in _many(found.get("recipient")):
            yield self._told(name, found, replace(base, address=address))

    def _told(self, name: str, found: Object, record: Record) -> Record:
        key = (_text(found.get("id")), record.address)
        if record.type not in _FAILED:
            self._deferred.pop(key, None)
            return _answered(record, found)
        record = _answered(record, found)
        if name == "Expiration":
            return self._expired(record, key)
        if record.type is EventType.DEFERRED:
            if len(self._deferred) >= _KNOWN:
                del self._deferred[next(iter(self._deferred))]
            self._deferred[key] = record
        elif record.type is EventType.REJECTED and record.reply is not None and record.reply < 500:
            return replace(record, type=EventType.DEFERRED, kind=None)
        return record

    def _expired(self, record: Record, key: tuple[str, str]) -> Record:
        last = self._deferred.pop(key, None)
        if last is not None:
            record = replace(
                record,
                status=last.status,
                reply=last.reply,
                diagnostic=last.diagnostic,
                reason=last.reason,
                command=last.command,
                remote=last.remote,
            )
        return replace(record, kind=BounceKind.SOFT, expired=True)


def _answered(record: Record, found: Object) -> Record:
    """Return the record with the server's answer, and for failures with what it means."""
    response = _object(found.get("response"))
    code, content = response.get("code"), _text(response.get("content"))
    reply = code if isinstance(code, int) and 200 <= code <= 599 else None
    status = _status(response.get("enhanced_code"))
    said = " ".join(part for part in (str(reply or ""), status or "", content) if part)
    if record.type not in _FAILED:
        return replace(record, reply=reply, status=status, diagnostic=said or None)
    verb = _text(response.get("command"))
    word = _VERB.match(verb)
    return blamed(
        record,
        said,
        status=status,
        reply=reply,
        words=content or said,
        command="DATA" if verb.startswith(".") else word[0].upper() if word else None,
        remote=_text(_object(found.get("peer_address")).get("name")) or None,
        category=_text(found.get("bounce_classification")),
    )


def _complaints(found: Object, base: Record) -> Iterator[Record]:
    report = _object(found.get("feedback_report"))
    sort = _text(report.get("feedback_type")).lower()
    if sort == "not-spam":
        return
    headers = _mail_headers(_text(report.get("original_message")))
    trace = _object(report.get("supplemental_trace"))
    verp = verp_recipient(_text(report.get("original_mail_from")))
    base = replace(base, verp=verp, feedback=sort or None, campaign=_campaign(headers), message_id=_message_id(headers))
    asked = [address for address in _many(report.get("original_rcpt_to")) if "@" in address]
    for address in asked or _many(trace.get("recipient")) or [verp or ""]:
        yield replace(base, address=address)


def _mail_headers(text: str) -> dict[str, str]:
    try:
        return {name.lower(): str(value) for name, value in HeaderParser().parsestr(text).items()}
    except Exception:
        # The email package breaks on hostile mail in more ways than can be named.
        return {}


def _headers(value: object) -> dict[str, str]:
    return {str(name).lower().replace("_", "-"): "".join(_many(text)[:1]) for name, text in _object(value).items()}


def _campaign(headers: Mapping[str, str]) -> str | None:
    named = (campaign_of(name, headers[name]) for name in CAMPAIGN_HEADERS if name in headers)
    return next(filter(None, named), None)


def _queue_campaign(found: Object) -> str | None:
    name, _, _ = _text(found.get("queue")).rpartition("@")
    campaign, colon, _ = name.partition(":")
    return campaign.strip() or None if colon else None


def _message_id(headers: Mapping[str, str]) -> str | None:
    return headers.get("message-id", "").strip().strip("<>") or None


def _client(found: Object) -> str:
    return f"[{_text(_object(found.get('peer_address')).get('addr'))}]"


def _event_id(found: Object) -> str:
    # A refusal at the door has no message yet; the session is what tells it from others.
    return f"{_text(found.get('id')) or _text(found.get('session_id'))} {_text(found.get('type'))}"


def _status(value: object) -> str | None:
    parts = [_object(value).get(name) for name in ("class", "subject", "detail")]
    return ".".join(map(str, parts)) if all(isinstance(part, int) for part in parts) else None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _many(value: object) -> list[str]:
    """Return the texts of a text or a list of texts."""
    values = value if isinstance(value, list) else [value]
    return [text.strip() for text in values if isinstance(text, str) and text.strip()]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
