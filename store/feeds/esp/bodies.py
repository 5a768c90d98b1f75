"""Events in lines that are no JSON themselves: url-encoded forms, and logs of requests that quote their bodies."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from store.feeds.esp.envelopes import body_of, fields_of, unwrap
from store.feeds.esp.paths import Event, decoded
from store.feeds.esp.reader import ProviderReader
from store.feeds.files import ByteFile
from store.feeds.record import Defect, Progress, Record

_LOOKED_AT = 50
_LONGEST = 1 << 22
_BATCH = 1000
_TRIES = 20
_BEGINS = re.compile(r'"?[\[{]')
_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")
_FORM = re.compile(r"(?<![\w&%.+=-])[\w.%+-]{1,60}=[^\s\"']+")
_DECODER = json.JSONDecoder(strict=False)


def holds_bodies(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` has a provider's event within its first lines."""
    for line in start.split(b"\n")[:_LOOKED_AT]:
        if b"event" in line.lower() or b"{" in line:
            if any(unwrap(found) is not None for found in _found_in(line.decode("utf-8", "replace"))):
                return True
    return False


def read_bodies(path: Path, reader: ProviderReader) -> Iterator[Record | Defect | Progress]:
    """Yield what the bodies in a file's lines say; lines without one are passed over."""
    with ByteFile(path) as file, io.TextIOWrapper(file.handle, "utf-8", errors="replace", newline="\n") as text:
        number = 0
        while line := text.readline(_LONGEST):
            number += 1
            yield from said_in(line, f"line {number}", reader)
            if number % _BATCH == 0:
                yield Progress(file.done, file.total)
        if file.damage:
            yield Defect("end of the file", file.damage, ends=True)


def said_in(line: str, where: str, reader: ProviderReader) -> Iterator[Record | Defect]:
    """Yield what the body in one line says."""
    some = False
    for found in _found_in(line):
        some = True
        yield from reader.records(found, where) or ()
    at = line.find('{"')
    if not some and at >= 0:
        yield Defect(f"{where}, column {at + 1}", "the body of this request cannot be read")


def _found_in(line: str) -> Iterator[Event]:
    """Yield the objects of the first body in a line that is one."""
    if "\\x22" in line:
        line = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), line)
    for match in _FORM.finditer(line):
        for form in (match[0], match[0].partition("=")[2]):
            fields = fields_of(form)
            if fields and unwrap(fields) is not None:
                yield fields
                return
    for match in islice(_BEGINS.finditer(line), _TRIES):
        body = _body_at(line, match.start()) or _body_at(line, match.end() - 1)
        items = [item for item in (body if isinstance(body, list) else [body]) if isinstance(item, dict)]
        if items:
            yield from items
            return


def _body_at(line: str, at: int) -> Any:
    try:
        found, _ = _DECODER.raw_decode(line, at)
    except (ValueError, RecursionError):
        return None
    return (decoded(found) or body_of(found)) if isinstance(found, str) else found
