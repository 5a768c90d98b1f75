"""Lines of an access log as text: common and combined (nginx, Apache), virtual hosts first, other fields behind."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from store.feeds.access.request import NotRead, Request, first_address, host_of, is_address, split_target
from store.feeds.stamps import MONTHS

LONGEST = 1 << 16
"""Bytes of the longest line that is read; servers take no request line as long as that (RFC 9112 3)."""

_TIME = re.compile(rb"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] ")
# Possessive: a quote that is never closed is found out in one go.
_ASKED = re.compile(rb'"([A-Z]{3,20}) ([^"\\]*+(?:\\.[^"\\]*+)*+)" (\d{3})(?!\S)')
_QUOTED = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"')
_CLIENT = re.compile(rb"((?:\d{1,3}\.){3}\d{1,3}) ")
_ESCAPE = re.compile(rb'\\(?:x([0-9A-Fa-f]{2})|(["\\]))')
_FIELDS = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_text_line(line: bytes) -> bool:
    """Tell whether a line is one of an access log in one of the usual forms."""
    time = _TIME.search(line[:LONGEST])
    return time is not None and _ASKED.match(line, line.find(b'"', time.end())) is not None


def line_ms(line: bytes) -> int | None:
    """Return the time of a line in epoch milliseconds, None if it has none."""
    time = _TIME.search(line[:LONGEST])
    return clf_ms(time[1]) if time else None


def read_line(line: bytes) -> Request | None:
    """Return the request of a line, None if the line tells of none (garbage that the server refused).

    Raises:
        NotRead: the line has another form.
    """
    time = _TIME.search(line)
    if time is None:
        raise NotRead("a line of an access log was expected, with its time in brackets")
    start = line.find(b'"', time.end())
    asked = _ASKED.match(line, start) if start >= 0 else None
    if asked is None:
        if _QUOTED.match(line, max(start, 0)):
            return None
        raise NotRead("the request in quotes is missing or not closed")
    ts = clf_ms(time[1])
    if ts is None:
        raise NotRead("there is no such day or time")
    target, blank, protocol = asked[2].rpartition(b" ")
    if not blank or not protocol.startswith(b"HTTP/"):
        target = asked[2]
    path, query, host = split_target(plain_text(target))
    quoted = _quoted(line, asked.end())
    agent = plain_text(quoted[1]) if len(quoted) > 1 else ""
    forwarded = (first_address(field.decode("latin-1")) for field in quoted[2:])
    vhost, client = _before(line[: time.start()])
    client = next(filter(None, forwarded), client)
    return Request(
        ts, asked[1].decode("ascii"), path, query, int(asked[3]), client, "" if agent == "-" else agent, host or vhost
    )


def plain_text(data: bytes) -> str:
    r"""Return a field with what the server escaped put back (nginx: ``\x22``, Apache: ``\"``), as text."""
    if b"\\" in data:
        data = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()) if found[1] else found[2], data)
    return data.decode("utf-8", "replace")


@lru_cache(maxsize=4096)
def clf_ms(stamp: bytes) -> int | None:
    """Return the epoch milliseconds of ``02/Mar/2026:08:00:02 +0100``, None if there is no such time."""
    try:
        offset = timedelta(hours=int(stamp[21:24]), minutes=int(stamp[21:22] + stamp[24:26]))
        moment = datetime(
            int(stamp[7:11]),
            MONTHS[stamp[3:6]],
            int(stamp[:2]),
            int(stamp[12:14]),
            int(stamp[15:17]),
            min(int(stamp[18:20]), 59),
            tzinfo=timezone(offset),
        )
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, KeyError, OverflowError):
        return None


def _quoted(line: bytes, start: int) -> list[bytes]:
    """Return the fields in quotes behind ``start``; the first one that is not closed ends them."""
    found: list[bytes] = []
    at = line.find(b'"', start)
    while at >= 0 and len(found) < _FIELDS:
        field = _QUOTED.match(line, at)
        if field is None:
            break
        found.append(field[1])
        at = line.find(b'"', field.end())
    return found


def _before(head: bytes) -> tuple[str, str]:
    """Return (host, client) of what stands before the time: a virtual host, the client, its names."""
    alone = _CLIENT.match(head)
    if alone:
        return "", alone[1].decode("ascii")
    words = head.decode("utf-8", "replace").split(None, 8)
    for at, word in enumerate(words[:8]):
        client = word.rstrip(",")
        if is_address(client):
            return (host_of(words[at - 1]) if at == 1 and len(words) > 3 else ""), client.strip("[]")
    # The server looked names up: "client - -", or "host client - -".
    return (host_of(words[0]), words[1]) if len(words) == 4 else ("", words[0] if words else "")
