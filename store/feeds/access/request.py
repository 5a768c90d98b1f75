"""One request as an access log tells it, whatever the form of its line."""

from __future__ import annotations

import re
from typing import NamedTuple

_ADDRESS = re.compile(
    r"(?:\d{1,3}\.){3}\d{1,3}|\[?(?=[0-9A-Fa-f:]{0,40}::|(?:[0-9A-Fa-f]{1,4}:){7})[0-9A-Fa-f:.]{2,45}\]?"
)
_PORT = re.compile(r":\d{1,5}\Z")
_TARGET_HOST = re.compile(r"https?://([^/?]*)", re.IGNORECASE)


class Request(NamedTuple):
    """A request and its answer.

    Attributes:
        ts: epoch milliseconds UTC, as exact as the log tells it.
        method: "GET", "HEAD", "POST", ...
        path: the path as it was asked for, percent-encoded.
        query: what stood behind its "?", "" if nothing did.
        status: the answer's status code.
        client: who asked: the first address of X-Forwarded-For, if the log has it.
        agent: the user agent, "" if the log has none.
        host: the host that was asked, without a port; "" if the log tells none.
    """

    ts: int
    method: str
    path: str
    query: str
    status: int
    client: str
    agent: str
    host: str


class NotRead(Exception):
    """A line that cannot be read; the text says why."""


def is_address(text: str) -> bool:
    """Tell whether a text has the form of an IPv4 or IPv6 address."""
    return _ADDRESS.fullmatch(text) is not None


def first_address(text: str) -> str:
    """Return the first address of a list like X-Forwarded-For's, "" if it begins with none."""
    first = text.partition(",")[0].strip()
    return first.strip("[]") if is_address(first) else ""


def host_of(text: str) -> str:
    """Return a host name in small letters and without its port, "" for a server's catch-all ("_", "-")."""
    name = _PORT.sub("", text.strip())
    return "" if name in {"_", "-"} else name.lower()


def split_target(target: str) -> tuple[str, str, str]:
    """Return (path, query, host) of a request's target; the host only if it is a whole URL (RFC 9112 3.2)."""
    host = ""
    if not target.startswith("/"):
        whole = _TARGET_HOST.match(target)
        if whole:
            host, target = host_of(whole[1]), target[whole.end() :] or "/"
    path, _, query = target.partition("?")
    return path, query.partition("#")[0], host
