"""The server that takes our mails and passes them on, and how it is to be treated."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote

from store.errors import BadInput, Refused

PREFIX: Final = "relay:"
"""What the name of a relay's setting begins with."""

_URL = re.compile(r"(smtps?)://(?:(?P<user>[^@/]*)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?P<port>\d{1,5}))?/?")
_FORM = "The address of a relay is smtp://user@host:587, or smtps://user@host for TLS from the start"
_NAME = re.compile(r"[\w.-]{1,64}")
_PORTS = {"smtp": 587, "smtps": 465}
_MOST = {"connections": 200, "per_connection": 1_000_000, "retry_s": 86_400, "retry_most_s": 7 * 86_400}
_DAYS = 30


class Security(StrEnum):
    """How the way to a relay is secured: STARTTLS or TLS from the start, always verified; or not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay.

    Attributes:
        name: as operators call it.
        host: name or address, IPv6 without brackets.
        security: what must be there before anything is sent.
        user: the name to log in with; "": no login.
        password_file: a file with the password; "": the environment or the keyring (:mod:`store.secrets`).
        ca_file: certificates (PEM) to trust instead of the system's; "": those.
        rate: mails a second over all connections; 0: as fast as it goes.
        domain_rate: mails a second to one receiving domain; 0: as fast as it goes.
        connections: how many at a time.
        per_connection: mails after which a connection is closed and made anew; 0: never.
        retry_s: seconds after which a mail that was put off is tried again; each further pause is twice as long.
        retry_most_s: the longest pause.
        give_up_s: seconds after the first try after which a mail that is put off again is given up.
        sender_domain: the domain of Message-IDs; "": that of the From address.
        verp: pattern of the envelope sender ("bounces+{recipient}@news.shop.example"); "": the From address.
        unsubscribe: pattern of the List-Unsubscribe URL; "": none.
    """

    name: str
    host: str
    port: int
    security: Security
    user: str = ""
    password_file: str = ""
    ca_file: str = ""
    rate: float = 0
    domain_rate: float = 0
    connections: int = 4
    per_connection: int = 100
    retry_s: float = 60
    retry_most_s: float = 3600
    give_up_s: float = 86_400
    sender_domain: str = ""
    verp: str = ""
    unsubscribe: str = ""

    @property
    def server(self) -> str:
        """Host and port, for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The address as it is shown."""
        scheme = "smtps" if self.security is Security.TLS else "smtp"
        return f"{scheme}://{f'{self.user}@' if self.user else ''}{self.server}"

    @property
    def loopback(self) -> bool:
        """Whether the relay is this machine, so that nobody on the way can listen."""
        return is_loopback(self.host)

    def pause_s(self, attempts: int) -> float:
        """Return how long to wait before the next try of a mail that was put off ``attempts`` times (1 or more)."""
        return float(min(self.retry_most_s, self.retry_s * 2.0 ** min(attempts - 1, 40)))


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def relay_at(name: str, url: str, security: Security | None = None) -> Relay:
    """Return a relay as its address alone tells it.

    Without ``security`` it is STARTTLS (smtps: TLS), and on this machine nothing. No sentence of an error repeats the
    address, for a password may stand in it.

    Raises:
        BadInput: the name or the address is none.
        Refused: a password stands in the address, or the security contradicts it.
    """
    if not _NAME.fullmatch(name):
        raise BadInput("The name of a relay is letters, digits, dots, hyphens and underscores, 64 of them at most.")
    match = _URL.fullmatch(url.strip())
    if match is None:
        raise BadInput(f"{_FORM}.")
    user = unquote(match["user"] or "")
    if ":" in (match["user"] or ""):
        raise Refused(
            "A password in an address can be seen by everybody on this machine and stays in the shell's history (change"
            " it there); leave it out, and name a file with --password-file, set AFTERSEND_SMTP_PASSWORD, or keep it in"
            " the keyring (keyring set aftersend user@host)."
        )
    scheme, host = match[1], match["host"].strip("[]").lower()
    port = int(match["port"]) if match["port"] else _PORTS[scheme]
    if any(ord(char) < 33 or ord(char) == 127 for char in user) or not 0 < port < 1 << 16:
        raise BadInput(f"{_FORM}; ports go from 1 to 65535.")
    if scheme == "smtps" and security not in {None, Security.TLS}:
        raise Refused(f"smtps:// is TLS from the start; for {security} write smtp://.")
    if security is None:
        security = Security.NONE if is_loopback(host) else Security.STARTTLS
        security = Security.TLS if scheme == "smtps" else security
    return Relay(name, host, port, security, user)


def checked(relay: Relay) -> Relay:
    """Return the relay if its settings can be used.

    Raises:
        BadInput: a number is out of its range, or a pattern cannot be filled in.
        Refused: a password would go over the network in the clear.
    """
    if relay.user and relay.security is Security.NONE and not relay.loopback:
        raise Refused(f"Without TLS the password for {relay.host} would go over the network in the clear.")
    for name in ("rate", "domain_rate"):
        if not 0 <= getattr(relay, name) <= 100_000:
            raise BadInput(f"{_spoken(name)} is a number of mails a second from 0 (no limit) to 100,000.")
    for name, most in _MOST.items():
        least = 0 if name == "per_connection" else 1
        if not least <= getattr(relay, name) <= most:
            raise BadInput(f"{_spoken(name)} is a number from {least} to {most:,}.")
    if not relay.retry_s <= relay.give_up_s <= _DAYS * 86_400:
        raise BadInput(f"give-up is from one pause between two tries to {_DAYS} days.")
    if relay.verp and ("{recipient}" not in relay.verp or relay.verp.count("@") != 1):
        raise BadInput("verp is an address with {recipient} in it, for example bounces+{recipient}@news.shop.example.")
    if relay.unsubscribe and not relay.unsubscribe.startswith(("https://", "http://", "mailto:")):
        raise BadInput(
            "unsubscribe is a URL (https:// for one-click, RFC 8058), for example https://shop.example/u/{key}."
        )
    return relay


def to_text(relay: Relay) -> str:
    """Return a relay as it is kept, without its name."""
    return json.dumps({name: value for name, value in asdict(relay).items() if name != "name"}, sort_keys=True)


def from_text(name: str, text: str) -> Relay:
    """Return the relay that :func:`to_text` wrote; what a newer version added is left out."""
    known = {field.name for field in fields(Relay)} - {"name"}
    values: Mapping[str, Any] = json.loads(text)
    found = {key: value for key, value in values.items() if key in known}
    return Relay(name, **{**found, "security": Security(found["security"])})


def _spoken(name: str) -> str:
    return name.removesuffix("_s").replace("_", "-")
