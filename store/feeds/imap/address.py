"""The address of a mailbox on a server: imaps://user@host[:port]/FOLDER (RFC 5092, without its extras)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from store.errors import BadInput, Refused

SCHEMES = ("imaps", "imap")
"""TLS from the start, and TLS by STARTTLS."""

_PORTS = {"imaps": 993, "imap": 143}
_URL = re.compile(r"(imaps?)://(.*)", re.IGNORECASE | re.DOTALL)
_BRACKETS = re.compile(r"\[[0-9A-Fa-f:.]*\]")
_SECRET = re.compile(r"[^@]*:.*@|.*:(?!\d{1,5}(?:/|$)).*@", re.DOTALL)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?")
_FORM = "The address of a mailbox on a server is imaps://user@host/FOLDER, with :port behind the host if it is not 993"
_INBOX = "INBOX"
_KEPT = "!$&'()*+,;=@"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder of an account on an IMAP server.

    Attributes:
        scheme: "imaps" or "imap".
        user: the name to log in with.
        host: name or address, IPv6 without brackets.
        folder: its whole name, levels divided as the server divides them.
    """

    scheme: str
    user: str
    host: str
    port: int
    folder: str

    @property
    def url(self) -> str:
        """The address as it is shown and kept; always the same for the same folder."""
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{quote(self.user, _KEPT)}@{host}{port}/{quote(self.folder, _KEPT + '/')}"

    @property
    def server(self) -> str:
        """Host and port, for people."""
        return f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether the server is this machine, so that nobody on the way can listen."""
        if self.host.casefold() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def is_mailbox(text: str) -> bool:
    """Tell whether ``text`` is meant to be the address of a mailbox on a server."""
    return _URL.match(text) is not None


def mailbox_of(text: str) -> Mailbox:
    """Return the mailbox that ``text`` names; no sentence of an error repeats it, for a password may stand in it.

    Raises:
        BadInput: it names none.
        Refused: a password stands in it.
    """
    match = _URL.match(text)
    if match is None:
        raise BadInput(f"{_FORM}.")
    scheme, rest = match[1].lower(), match[2]
    # A colon in front of an "@" divides a user from a password, unless a port and a folder with an "@" follow it.
    if _SECRET.match(_BRACKETS.sub("", rest)):
        raise Refused(
            "A password in an address can be seen by everybody on this machine and stays in the shell's history (change"
            " it there); leave it out, and name a file with --password-file, set AFTERSEND_IMAP_PASSWORD, or keep it in"
            " the keyring (keyring set aftersend user@host)."
        )
    server, _, folder = rest.partition("/")
    user, at, place = server.rpartition("@")
    host = _HOST.fullmatch(place)
    if not at or not user or host is None:
        raise BadInput(f"{_FORM}.")
    port = int(host[2]) if host[2] else _PORTS[scheme]
    found = Mailbox(scheme, _plain(user), host[1].strip("[]").lower(), port, _plain(folder) or _INBOX)
    if not 0 < port < 1 << 16:
        raise BadInput(f"{found.host} has no port {port}; ports go from 1 to 65535.")
    return found


def _plain(text: str) -> str:
    """Return a part of an address with its %XX read.

    Raises:
        BadInput: a control character or a broken one stands in it.
    """
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise BadInput(f"{_FORM}; what stands as %XX in it must be UTF-8.") from error
    if any(ord(char) < 32 or ord(char) == 127 for char in plain):
        raise BadInput(f"{_FORM}, without control characters.")
    return plain
