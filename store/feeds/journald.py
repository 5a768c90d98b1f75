"""The system journal as JSON (``journalctl -o json``), turned back into the lines of a system log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

_MARK = b'"__REALTIME_TIMESTAMP"'
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_US = 253_402_300_799_000_000


def is_journal(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` is an export of the journal, an entry a line."""
    first = start.lstrip(b"\xef\xbb\xbf\r\n\t \x1e").removeprefix(b"data: ").partition(b"\n")[0]
    return first.startswith(b"{") and (_MARK in first or b'"__CURSOR"' in first)


def journal_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield for each line the entry as ``2026-11-21T22:12:59.931747+00:00 host identifier[pid]: message``.

    The forms of ``-o json``, ``json-sse`` and ``json-seq`` are read. A line that is no entry becomes an empty one, so
    that the lines keep their numbers.
    """
    for line in lines:
        yield _line(line) if b"MESSAGE" in line else b"\n"


def _line(line: bytes) -> bytes:
    try:
        entry = json.loads(line.lstrip(b"\x1e").removeprefix(b"data: "))
        moment = _EPOCH + timedelta(microseconds=min(int(entry["__REALTIME_TIMESTAMP"]), _LATEST_US))
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return b"\n"
    name, message = _field(entry, "SYSLOG_IDENTIFIER") or _field(entry, "_COMM"), _field(entry, "MESSAGE")
    pid = _field(entry, "SYSLOG_PID") or _field(entry, "_PID") or "0"
    host = _field(entry, "_HOSTNAME") or "localhost"
    return f"{moment.isoformat(timespec='microseconds')} {host} {name}[{pid}]: {message}\n".encode("utf-8", "replace")


def _field(entry: dict[str, Any], name: str) -> str:
    """Return a field's first line; bytes that are no text are written as numbers, and repeated fields as lists."""
    value = entry.get(name)
    if isinstance(value, list):
        try:
            value = bytes(value).decode("utf-8", "replace")
        except (ValueError, TypeError):
            value = value[0] if value else ""
    return value.partition("\n")[0] if isinstance(value, str) else ""
