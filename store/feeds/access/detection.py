"""Telling an access log by its first lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from store.feeds.access.lines import is_text_line, line_ms
from store.feeds.access.objects import decoded, is_request, object_ms

_LOOKED_AT = 50


def is_access_log(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` is the access log of a web server."""
    return any(is_text_line(line) for line in _lines(start)) or any(is_request(found) for found in _objects(start))


def first_access_ms(start: bytes, zone: tzinfo | None = None) -> int | None:
    """Return the time of the first request in a log that begins with ``start``, in epoch milliseconds; None if none.

    Args:
        start: the first bytes of a file.
        zone: of times that name none.
    """
    for line in _lines(start):
        if is_text_line(line):
            return line_ms(line)
    for found in _objects(start):
        if is_request(found):
            return object_ms(found, zone)
    return None


def _lines(start: bytes) -> list[bytes]:
    return start.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]


def _objects(start: bytes) -> Iterator[dict[str, Any]]:
    for line in _lines(start):
        if line.lstrip()[:1] == b"{":
            try:
                found = decoded(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                yield found
