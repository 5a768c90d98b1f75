"""The front matter of a message: its keys, and what may stand behind each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.cleaning import clean
from store.errors import BadInput
from store.outbox.content import Message
from store.outbox.mailid import is_key
from store.outbox.places import LINK_PLACES, RECIPIENT, places_of
from store.outbox.template import FieldError, check_fields

FILE_BYTES: Final = 8 << 20
"""No file of a message may be larger, nor all that go with it together."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the front matter.

    Attributes:
        name: as it is written.
        field: the attribute of :class:`store.outbox.content.Message`.
        header: the header of an ``.eml`` file that says the same, "" if none does.
        help: what it is, for the page that explains messages.
        needed: whether a message without it is refused.
    """

    name: str
    field: str
    header: str
    help: str
    needed: bool = False


KEYS: Final = (
    Key("subject", "subject", "Subject", "the subject; may hold fields", True),
    Key("from", "sender", "From", "“Name <address>” or an address", True),
    Key(
        "campaign",
        "campaign",
        "X-Campaign-ID",
        "the campaign's key, of this sending alone; one is made if it is missing",
    ),
    Key("reply-to", "reply_to", "Reply-To", "where answers go, if not to From"),
    Key("language", "language", "Content-Language", "the language of the text: de, en-GB"),
    Key(
        "return-path",
        "return_path",
        "Return-Path",
        "where failures come back to: bounces+{recipient}@news.shop.example",
    ),
    Key("unsubscribe", "unsubscribe", "", "the link that unsubscribes, with {token}, {address} or {crm_id} in it"),
    Key("unsubscribe-mail", "unsubscribe_mail", "", "an address to which a mail unsubscribes"),
    Key("automatic", "automatic", "Auto-Submitted", "true if a program sends it, with no person behind it"),
    Key("dkim-selector", "dkim", "", "the selector of the key with which the relay signs; for checking the DNS"),
    Key("author", "author", "", "who wrote it, by login name; they cannot proof-read it themselves"),
    Key("headers", "headers", "", "a table of further headers; their values may hold fields"),
    Key("fields", "fields", "", "a table of fields that are the same for everybody"),
)
"""The front matter: every key, in the order of the page."""

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def judged(message: Message, where: Callable[[str], str]) -> Message:
    """Return the message if its front matter can be what it says.

    Args:
        message: what was read.
        where: from the name of a key to its file and line.

    Raises:
        BadInput: something needed is missing, or a value cannot be.
    """
    for key in KEYS:
        if key.needed and not str(getattr(message, key.field)).strip():
            raise BadInput(f"{where(key.name)}: {key.name} is empty ({key.help}).")
    if message.campaign and not is_key(message.campaign):
        raise BadInput(
            f"{where('campaign')}: “{clean(message.campaign)[:80]}” is no key that a Message-ID can begin with;"
            " letters, digits, - and _ make one."
        )
    _known(message.unsubscribe, LINK_PLACES, where("unsubscribe"))
    _known(message.return_path, (RECIPIENT.strip("{}"),), where("return-path"))
    if message.language and not _LANGUAGE.fullmatch(message.language):
        raise BadInput(f"{where('language')}: “{clean(message.language)[:40]}” is no language; de and en-GB are.")
    try:
        check_fields(message.fields)
    except FieldError as error:
        raise BadInput(f"{where(error.field)}: {error}.") from error
    return message


def read_bytes(path: Path) -> bytes:
    """Return what a file of a message holds.

    Raises:
        BadInput: it cannot be read, or is too large.
    """
    try:
        with open(path, "rb") as handle:
            data = handle.read(FILE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from error
    if len(data) > FILE_BYTES:
        raise BadInput(f"{path} is larger than {FILE_BYTES >> 20} MiB; no mail of that size arrives.")
    return data


def owner_of(path: Path) -> str:
    """Return the login name of a file's owner, "" if the system knows none."""
    try:
        return path.owner()
    except (KeyError, OSError):
        return ""


def _known(pattern: str, places: tuple[str, ...], where: str) -> None:
    for name in places_of(pattern):
        if name not in places:
            listed = ", ".join(f"{{{place}}}" for place in places)
            raise BadInput(f"{where}: there is no {{{clean(name)[:40]}}} here; there is {listed}.")
