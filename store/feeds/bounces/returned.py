"""What a bounce or complaint tells of the mail that it is about, and to whom the bounce itself was sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import getaddresses

from store.feeds.bounces.parts import Headers, date_ms
from store.feeds.campaign import CAMPAIGN_HEADERS, campaign_of
from store.feeds.verp import verp_recipient

_MESSAGE_ID = re.compile(r"<([^<>\s@]++@[^<>\s]++)>")
_BARE = re.compile(r"(?:<[^\s<>@,;:\"()]+@[^\s<>@,;:\"()]+>|[^\s<>@,;:\"()]+@[^\s<>@,;:\"()]+)\Z")
_WITH_NAME = re.compile(r"(?:\"[^\"\\<>]*\"|[^<>@,;:\"()]*)[ \t]*<([^\s<>@,;:\"()]+@[^\s<>@,;:\"()]+)>\Z")
_PARSED = 4000
_TO = ("to", "x-rcpt-to", "x-envelope-to", "envelope-to", "x-original-to")
_FROM = ("from", "sender", "return-path", "reply-to")
_BOX_HEADERS = ("delivered-to", "x-original-to", "envelope-to", "to")


@dataclass(frozen=True, slots=True)
class Original:
    """The mail that a report is about.

    Attributes:
        message_id: its Message-ID without brackets.
        campaign: the campaign key that it carries.
        recipients: whom its To names.
        verp: the recipient that its envelope sender names.
        list_id: its List-ID without brackets.
        sender: who it is from, by From, Sender and Return-Path.
    """

    message_id: str | None = None
    campaign: str | None = None
    recipients: tuple[str, ...] = ()
    verp: str | None = None
    list_id: str | None = None
    sender: tuple[str, ...] = ()


def original_from(headers: Headers) -> Original:
    """Return what the headers of a returned mail tell."""
    campaign = None
    for name in CAMPAIGN_HEADERS:
        campaign = campaign_of(name, headers.text(name)) if name in headers else None
        if campaign:
            break
    match = _MESSAGE_ID.search(headers.get("message-id"))
    return Original(
        message_id=match[1] if match else headers.get("message-id").strip("<> ") or None,
        campaign=campaign,
        recipients=tuple(dict.fromkeys(_named(headers, _TO))),
        verp=verp_recipient(headers.get("return-path")),
        list_id=_list_id(headers.get("list-id")),
        sender=tuple(_named(headers, _FROM)),
    )


def _list_id(value: str) -> str | None:
    inner = value.rpartition("<")[2].partition(">")[0] if "<" in value else value
    return inner.strip() or None


def referred(headers: Headers) -> str | None:
    """Return the Message-ID to which a mail answers (In-Reply-To, else the last of References)."""
    for name in ("in-reply-to", "references"):
        found = _MESSAGE_ID.findall(headers.get(name))
        if found:
            return str(found[-1])
    return None


def box_addresses(headers: Headers) -> list[str]:
    """Return the addresses to which a mail came, the surest first (envelope before To)."""
    return _named(headers, _BOX_HEADERS)


def verp_of(headers: Headers) -> str | None:
    """Return the recipient that the address names to which a mail came."""
    for address in box_addresses(headers):
        named = verp_recipient(address)
        if named:
            return named
    return None


def _named(headers: Headers, names: Sequence[str]) -> list[str]:
    return [found for name in names if name in headers for found in addresses(headers.all(name))]


def addresses(values: list[str]) -> list[str]:
    """Return the addresses in header values; what holds no "@" is left out."""
    found: list[str] = []
    for value in values:
        # Most are one address, bare or with a name, and getaddresses() is slow.
        if _BARE.match(value):
            found.append(value.strip("<>"))
        elif match := _WITH_NAME.match(value):
            found.append(match[1])
        elif "@" in value:
            found.extend(_parsed(value))
    return found


def _parsed(value: str) -> list[str]:
    try:
        return [address for _, address in getaddresses([value[:_PARSED]]) if "@" in address]
    except (TypeError, ValueError, IndexError):
        return []


def arrival_ms(headers: Headers) -> int | None:
    """Return when a mail was written or came in: its Date, else its topmost Received."""
    found = date_ms(headers.get("date"))
    if found is not None:
        return found
    for value in headers.all("received"):
        found = date_ms(value.rpartition(";")[2].strip())
        if found is not None:
            return found
    return None
