"""Events in lines that are no JSON themselves: forms as they were posted, logs of requests that quote their bodies."""

from __future__ import annotations

import io
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
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
_MOST_LINES = 5000
_BATCH = 1000
_TRIES = 20
_BEGINS = re.compile(r'"?[\[{]')
_FORM = re.compile(r"(?<![\w&%.+=-])[\w.%+-]{1,60}=[^\s\"']+")
_BOUNDARY = re.compile(r"--[^\s\"]{2,70}\s*\Z")
_CLOSES = re.compile(r"(\s*)[\]}]+\s*\Z")
_MULTIPART = re.compile(r"(?:\A|[\s\"'=])(--[^\s\"']{2,70}\r?\n)(?=content-disposition:)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|([nrt'\"\\/]))")
_MEANT = {"n": "\n", "r": "\r", "t": "\t"}
_DECODER = json.JSONDecoder(strict=False)


def holds_bodies(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` has a provider's event within its first lines."""
    text = io.StringIO(start.decode("utf-8", "replace"))
    for _, piece in islice(_pieces(text.readline), _LOOKED_AT):
        if "event" in piece.lower() or "{" in piece:
            if any(unwrap(found) is not None for found in _found_in(piece)):
                return True
    return False


def read_bodies(path: Path, reader: ProviderReader) -> Iterator[Record | Defect | Progress]:
    """Yield what the bodies in a file's lines say; lines without one are passed over."""
    with ByteFile(path) as file, io.TextIOWrapper(file.handle, "utf-8", errors="replace", newline="\n") as text:
        for number, piece in _pieces(lambda: text.readline(_LONGEST)):
            yield from said_in(piece, f"line {number}", reader)
            if number % _BATCH == 0:
                yield Progress(file.done, file.total)
        if file.damage:
            yield Defect("end of the file", file.damage, ends=True)


def growing_pieces(lines: Sequence[str], first: int) -> Iterator[tuple[int, str, int]]:
    """Yield the pieces of a file that grows, but for a last one that more lines might complete.

    Args:
        lines: whole lines, with their ends.
        first: the number of the first line.

    Yields:
        The number of the piece's first line, its text, and the number of the line that follows it.
    """
    rest = iter(lines)
    ended = False

    def readline() -> str:
        nonlocal ended
        line = next(rest, "")
        ended = not line
        return line

    for number, piece in _pieces(readline):
        if ended:
            return
        yield first - 1 + number, piece, first + number + piece.count("\n", 0, -1)


def _pieces(readline: Callable[[], str]) -> Iterator[tuple[int, str]]:
    """Yield (number of its first line, text) of each line, and of bodies that go over several lines as a whole."""
    waiting: deque[str] = deque()

    def next_line() -> str:
        return waiting.popleft() if waiting else readline()

    number = 1
    while line := next_line():
        taken = _taken(line, next_line)
        if len(taken) > 1 and not _complete(taken):
            waiting.extendleft(reversed(taken[1:]))
            taken = taken[:1]
        yield number, "".join(taken)
        number += len(taken)


def _taken(line: str, next_line: Callable[[], str]) -> list[str]:
    """Return a line with those behind it that its body may go on in."""
    taken = [line]
    if _BOUNDARY.match(line) or (line.lstrip()[:1] in {"{", "["} and decoded(line) is None):
        while len(taken) < _MOST_LINES and (more := next_line()):
            taken.append(more)
            if more[:1] in {"{", "["} or _complete(taken):
                break
    return taken


def _complete(taken: list[str]) -> bool:
    first, last = taken[0], taken[-1]
    if _BOUNDARY.match(first):
        return last.strip() == first.strip() + "--"
    closes = _CLOSES.match(last)
    return closes is not None and closes.end(1) <= _indent(first) and decoded("".join(taken)) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def said_in(piece: str, where: str, reader: ProviderReader) -> Iterator[Record | Defect]:
    """Yield what the body in one piece says."""
    some = False
    for found in _found_in(piece):
        some = True
        yield from reader.records(found, where) or ()
    at = piece.find('{"')
    if not some and at >= 0:
        yield Defect(f"{where}, column {at + 1}", "the body of this request cannot be read")


def _found_in(piece: str) -> Iterator[Event]:
    """Yield the objects of the first body in a piece that is one, however it was quoted."""
    first: list[Event] = []
    for text in _readings(piece):
        body = _form_in(text) or _json_in(text)
        if any(unwrap(found) is not None for found in body):
            yield from body
            return
        first = first or body
    yield from first


def _readings(piece: str) -> Iterator[str]:
    """Yield the text as it stands, without backslashes before quotes (nginx, Python), without doubled quotes (CSV)."""
    yield piece
    if "\\" in piece:
        yield _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else _MEANT.get(m[2], m[2]), piece)
    if '""' in piece:
        yield piece.replace('""', '"')


def _form_in(text: str) -> list[Event]:
    parts = _MULTIPART.search(text)
    if parts:
        fields = body_of(text[parts.start(1) :])
        if isinstance(fields, dict) and unwrap(fields) is not None:
            return [fields]
    for match in _FORM.finditer(text):
        for form in (match[0], match[0].partition("=")[2]):
            fields = fields_of(form)
            if fields and unwrap(fields) is not None:
                return [fields]
    return []


def _json_in(text: str) -> list[Event]:
    for match in islice(_BEGINS.finditer(text), _TRIES):
        items = _objects(_body_at(text, match.start())) or _objects(_body_at(text, match.end() - 1))
        if items:
            return items
    return []


def _objects(body: Any) -> list[Event]:
    """Return the objects of a body; those of a list may stand in texts (what a queue kept)."""
    listed = body if isinstance(body, list) else [body]
    return [
        found
        for item in listed
        for inner in [body_of(item) if isinstance(item, str) else item]
        for found in (inner if isinstance(inner, list) else [inner])
        if isinstance(found, dict)
    ]


def _body_at(text: str, at: int) -> Any:
    try:
        found, _ = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    return body_of(found) if isinstance(found, str) else found
