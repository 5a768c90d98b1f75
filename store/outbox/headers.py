"""Headers as they go over the wire: 7-bit, folded, and never two of them where one was meant.

Python's own folding writes a long link or Message-ID as encoded words (github.com/python/cpython/issues/78206 and its
kin), which no mail program reads; so values are encoded here and :class:`AsWritten` leaves them alone.
"""

from __future__ import annotations

import re
from base64 import b64encode
from email.policy import EmailPolicy
from email.utils import parseaddr
from functools import lru_cache
from typing import Any, Final

from store.cleaning import clean
from store.errors import BadInput
from store.outbox.template import is_safe
from store.syntax import is_address

WIDTH: Final = 76
"""How long a line of a header is where it can be folded (RFC 2047 2; RFC 5322 2.1.1 would allow 78)."""

LONGEST: Final = 998
"""How long a line may be at most (RFC 5322 2.1.1)."""

OURS: Final = frozenset(
    (
        "from to cc bcc date message-id subject reply-to mime-version return-path received dkim-signature"
        " list-unsubscribe list-unsubscribe-post x-campaign-id auto-submitted content-language resent-from resent-to"
        " arc-seal arc-message-signature arc-authentication-results authentication-results"
    ).split()
)
"""Headers that the program writes itself or that a mail server adds; in small letters."""

_NAME: Final = re.compile(r"[!-9;-~]{1,76}")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_MAILBOX: Final = re.compile(
    r"\s*(?:(?P<name>\"(?:[^\"\\]|\\.)*\"|[^<>\",]*?)\s*<(?P<inside>[^<>\s]+)>|(?P<bare>[^<>\s,]+))\s*"
)


class AsWritten(EmailPolicy):
    """The policy of mails whose headers were encoded and folded before they were set."""

    def header_max_count(self, name: str) -> int | None:
        """Return None: whoever sets the headers sets each of them once."""
        return None

    def header_store_parse(self, name: str, value: Any) -> tuple[str, str]:
        """Take a header as it is; only what :func:`folded` or the package itself makes ever comes here."""
        return name, str(value)

    def header_fetch_parse(self, name: str, value: str) -> str:
        """Return a header as it was set."""
        return value

    def fold(self, name: str, value: str) -> str:
        """Return the header's lines."""
        return f"{name}: {value}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the header's lines.

        Raises:
            UnicodeEncodeError: it is not ASCII.
        """
        return self.fold(name, value).encode("ascii")


SMTP: Final = AsWritten(linesep="\r\n", max_line_length=WIDTH + 2, cte_type="7bit")
"""The policy of mails on their way to a server."""


def is_header_name(text: str) -> bool:
    """Tell whether a text can name a header that a message sets itself."""
    small = text.lower()
    return _NAME.fullmatch(text) is not None and small not in OURS and not small.startswith("content-")


def text_value(name: str, text: str) -> str:
    """Return words for people (a subject) as the value of a header: encoded where they must be, folded.

    Raises:
        BadInput: they hold a line break or another control character.
    """
    _refuse_controls(name, text)
    if text.isascii() and "=?" not in text:
        return folded(name, text)
    return _encoded(name, text)


def mailbox_value(name: str, text: str) -> str:
    """Return "Name <address>" as the value of a header.

    Raises:
        BadInput: it is not one address, or holds a control character.
    """
    return mailbox(name, *split_mailbox(name, text))


def mailbox(header: str, name: str, address: str) -> str:
    """Return a name and an address as the value of a header; the address is ASCII already.

    Raises:
        BadInput: one of them holds a control character.
    """
    _refuse_controls(header, name)
    _refuse_controls(header, address)
    name = " ".join(name.split())
    if not name:
        return folded(header, address)
    if not name.isascii() or "=?" in name or len(name) > WIDTH:
        phrase = _encoded(header, name)
    elif _ATOMS.fullmatch(name):
        phrase = name
    else:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        phrase = f'"{escaped}"'
    last = len(header) + 2 + len(phrase) if "\r\n" not in phrase else len(phrase.rpartition("\r\n")[2])
    gap = " " if last + len(address) + 3 <= WIDTH else "\r\n "
    return f"{phrase}{gap}<{address}>"


def split_mailbox(header: str, text: str) -> tuple[str, str]:
    """Return the name and the address of "Name <address>", the domain in IDNA.

    Raises:
        BadInput: it is not exactly one address.
    """
    _refuse_controls(header, text)
    match = _MAILBOX.fullmatch(text)
    if match is None:
        raise BadInput(f"{header} is not one address: “{clean(text)[:80]}”")
    if match["bare"]:
        return "", wire_address(match["bare"])
    return parseaddr(f"{match['name']} <x@example.org>")[0] if match["name"] else "", wire_address(match["inside"])


@lru_cache(maxsize=4096)
def wire_address(address: str) -> str:
    """Return an address as SMTP takes it without SMTPUTF8: ASCII, the domain in IDNA (RFC 5890).

    Raises:
        BadInput: it is none, or has letters before the @ that need SMTPUTF8 (RFC 6531) at every server on the way.
    """
    text = address.strip()
    if not is_safe(text) or not is_address(text):
        raise BadInput(f"“{clean(text)[:80]}” is no address")
    local, _, domain = text.rpartition("@")
    if not local.isascii():
        raise BadInput(
            f"“{clean(text)[:80]}” has other letters than ASCII before the @, which takes a server with SMTPUTF8 at"
            " every station; it cannot be sent to"
        )
    if domain.isascii():
        return text
    import idna

    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        raise BadInput(f"“{clean(text)[:80]}” is no address: its domain cannot be written in ASCII") from None


def folded(name: str, value: str) -> str:
    """Return an ASCII value folded at its blanks (and nowhere else: a link or an identifier stays whole).

    Raises:
        BadInput: it holds other characters, or a piece longer than any line may be.
    """
    _refuse_controls(name, value)
    if not value.isascii():
        raise BadInput(f"{name} holds other characters than ASCII where none may stand: “{clean(value)[:80]}”")
    words = value.split(" ")
    lines, line = [], f"{name}: {words[0]}"
    for word in words[1:]:
        # A line of blanks alone would end the headers for some readers.
        if len(line) + 1 + len(word) > WIDTH and word and line.strip() and not line.endswith(":"):
            lines.append(line)
            line = f" {word}"
        else:
            line = f"{line} {word}"
    lines.append(line)
    if any(len(one) > LONGEST for one in lines):
        raise BadInput(f"{name} is longer than a line of mail may be")
    return "\r\n".join(lines)[len(name) + 2 :]


def _encoded(name: str, text: str) -> str:
    """Return a text as encoded words (RFC 2047), one a line, none of which cuts a character in two.

    Python's own encoder takes a millisecond and a half for a subject, most of the time that a mail takes.
    """
    quoted = sum(not char.isascii() for char in text) * 3 < len(text)
    before, behind = ("=?utf-8?q?", "?=") if quoted else ("=?utf-8?b?", "?=")
    room = WIDTH - len(name) - len(": ") - len(before) - len(behind)
    words: list[str] = []
    held: list[str] = []
    size = 0
    for char in text:
        code = _quoted(char) if quoted else char
        length = len(code) if quoted else len(char.encode())
        if (size + length if quoted else -(-(size + length) // 3) * 4) > room:
            words.append("".join(held))
            held, size = [], 0
            room = WIDTH - 1 - len(before) - len(behind)
        held.append(code)
        size += length
    words.append("".join(held))
    made = words if quoted else [b64encode(word.encode()).decode() for word in words]
    return "\r\n ".join(f"{before}{word}{behind}" for word in made)


@lru_cache(maxsize=2048)
def _quoted(char: str) -> str:
    """Return a character as an encoded word in a phrase may hold it (RFC 2047 5, rule 3); "_" is a blank."""
    if char == " ":
        return "_"
    if char.isascii() and (char.isalnum() or char in "!*+-/"):
        return char
    return "".join(f"={byte:02X}" for byte in char.encode())


def check_value(name: str, text: str) -> None:
    """Refuse what :func:`text_value` refuses, without the work of writing it.

    Raises:
        BadInput: it holds a line break or another control character.
    """
    _refuse_controls(name, text)


def _refuse_controls(name: str, text: str) -> None:
    if not is_safe(text):
        raise BadInput(f"{name} holds a line break or another control character: “{clean(text)[:80]}”")
