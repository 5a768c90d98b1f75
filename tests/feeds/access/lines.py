"""Lines of access logs for tests, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from store.feeds.access.patterns import WebPaths
from store.feeds.access.reader import AccessLog
from store.feeds.record import Defect, Record
from store.feeds.stamps import Clock

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
PATHS = (
    ("click", "/r/{link}?utm_campaign={campaign}&u={recipient}"),
    ("click", "/r/{link}?utm_campaign={campaign}"),
    ("pixel", "/o/{campaign}/{recipient}.gif"),
    ("unsubscribe", "/u/{recipient}"),
)
CLICK = "/r/7f3?utm_campaign=spring-26&u=ann%40shop.example"
PIXEL = "/o/spring-26/ann@shop.example.gif"
UNSUBSCRIBE = "/u/ann@shop.example"
SECOND = 1_772_438_402_000
"""2026-03-02 08:00:02 UTC in epoch milliseconds."""


def line(
    target: str = CLICK,
    *,
    method: str = "GET",
    status: int = 302,
    client: str = "203.0.113.9",
    agent: str = CHROME,
    time: str = "02/Mar/2026:09:00:02 +0100",
) -> str:
    """Return a line in nginx's combined format."""
    return f'{client} - - [{time}] "{method} {target} HTTP/2.0" {status} 0 "-" "{agent}"'


def read(
    *lines: str | bytes, paths: WebPaths | Iterable[tuple[str, str]] = PATHS, zone: tzinfo | None = None
) -> list[Record | Defect]:
    """Return what an access log of these lines says."""
    said = paths if isinstance(paths, WebPaths) else WebPaths.parse(paths)
    data = (one if isinstance(one, bytes) else one.encode() for one in lines)
    return list(AccessLog(said, zone=zone).records((one + b"\n" for one in data), Clock(datetime.now(UTC), None)))


def records(*lines: str | bytes, paths: WebPaths | Iterable[tuple[str, str]] = PATHS) -> list[Record]:
    """Return the records of an access log without defects."""
    found = read(*lines, paths=paths)
    assert [one for one in found if isinstance(one, Defect)] == []
    return [one for one in found if isinstance(one, Record)]
