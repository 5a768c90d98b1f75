"""From the lines of an access log to records: which requests are clicks, opens and unsubscriptions, and of whom.

A GET or HEAD of a click's or a pixel's path counts if the server answered it with what belongs there; a HEAD, which no
mail program and no browser sends for a link, is a machine's, and so is the GET that the same client sends after it. On
an unsubscribe path a POST counts (RFC 8058 3.1), a GET is a look at the page, of a person or a scanner, and is nothing.

The request is what is known again: time (as exact as the log tells it), client, user agent and target. Two equal
requests within the second of a log that tells only seconds are one; requests that differ in anything are two.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from store.feeds.access.lines import LONGEST, read_line
from store.feeds.access.objects import read_object
from store.feeds.access.patterns import Pattern, Values, WebPaths
from store.feeds.access.request import NotRead, Request
from store.feeds.actors import actor_of, is_robot
from store.feeds.record import Defect, Record
from store.feeds.stamps import Clock
from store.vocabulary import Actor, EventType, Source

GIVEN = frozenset({200, 204, 206, 301, 302, 303, 304, 307, 308})
"""Answers to a GET that gave the picture, or led to the target."""

TAKEN = frozenset({200, 201, 202, 204, 302, 303})
"""Answers to a POST that was carried out; one that was only sent elsewhere comes again there."""

HEAD_THEN_GET_MS = 10_000
"""Within this time a GET of the same client for the same target belongs to the HEAD before it."""

_HEADS = 10_000
_LONGEST_NAME = 512
_NOBODY = re.compile(r"[0-]*|-|null|undefined|anonymous", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9_+/-]{8,}={0,2}")
_Person = tuple[str, str | None]


class AccessLog:
    """What the lines so far said; lines of several rotated logs may follow each other."""

    def __init__(self, paths: WebPaths, campaign: str | None = None, zone: tzinfo | None = None) -> None:
        """Start a log.

        Args:
            paths: what the server's paths mean.
            campaign: of every request, whatever its path says; None: what the path says.
            zone: of times that name none; None: they are defects.
        """
        self._paths = paths
        self._campaign = campaign
        self._zone = zone
        self._anchors = tuple({pattern.anchor for pattern in paths.patterns})
        self._heads: dict[str, int] = {}

    def to_json(self) -> dict[str, Any]:
        """Return what the lines so far said, as JSON values."""
        return {"heads": list(self._heads.items())}

    def from_json(self, values: dict[str, Any]) -> None:
        """Know again what :meth:`to_json` returned."""
        self._heads = dict(values["heads"])

    def records(self, lines: Iterable[bytes], clock: Clock, first: int = 1) -> Iterator[Record | Defect]:
        """Yield the records of the lines of one log, of which the first one has the number ``first``.

        Lines that cannot hold one of the paths are passed over unread.
        """
        anchors = self._anchors
        for number, line in enumerate(lines, first):
            for anchor in anchors:
                if anchor in line:
                    break
            else:
                # JSON may escape the slashes that an anchor has.
                if b"\\/" not in line:
                    continue
            found = self._read(line, f"line {number}")
            if found is not None:
                yield found

    def _read(self, line: bytes, where: str) -> Record | Defect | None:
        if len(line) > LONGEST:
            return Defect(where, f"the line is longer than {LONGEST:,} bytes")
        try:
            request = read_object(line, self._zone) if line.lstrip()[:1] == b"{" else read_line(line)
        except NotRead as error:
            return Defect(where, str(error))
        if request is None:
            return None
        for pattern in self._paths.patterns:
            if pattern.host and request.host and pattern.host != request.host:
                continue
            found = pattern.values(request.path, request.query)
            if found is not None:
                return self._record(request, pattern, found, where)
        return None

    def _record(self, request: Request, pattern: Pattern, found: Values, where: str) -> Record | None:
        kind = pattern.kind
        known = f"{request.client}\x1f{request.agent}\x1f{request.path}\x1f{request.query}"
        identity = blake2b(known.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
        head = request.method == "HEAD" and kind is not EventType.UNSUBSCRIBED
        if head:
            self._remember(identity, request.ts)
        if kind is EventType.UNSUBSCRIBED:
            counts = request.method == "POST" and request.status in TAKEN
        else:
            counts = (head or request.method == "GET") and request.status in GIVEN
        if not counts:
            return None
        address, contact = self._person(found.get("recipient", ""))
        return Record(
            kind,
            request.ts,
            address,
            Source.ACCESS,
            where,
            campaign=self._campaign or _printable(found.get("campaign", "")) or None,
            identity=f"HEAD {identity}" if head else identity,
            actor=Actor.MACHINE if head or self._probed(identity, request.ts) else _actor(kind, request),
            url=self._url(request, pattern, found) if kind is EventType.CLICKED else None,
            contact=contact,
        )

    def _remember(self, identity: str, ts: int) -> None:
        if len(self._heads) >= _HEADS:
            del self._heads[next(iter(self._heads))]
        self._heads[identity] = ts

    def _probed(self, identity: str, ts: int) -> bool:
        """Tell whether the same request was a HEAD a moment ago."""
        before = self._heads.get(identity) if self._heads else None
        return before is not None and 0 <= ts - before <= HEAD_THEN_GET_MS

    def _person(self, text: str) -> _Person:
        """Return (address, contact's id) of the recipient that a path names; neither if it names nobody."""
        tokens = self._paths.tokens
        if not tokens:
            return _person(text)
        known = tokens.get(text)
        # Where tokens have a table, one that is missing there may look like somebody's id and is not.
        return _person(known) if known is not None else (_person(text)[0], None)

    def _url(self, request: Request, pattern: Pattern, found: Values) -> str:
        """Return the link: its target if that is known, else what stands for it in the path, else the page."""
        if found.get("url"):
            return found["url"].replace("\x00", "")
        link = found.get("link")
        if link:
            return self._paths.links.get(link) or pattern.before + link.replace("\x00", "")
        return request.path


@lru_cache(maxsize=1 << 14)
def _person(text: str) -> _Person:
    name = text.strip()
    if len(name) > _LONGEST_NAME or _NOBODY.fullmatch(name) or not name.isprintable():
        return "", None
    if "@" in name:
        return name, None
    if _BASE64.fullmatch(name):
        hidden = _decoded(name)
        if hidden is not None:
            return hidden, None
    return "", name


def _decoded(text: str) -> str | None:
    """Return the address in base64 text of either alphabet (RFC 4648 4, 5), None if there is none."""
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        found = urlsafe_b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8")
    except ValueError:
        return None
    local, at, domain = found.rpartition("@")
    likely = at and local and "." in domain and found.isprintable() and " " not in found
    return found if likely else None


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def _actor(kind: EventType, request: Request) -> Actor:
    if is_robot(request.agent):
        return Actor.MACHINE
    return actor_of(kind, "", request.agent, request.client)
