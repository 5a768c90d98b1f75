"""Notifications of Amazon SES that come as mail: JSON in the text, in SNS' envelope or without it."""

from __future__ import annotations

import json
import re
from typing import Any

from store.feeds.bounces.finding import Finding, Letter, record_of
from store.feeds.record import Record
from store.vocabulary import EventType, Source

_BEGIN = re.compile(r"\{\s*\"(?:notificationType|eventType|Type)\"\s*:")
_FOLDED = re.compile(r"\n[ \t]*")


def notification_records(letter: Letter, text: str) -> list[Record]:
    """Return the records of a notification; none if ``text`` holds none."""
    match = _BEGIN.search(text)
    told = _object(text[match.start() :]) if match else None
    if told is not None and isinstance(told.get("Message"), str):
        told = _object(str(told["Message"]))
    if told is None:
        return []
    kind = str(told.get("notificationType") or told.get("eventType") or "").lower()
    part = told.get(kind)
    if not isinstance(part, dict):
        return []
    if kind == "bounce":
        return [_bounce(letter, one, part) for one in _people(part, "bouncedRecipients")]
    if kind == "complaint":
        return [_complaint(letter, one, part) for one in _people(part, "complainedRecipients")]
    if kind == "delivery":
        named = part.get("recipients")
        people = [{"emailAddress": one} for one in named] if isinstance(named, list) else []
        return [_delivery(letter, one, part) for one in people]
    return []


def _object(text: str) -> dict[str, Any] | None:
    """Return the JSON object at the beginning of ``text``, whose lines a mailer may have folded."""
    for attempt in (text, _FOLDED.sub("", text)):
        try:
            found, _ = json.JSONDecoder().raw_decode(attempt.lstrip())
        except (ValueError, RecursionError):
            continue
        return found if isinstance(found, dict) else None
    return None


def _people(part: dict[str, Any], name: str) -> list[dict[str, Any]]:
    listed = part.get(name)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _address(one: dict[str, Any]) -> str:
    text = str(one.get("emailAddress") or "")
    return text.rpartition("<")[2].strip("<> ") if "@" in text else ""


def _bounce(letter: Letter, one: dict[str, Any], part: dict[str, Any]) -> Record:
    said = str(one.get("diagnosticCode") or "").removeprefix("smtp;").strip()
    around = [" ".join(str(part.get(name) or "") for name in ("bounceType", "bounceSubType"))]
    finding = Finding(
        _address(one),
        EventType.BOUNCED,
        "failed",
        status=str(one["status"]) if one.get("status") else None,
        diagnostic=said or None,
        around=around,
    )
    return record_of(letter, finding, letter.ts)


def _delivery(letter: Letter, one: dict[str, Any], part: dict[str, Any]) -> Record:
    said = str(part.get("smtpResponse") or "") or None
    return record_of(letter, Finding(_address(one), EventType.DELIVERED, "delivered", diagnostic=said), letter.ts)


def _complaint(letter: Letter, one: dict[str, Any], part: dict[str, Any]) -> Record:
    address = _address(one)
    return Record(
        EventType.COMPLAINED,
        letter.ts,
        address,
        Source.FEEDBACK_LOOP,
        letter.where,
        verp=letter.verp,
        message_id=letter.original.message_id,
        campaign=letter.original.campaign,
        identity=letter.identity(address or letter.verp or "", "complaint"),
        feedback=str(part.get("complaintFeedbackType") or "abuse"),
    )
