"""A message as the columns of its row, and back."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Final

from store.outbox.content import Message, Part

COLUMNS: Final = ("subject", "sender", "reply_to", "text", "html", "headers", "fields", "parts", "front")
"""The columns that hold a message."""


def keep(message: Message) -> dict[str, str]:
    """Return the columns of a message, ``digest`` among them."""
    return {
        "subject": message.subject,
        "sender": message.sender,
        "reply_to": message.reply_to,
        "text": message.text,
        "html": message.html,
        "headers": _json(dict(message.headers)),
        "fields": _json(dict(message.fields)),
        "parts": _json([_part(part) for part in message.parts]),
        "front": _json(message.front()),
        "digest": message.digest,
    }


def kept(columns: Mapping[str, str]) -> Message:
    """Return the message that :func:`keep` wrote into ``columns``."""
    message = Message(
        columns["subject"],
        columns["sender"],
        columns["text"],
        columns["html"],
        columns["reply_to"],
        json.loads(columns["headers"]),
        json.loads(columns["fields"]),
        tuple(
            Part(part["name"], part["type"], b64decode(part["content"]), part["content_id"])
            for part in json.loads(columns["parts"])
        ),
    )
    return message.with_front(json.loads(columns["front"]))


def _part(part: Part) -> dict[str, str]:
    return {
        "name": part.name,
        "type": part.type,
        "content": b64encode(part.content).decode("ascii"),
        "content_id": part.content_id,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
