"""Records as JSON and back, and the key by which an event is known again."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from store.addresses import address_key
from store.feeds.record import Record
from store.vocabulary import Actor, Attribution, BounceKind, EventType, Hop, Source, Word

_WORDS: dict[str, dict[str, Word]] = {
    "type": {word.value: word for word in EventType},
    "source": {word.value: word for word in Source},
    "kind": {word.value: word for word in BounceKind},
    "actor": {word.value: word for word in Actor},
    "hop": {word.value: word for word in Hop},
    "attribution": {word.value: word for word in Attribution},
}
_EMPTY = blake2b(digest_size=8)
_DEFAULTS = {field.name: field.default for field in fields(Record) if field.compare}


def record_to_json(record: Record) -> str:
    """Return a record as one JSON object that leaves out what has its default."""
    values = {name: getattr(record, name) for name in _DEFAULTS}
    return json.dumps({name: value for name, value in values.items() if value != _DEFAULTS[name]}, ensure_ascii=False)


def record_from_json(text: str) -> Record:
    """Return the record that :func:`record_to_json` wrote."""
    values: dict[str, Any] = json.loads(text)
    for name, words in _WORDS.items():
        if values.get(name) is not None:
            values[name] = words[values[name]]
    if "keys" in values:
        values["keys"] = tuple(values["keys"])
    return Record(**values)


def dedupe_key(record: Record) -> bytes:
    """Return the 16 bytes by which the same event is known again: its time (8, big-endian), then a hash (8).

    The time comes first so that new events land at the right edge of the index. What is hashed is what stays the
    same when a file is copied, rotated or read again: never a path or a line number.
    """
    if record.sealed is not None:
        return bytes.fromhex(record.sealed)
    if record.known is not None:
        return record.known
    key = address_key(record.address)
    if record.source is Source.ACCESS:
        # Whom a token stands for may be learnt after the log was read: the request alone is what is known again.
        text = f"{record.source.code}\x1f{record.type.code}\x1f{record.identity}"
    elif record.identity:
        text = f"{record.source.code}\x1f{record.type.code}\x1f{record.identity}\x1f{record.url}\x1f{key}"
    else:
        text = (
            f"{record.source.code}\x1f{record.type.code}\x1f{record.message_id}\x1f{record.original}\x1f{record.url}"
            f"\x1f{record.status}\x1f{record.reply}\x1f{record.campaign}\x1f{record.actor.code}\x1f{key}"
        )
    return (max(record.ts, 0) & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big") + _hashed(text)


def _hashed(text: str) -> bytes:
    digest = _EMPTY.copy()
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.digest()


@lru_cache(maxsize=1 << 12)
def outcome_key(message_id: str | None, address: str | None) -> int | None:
    """Return the number that stands for one outcome: a message, and the final address where it is another one.

    It is negative where the final address is another one (an alias), and positive where it is the recipient's own.

    Args:
        message_id: the mail's Message-ID; None if unknown.
        address: key of the final address; None where it is the recipient's own.
    """
    if message_id is None and address is None:
        return None
    text = f"{message_id or ''}\x1f{address or ''}"
    number = int.from_bytes(_hashed(text), "big") >> 1
    return number if address is None else -1 - number
