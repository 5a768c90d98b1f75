"""Building mails: pure; from a message, a person and how it is sent always the same mail.

The Message-ID begins with the campaign's key and a dot, the return path names the recipient (VERP), X-Campaign-ID names
the campaign: that is how the feeds know each mail again in logs and bounces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from store.cleaning import clean
from store.errors import BadInput
from store.feeds.verp import verp_recipient
from store.outbox.content import How, Message, Part, Person
from store.outbox.headers import (
    LONGEST,
    SMTP,
    check_value,
    folded,
    mailbox,
    mailbox_value,
    split_mailbox,
    text_value,
    wire_address,
)
from store.outbox.mailid import boundary, is_key, token
from store.outbox.person import known
from store.outbox.places import RECIPIENT, filled_link
from store.outbox.template import Filled, Template, is_safe

TEST: Final = "[Test] "
"""What begins the subject of a test mail."""

_LONGEST_LOCAL: Final = 64
_LONGEST_NAME: Final = 100
_STRUCTURED: Final = frozenset({"sender", "list-id", "list-help", "list-archive", "list-post", "list-owner"})
"""Headers that hold addresses and links; encoded words have no place there (RFC 2047 5)."""
_MAIL_ID: Final = re.compile(r"[!#-'*+./0-9=?A-Z^_`a-z{|}~-]+@[!#-'*+./0-9=?A-Z^_`a-z{|}~-]+")
_CONTENT_ID: Final = re.compile(r"[!#-'*+./0-9=?A-Z^_`a-z{|}~@-]{1,100}")
_TYPE: Final = re.compile(r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}")


class Composer:
    """Builds the mails of one message; for one thread.

    Args:
        message: the message.
        how: how its mails are sent.

    Raises:
        BadInput: the message itself makes no mail (a text is no template, From is no address, the key is none).
    """

    def __init__(self, message: Message, how: How) -> None:
        if not is_key(how.campaign):
            raise BadInput(f"“{how.campaign}” cannot begin a Message-ID; letters, digits, - and _ make a key")
        self.message = message
        self.how = how
        self.template = Template(message)
        name, self._address = split_mailbox("From", message.sender)
        self._from = mailbox("From", name, self._address)
        self.domain = self._address.rpartition("@")[2].lower()
        """The domain of From."""
        self._bounces = _bounces(how.verp.strip()) or self._address
        self._reply_to = mailbox_value("Reply-To", message.reply_to) if message.reply_to.strip() else ""
        self._mail_to = wire_address(how.unsubscribe_mail) if how.unsubscribe_mail.strip() else ""
        for part in message.parts:
            _check_part(part)

    def mail(self, person: Person) -> bytes:
        """Return the mail of one person: CRLF, ASCII, no line longer than 998 bytes, without the dots of SMTP.

        Raises:
            FieldError: a field that is printed is empty, or cannot stand in a mail.
            BadInput: a header or the address cannot be written.
        """
        filled = self.filled(person)
        built = self._body(filled, person.mail_id)
        # The body was set first, so that its headers are known; they stand last in a mail that people look at.
        described = [(name, value) for name, value in built.items() if name.lower() != "mime-version"]
        for name, _ in built.items():
            del built[name]
        for name, value in (*self._headers(person, filled), ("MIME-Version", "1.0"), *described):
            built[name] = value
        data = built.as_bytes()
        if any(len(line) > LONGEST for line in data.split(b"\r\n")):
            raise BadInput("a line of the mail is longer than 998 bytes")
        return data

    def try_out(self, person: Person) -> None:
        """Fill the texts and look at what is the person's own in the headers, without writing the mail.

        Raises:
            FieldError: a field that is printed is empty, or cannot stand in a mail.
            BadInput: a header or the address cannot be written.
        """
        link = self.how.unsubscribe.strip()
        own = {"campaign": self.how.campaign, "unsubscribe": link, "token": "token"}
        filled = self.template.filled(known(person) | own)
        wire_address(person.address)
        check_value("To", person.name)
        check_value("Subject", filled.subject)
        for name, value in filled.headers:
            _header(name, value)

    def sender(self, person: Person) -> str:
        """Return the envelope sender that names the recipient, or one that names nobody where none can.

        A local part may have 64 bytes (RFC 5321 4.5.3.1.1); what comes back to the plain one is known by Message-ID.
        """
        if RECIPIENT not in self._bounces:
            return self._bounces
        if self.how.test:
            return wire_address(_plain(self._bounces))
        to = wire_address(person.address)
        verp = self._bounces.replace(RECIPIENT, "=".join(to.rsplit("@", 1)))
        if len(verp.rpartition("@")[0]) <= _LONGEST_LOCAL and '"' not in verp and verp_recipient(verp) == to:
            return verp
        return wire_address(_plain(self._bounces))

    def unsubscribe(self, person: Person) -> str:
        """Return the person's link to unsubscribe, "" if there is no pattern."""
        values = {
            "token": token(person.mail_id),
            "address": person.address.strip(),
            "crm_id": person.crm_id,
            "campaign": self.how.campaign,
        }
        return filled_link(self.how.unsubscribe.strip(), values)

    def filled(self, person: Person) -> Filled:
        """Return the texts of the person's mail.

        Raises:
            FieldError: a field that is printed is empty, or cannot stand in a mail.
        """
        return self.template.filled(self.values(person))

    def values(self, person: Person) -> dict[str, str]:
        """Return the merge fields of a person by name, "" where nothing is known."""
        return known(person) | {
            "campaign": self.how.campaign,
            "unsubscribe": self.unsubscribe(person),
            "token": token(person.mail_id),
        }

    def _headers(self, person: Person, filled: Filled) -> Iterator[tuple[str, str]]:
        message, how = self.message, self.how
        if not _MAIL_ID.fullmatch(person.mail_id):
            raise BadInput(f"“{person.mail_id}” is no Message-ID")
        yield "From", self._from
        yield "To", mailbox("To", person.name, wire_address(person.address))
        if self._reply_to:
            yield "Reply-To", self._reply_to
        yield "Subject", text_value("Subject", (TEST if how.test else "") + filled.subject)
        yield "Date", format_datetime(how.date)
        yield "Message-ID", folded("Message-ID", f"<{person.mail_id}>")
        if not how.test:
            yield "X-Campaign-ID", how.campaign
        link = self.unsubscribe(person)
        ways = [f"<{link}>"] if link else []
        ways += [f"<mailto:{self._mail_to}?subject=unsubscribe%20{token(person.mail_id)}>"] if self._mail_to else []
        if ways:
            yield "List-Unsubscribe", folded("List-Unsubscribe", ", ".join(ways))
        if link.lower().startswith("https://"):
            yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
        if how.automatic:
            yield "Auto-Submitted", "auto-generated"
        if message.language:
            yield "Content-Language", folded("Content-Language", message.language)
        for name, value in filled.headers:
            yield name, _header(name, value)

    def _body(self, filled: Filled, mail: str) -> EmailMessage:
        """Return a mail with its body: text and HTML as alternatives, images with the HTML, files beside both."""
        built = EmailMessage(policy=SMTP)
        if filled.text or not filled.html:
            built.set_content(filled.text, subtype="plain", charset="utf-8")
            if filled.html:
                built.add_alternative(filled.html, subtype="html", charset="utf-8")
        else:
            built.set_content(filled.html, subtype="html", charset="utf-8")
        shown = built.get_body(("html",))
        for part in self.message.parts:
            main, _, sub = part.type.partition("/")
            if part.content_id and shown is not None:
                cid = f"<{part.content_id}>"
                shown.add_related(part.content, main, sub, filename=part.name, disposition="inline", cid=cid)
            else:
                built.add_attachment(part.content, main, sub, filename=part.name)
        for depth, piece in enumerate(one for one in built.walk() if one.is_multipart()):
            piece.set_boundary(boundary(mail, depth))
        return built


def _header(name: str, value: str) -> str:
    return (folded if name.lower() in _STRUCTURED else text_value)(name, value)


def _bounces(pattern: str) -> str:
    """Return the pattern of an envelope sender with its domain in IDNA; "" stays.

    Raises:
        BadInput: with a recipient in its place it is no address.
    """
    if not pattern:
        return ""
    tried = wire_address(pattern.replace(RECIPIENT, "x=x.example"))
    return f"{pattern.rpartition('@')[0]}@{tried.rpartition('@')[2]}"


def _plain(pattern: str) -> str:
    """Return a pattern's address without the recipient: bounces+{recipient}@ours is bounces@ours."""
    local, _, domain = pattern.rpartition("@")
    return f"{local.partition(RECIPIENT)[0].rstrip('+-=_.')}@{domain}"


def _check_part(part: Part) -> None:
    """Refuse a file whose name or type could write into a header.

    Raises:
        BadInput: it could.
    """
    if not is_safe(part.name) or not 0 < len(part.name) <= _LONGEST_NAME or not _TYPE.fullmatch(part.type):
        raise BadInput(f"the file {clean(part.name)[:_LONGEST_NAME]} has a name or a type that no header can hold")
    if part.content_id and not _CONTENT_ID.fullmatch(part.content_id):
        raise BadInput(f"the image {part.name} has no name that the HTML can call it by")
