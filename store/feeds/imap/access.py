"""What the operator said about servers, as a connection needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from store.secrets import Account, Ask, Secret, find_secret


@dataclass(frozen=True, slots=True)
class Access:
    """How a server is reached.

    Attributes:
        secret: gives the password or token of a user on a host; asked for every login.
        ca_file: certificates (PEM) of the authorities to trust instead of the system's.
        plain: log in without TLS under imap:// (True), never (False), or on this machine only (None).
        connect_s: seconds to be reached in.
        answer_s: seconds between two pieces of an answer.
    """

    secret: Callable[[str, str], Secret]
    ca_file: Path | None = None
    plain: bool | None = None
    connect_s: float = 20
    answer_s: float = 60


def access(options: Mapping[str, str], ask: Ask | None = None) -> Access:
    """Return how a mailbox is reached; files are read anew for every login.

    Args:
        options: "password-file", "token-file", "ca-file": paths; "no-tls": if it is there, TLS is not asked for.
        ask: asks on the terminal; asked again, it remembers.
    """
    files = _path(options, "password-file"), _path(options, "token-file")
    kept: list[Secret] = []

    def secret(user: str, host: str) -> Secret:
        if kept:
            return kept[0]
        found = find_secret(Account("imap", user, host, *files), ask)
        if any(path and not path.is_file() for path in files):
            # A pipe gives it once.
            kept.append(found)
        return found

    return Access(secret, _path(options, "ca-file"), True if "no-tls" in options else None)


def _path(options: Mapping[str, str], name: str) -> Path | None:
    return Path(options[name]) if name in options else None
