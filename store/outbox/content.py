"""What a mail is made of: the message, the person it goes to, and how it is sent. Nothing here knows a database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr
from hashlib import sha256
from typing import Any, Final, Self

FRONT: Final = "message.toml"
"""The file of a message's folder that holds its subject, sender and the rest of the front matter."""
TEXT: Final = "text.txt"
"""The file of a message's folder that holds the plain text."""
HTML: Final = "html.html"
"""The file of a message's folder that holds the HTML."""

_FRONT_MATTER: Final = (
    *("campaign", "language", "return_path", "unsubscribe", "unsubscribe_mail", "automatic", "dkim", "author"),
    *("source", "owner"),
)
_NOT_MAILED: Final = frozenset({"source", "owner"})


@dataclass(frozen=True, slots=True)
class Part:
    """A file that goes with every mail: an attachment, or an image that the HTML shows.

    Attributes:
        name: the file's name.
        type: its media type ("image/png").
        content: its bytes.
        content_id: what the HTML calls it by (cid:…), without angle brackets; "": an attachment.
    """

    name: str
    type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is written, before merging.

    Attributes:
        subject, text, html: templates; ``html`` is "" where there is none.
        sender: the From header ("Ann <ann@shop.example>"); ``reply_to``: the Reply-To header, or "".
        headers: further headers, name -> template.
        fields: values of the front matter that every mail can use.
        parts: files that go with it.
        campaign: the key that the front matter wishes for; "" if it wishes none.
        language: of its text (RFC 5646), "" if it was not told.
        return_path: pattern of the envelope sender, as ``How.verp``; "" if it was not told.
        unsubscribe: pattern of the link that unsubscribes, as ``How.unsubscribe``; "" if it was not told.
        unsubscribe_mail: the address to which a mail unsubscribes; "" for none.
        automatic: it is sent by a program on its own, with no person behind it (RFC 3834).
        dkim: the selector of the key with which the relay signs, "" if it was not told.
        author: who wrote it, as the front matter says; "" if it does not.
        source: the file or folder it was read from.
        owner: the login name of that file's owner, "" if unknown.
    """

    subject: str
    sender: str
    text: str
    html: str = ""
    reply_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    campaign: str = ""
    language: str = ""
    return_path: str = ""
    unsubscribe: str = ""
    unsubscribe_mail: str = ""
    automatic: bool = False
    dkim: str = ""
    author: str = ""
    source: str = ""
    owner: str = ""

    @property
    def address(self) -> str:
        """The address in From, without a name; "" if there is none."""
        return parseaddr(self.sender)[1]

    @property
    def writer(self) -> str:
        """Who counts as the author: whom the front matter names, else the file's owner; "" if nobody is known."""
        return self.author or self.owner

    @property
    def digest(self) -> str:
        """The hash of all that makes its mails what they are; where it was read from does not count."""
        kept = asdict(self)
        kept["parts"] = [
            (part.name, part.type, part.content_id, sha256(part.content).hexdigest()) for part in self.parts
        ]
        mailed = {name: value for name, value in kept.items() if name not in _NOT_MAILED}
        return sha256(json.dumps(mailed, sort_keys=True).encode()).hexdigest()

    def front(self) -> dict[str, Any]:
        """Return the attributes from ``campaign`` on by name, as JSON values."""
        return {name: getattr(self, name) for name in _FRONT_MATTER}

    def with_front(self, values: Mapping[str, Any]) -> Self:
        """Return the message with what :meth:`front` returned; what a newer version added is left out."""
        return replace(self, **{name: value for name, value in values.items() if name in _FRONT_MATTER})

    def part(self, name: str) -> str:
        """Return how people know a part: "text" -> "text.txt" of a folder, "the text" of a mail."""
        if self.source.lower().endswith(".eml"):
            return {"text": "the text", "html": "the HTML part"}.get(name, "the headers")
        return {"text": TEXT, "html": HTML}.get(name, FRONT)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom one mail goes to, as the store knows them; texts are "" where nothing is known.

    Attributes:
        recipient_id: the row in the campaign; 0 for a test mail.
        address: where the mail goes.
        mail_id: the Message-ID without angle brackets, the same at every attempt.
    """

    recipient_id: int
    address: str
    mail_id: str
    name: str = ""
    company: str = ""
    language: str = ""
    responsible: str = ""
    crm_id: str = ""


@dataclass(frozen=True, slots=True)
class How:
    """How the mails of a campaign are sent.

    Attributes:
        campaign: the campaign's key (X-Campaign-ID).
        name: the campaign's name.
        date: the Date header; aware.
        verp: pattern of the envelope sender ("bounces+{recipient}@news.shop.example"); "": the From address.
        unsubscribe: pattern of the link that unsubscribes (:mod:`store.outbox.places`); "": none.
        unsubscribe_mail: the address to which a mail unsubscribes; "": none.
        automatic: whether Auto-Submitted is due (RFC 3834).
        test: a test mail, which says so and counts nowhere.
    """

    campaign: str
    name: str
    date: datetime
    verp: str = ""
    unsubscribe: str = ""
    automatic: bool = False
    test: bool = False
    unsubscribe_mail: str = ""
