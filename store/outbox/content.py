"""What a mail is made of: the message, the person it goes to, and how it is sent. Nothing here knows a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


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
    """

    subject: str
    sender: str
    text: str
    html: str = ""
    reply_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()


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
        unsubscribe: pattern of the List-Unsubscribe URL; "": none.
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
