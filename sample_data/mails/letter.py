"""What every mail that comes back is made of."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from zlib import crc32

from sample_data.maillog import mail_host
from sample_data.names import APP_HOST, NEWS_DOMAIN, OUR_MTA
from sample_data.plan import Sending


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that comes back because of another one.

    Attributes:
        sending: the mail that it is about.
        at: when it was written.
        words: what the server said, with its code ("550 5.1.1 ...").
        status: RFC 3463 code for its Status field.
        queue: queue id of the failed mail at our server.
        back: queue id of this mail.
    """

    sending: Sending
    at: datetime
    words: str
    status: str
    queue: str = ""
    back: str = ""

    @property
    def address(self) -> str:
        """The recipient's address as mail servers write it."""
        return self.sending.person.wire_address

    @property
    def host(self) -> str:
        """The server that took, or refused, the mail."""
        return mail_host(self.sending.person.domain)[0]

    @property
    def date(self) -> str:
        """The time in the form of RFC 5322."""
        return format_datetime(self.at)

    @property
    def sent(self) -> str:
        """When the failed mail was sent, in the form of RFC 5322."""
        return format_datetime(self.sending.at)

    @property
    def mark(self) -> str:
        """A short text that is this letter's own, for boundaries and ids."""
        return f"{crc32(f'{self.sending.message_id}{self.at}'.encode()):08x}"

    def envelope(self, host: str) -> str:
        """Return the header lines that our server adds when a mail for the bounce address arrives from ``host``."""
        return (
            "Return-Path: <>\n"
            f"X-Original-To: {self.sending.bounce_address}\n"
            f"Delivered-To: {self.sending.bounce_address}\n"
            f"Received: from {host} by {OUR_MTA} (Postfix) with ESMTPS id {self.back or self.mark.upper()};\n"
            f"\t{self.date}\n"
        )


def encoded(text: str) -> str:
    """Return a header's text, as an encoded word (RFC 2047) if it is not ASCII."""
    return text if text.isascii() else f"=?utf-8?B?{b64encode(text.encode()).decode()}?="


def original_headers(sending: Sending) -> str:
    """Return the header of the mail that was sent."""
    campaign, person = sending.campaign, sending.person
    to = f"{encoded(person.name)} <{person.wire_address}>" if person.name else person.wire_address
    return (
        f"Received: from {APP_HOST} ({APP_HOST} [192.0.2.10])\n"
        f"\tby {OUR_MTA} (Postfix) with ESMTP; {format_datetime(sending.at)}\n"
        f"From: {encoded(campaign.sender)} <news@{NEWS_DOMAIN}>\n"
        f"To: {to}\n"
        f"Subject: {encoded(campaign.subject)}\n"
        f"Message-ID: <{sending.message_id}>\n"
        f"Date: {format_datetime(sending.at)}\n"
        f"X-Campaign-ID: {campaign.key}\n"
        f"List-ID: <{campaign.key}.{NEWS_DOMAIN}>\n"
        f"List-Unsubscribe: <https://{NEWS_DOMAIN}/u/{sending.number}>\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
        "MIME-Version: 1.0\n"
        'Content-Type: text/html; charset="utf-8"\n'
    )


def original(sending: Sending) -> str:
    """Return the mail that was sent, with the first lines of its text."""
    return f"{original_headers(sending)}\n<p>{sending.campaign.subject}</p>\n<p>{sending.campaign.links[0]}</p>\n"


def report(letter: Letter, parts: list[tuple[str, str]], kind: str = "report; report-type=delivery-status") -> str:
    """Return Content-Type and body of a multipart mail from (part's header lines, part's text)."""
    boundary = f"=_{letter.mark}"
    body = "".join(f"--{boundary}\n{header}\n\n{text.rstrip()}\n\n" for header, text in parts)
    return f'MIME-Version: 1.0\nContent-Type: multipart/{kind};\n\tboundary="{boundary}"\n\n{body}--{boundary}--\n'
