"""What events come wrapped in: SNS, SQS, Lambda, EventBridge, a page of an API, a form field, a logged request."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from store.feeds.esp.paths import Event, decoded
from store.feeds.esp.vendors import Vendor, vendor_of

_WRAPS = (
    *("mandrill_events", "Records", "Messages", "items", "events", "results", "Sns", "Message"),
    *("Body", "body", "payload", "detail", "event", "data"),
)
"""Keys under which an event, a list of them, or the text of either may stand."""

_DEEPEST = 6
_BEGINS = frozenset('{["')
_CONFIRMATIONS = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
_NOTIFICATIONS = ("Notification", *_CONFIRMATIONS)
_VALIDATED = "Successfully validated SNS topic"

_FIELDS = 500
_FIELD = re.compile(r'(?<![\w-])name="?([^"\r\n;]+)')

Opened: TypeAlias = tuple[Vendor, Event] | str
"""A provider's event, or a sentence about what is none."""


def unwrap(found: Event, depth: int = 0) -> list[Opened] | None:
    """Return the events in ``found``, itself or what it wraps; None if there is none of a known provider.

    An empty list is something of a provider that says nothing: a ping, the confirmation of a subscription.
    """
    if "MessageId" in found and "Message" in found and found.get("Type") in _NOTIFICATIONS:
        return _notified(found, depth)
    claimed = vendor_of(found)
    if claimed is not None:
        vendor, event = claimed
        if isinstance(event, dict):
            return [(vendor, event)]
        return [f"an event of {vendor.title} was expected"] if event else []
    if depth >= _DEEPEST:
        return None
    for key in _wraps_in(tuple(found)):
        opened = _inside(_listed(found, key), depth)
        if opened is not None:
            return opened
    return None


@lru_cache(maxsize=1024)
def _wraps_in(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in _WRAPS if key in keys)


def _notified(found: Event, depth: int) -> list[Opened] | None:
    """Open a notification of Amazon SNS."""
    if found["Type"] in _CONFIRMATIONS:
        return []
    message = found.get("Message")
    if isinstance(message, str) and message.startswith(_VALIDATED):
        return []
    opened = _inside(_listed(found, "Message"), depth) if depth < _DEEPEST else None
    if opened is None:
        return ["the notification holds no event of a mail"]
    for item in opened:
        if not isinstance(item, str):
            item[1].setdefault("Timestamp", found.get("Timestamp"))
    return opened


def _inside(items: list[Any], depth: int) -> list[Opened] | None:
    opened: list[Opened] = []
    claimed = False
    for item in items:
        inner = unwrap(item, depth + 1) if isinstance(item, dict) else None
        claimed = claimed or inner is not None
        opened += ["one of the wrapped objects is no known event"] if inner is None else inner
    return opened if claimed else None


def _listed(found: Event, key: str) -> list[Any]:
    value = found.get(key)
    if isinstance(value, str):
        if found.get("isBase64Encoded") is True:
            value = _from_base64(value)
        value = body_of(value) if value.lstrip()[:1] in _BEGINS or "=" in value else None
    if isinstance(value, dict):
        return [value]
    return value if isinstance(value, list) else []


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def body_of(text: str) -> Any:
    """Return what the body of a request says: JSON, JSON in a string, or the fields of a form; None: neither."""
    if text.lstrip().startswith("--"):
        return _parts_of(text)
    found = decoded(text)
    if found is None and text.lstrip().startswith('"'):
        inner = decoded(f"[{text}]")
        found = decoded(inner[0]) if isinstance(inner, list) and inner and isinstance(inner[0], str) else None
    return fields_of(text) if found is None else found


def fields_of(text: str) -> dict[str, Any] | None:
    """Return the fields of a url-encoded form, None if the text is none."""
    text = text.strip()
    name, equals, _ = text.partition("=")
    if not equals or any(char.isspace() for char in text) or not name or "{" in name:
        return None
    try:
        return _single(parse_qs(text, max_num_fields=_FIELDS))
    except ValueError:
        return None


def _parts_of(text: str) -> dict[str, Any] | None:
    """Return the fields of a multipart form (RFC 7578), None if the text is none."""
    text = text.lstrip().replace("\r\n", "\n")
    boundary = text.partition("\n")[0].strip()
    fields: dict[str, list[str]] = {}
    for part in f"\n{text}".split(f"\n{boundary}", _FIELDS + 1)[1:]:
        head, blank, value = part.removeprefix("\n").partition("\n\n")
        name = _FIELD.search(head)
        if name and blank:
            fields.setdefault(name[1], []).append(value)
    return _single(fields)


def _single(fields: dict[str, list[str]]) -> dict[str, Any] | None:
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()} or None
