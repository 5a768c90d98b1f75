"""Lines of Amazon SES that tell of one recipient and no failure, quickly: nearly all of the millions that there are.

Only what matters of such a line is decoded, and tags that are those of the line before are not looked through again.
Whatever is not exactly so is left to :mod:`store.feeds.esp.reader`, and what is read here is what that would read.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import Decoder

from store.feeds.actors import actor_of
from store.feeds.esp.paths import addresses_of
from store.feeds.esp.reader import NOBODYS_ID, ProviderReader
from store.feeds.record import Record
from store.feeds.times import TimeDefect, parse_time
from store.vocabulary import Actor, EventType, Source

_NO_ID = frozenset({"", NOBODYS_ID})
_anything = Decoder().decode
_PATIENCE = 100
"""So many lines more that are none of these than that are, and no further ones are tried."""


class _Seen(Struct):
    timestamp: str
    userAgent: str | None = None
    ipAddress: str | None = None
    link: str | None = None


class _Delivery(Struct):
    timestamp: str
    recipients: list[str]


class _CommonHeaders(Struct):
    messageId: str | None = None


class _Mail(Struct):
    timestamp: str
    messageId: str
    destination: list[str]
    commonHeaders: _CommonHeaders | None = None
    headers: Raw = Raw()
    tags: Raw = Raw()


class _Line(Struct, forbid_unknown_fields=True):
    """An event as SES publishes it; with anything more in it, it may be wrapped, or another's."""

    eventType: Literal["Send", "Delivery", "Open", "Click"]
    mail: _Mail
    send: Any = None
    delivery: _Delivery | None = None
    open: _Seen | None = None
    click: _Seen | None = None


class SesLines:
    """Reads the lines of one file."""

    def __init__(self, reader: ProviderReader) -> None:
        """Start a file that ``reader`` reads, too."""
        self._reader = reader
        self._decode = Decoder(_Line).decode
        self._patience = _PATIENCE
        self._tags = b""
        self._campaigns: tuple[str | None, tuple[str, ...]] | None = None

    def read(self, line: bytes, where: str) -> Record | None:
        """Return what a line says; None if it is another's, or needs a closer look."""
        if self._patience <= 0:
            return None
        found: Record | None = None
        try:
            found = self._record(self._decode(line), where)
        except (MsgspecError, UnicodeDecodeError, RecursionError, TimeDefect, OverflowError):
            pass
        self._patience = min(self._patience + (1 if found else -1), 10 * _PATIENCE)
        return found

    def _record(self, event: _Line, where: str) -> Record | None:
        mail, seen, delivery = event.mail, event.open or event.click, event.delivery
        if (delivery is not None) + (event.open is not None) + (event.click is not None) > 1:
            return None
        part: _Delivery | _Seen | _Mail | None
        kind, part = EventType.SENT, None if delivery or seen else mail
        if event.eventType == "Delivery":
            kind, part = EventType.DELIVERED, delivery
        elif event.eventType == "Open":
            kind, part = EventType.OPENED, event.open
        elif event.eventType == "Click":
            kind, part = EventType.CLICKED, event.click
        own, to = mail.messageId.strip(), delivery.recipients if delivery else mail.destination
        if part is None or not part.timestamp or own in _NO_ID or len(to) != 1:
            return None
        addresses = addresses_of(to[0])
        campaigns = self._campaigns_of(mail)
        message_id = _message_id(mail, own)
        if len(addresses) != 1 or campaigns is None or message_id is None:
            return None
        actor, url = Actor.UNKNOWN, None
        if seen is not None:
            actor = actor_of(kind, "", (seen.userAgent or "").strip(), (seen.ipAddress or "").strip())
            url = (seen.link or "").strip() or None if kind is EventType.CLICKED else None
        return Record(
            kind,
            parse_time(part.timestamp, self._reader.zone, self._reader.dates),
            addresses[0],
            Source.EVENTS,
            where,
            message_id=message_id,
            campaign=campaigns[0],
            identity=own.strip("<> ") or None,
            actor=actor,
            url=url,
            keys=campaigns[1],
        )

    def _campaigns_of(self, mail: _Mail) -> tuple[str | None, tuple[str, ...]] | None:
        """Return the words that name the campaign; None if headers may tell it."""
        if self._reader.campaign:
            return self._reader.campaign, ()
        tags = bytes(mail.tags)
        if tags != self._tags:
            campaigns = self._reader.campaigns_in_tags("ses", _anything(tags)) if tags else None
            self._tags, self._campaigns = tags, campaigns
        return self._campaigns


def _message_id(mail: _Mail, own: str) -> str | None:
    """Return the mail's id; None if headers may tell it."""
    common = mail.commonHeaders
    if common is not None and common.messageId is not None and "@" in common.messageId:
        return common.messageId.strip().strip("<> ") or None
    headers = bytes(mail.headers)
    if b"\\u" in headers or b"message-id" in headers.lower():
        return None
    return own.strip("<> ") or None
