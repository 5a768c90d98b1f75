"""JSON objects that stand a line each, quickly; any other shape is left to :mod:`store.feeds.jsontext`.

Most files of events hold an object a line and nothing else. Such a line is decoded by msgspec, which is several times
as quick as Python's own decoder and takes nothing that this one does not take. Where it refuses, the careful reader
goes on until it stands at the beginning of a line again: what is yielded is what that reader alone would yield.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from store.feeds.jsontext import Window, objects_in
from store.feeds.record import Record

Quick: TypeAlias = Callable[[bytes, str], Record | None]
_LONGEST = 1 << 20
"""A line of more bytes is read in pieces."""


def objects_of(handle: io.BufferedReader[Any]) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Yield what :func:`store.feeds.jsontext.json_objects` would for the UTF-8 text in ``handle``."""
    for where, found in quick_objects_of(handle, None):
        assert not isinstance(found, Record)
        yield where, found


def quick_objects_of(
    handle: io.BufferedReader[Any], quick: Quick | None
) -> Iterator[tuple[str, dict[str, Any] | str | Record]]:
    """Yield what :func:`objects_of` does, but for lines of which somebody knows the record at once.

    Args:
        handle: the text.
        quick: returns the record of a line, given the line and its place, or None.
    """
    # Only files of events need it: no other command waits for it to be loaded.
    from msgspec import MsgspecError
    from msgspec.json import Decoder

    decode = Decoder().decode
    number = 1
    if handle.peek(3).startswith(codecs.BOM_UTF8):
        handle.read(len(codecs.BOM_UTF8))
    while line := handle.readline(_LONGEST):
        if line[:1] == b"{" and (line[-1:] == b"\n" or not handle.peek(1)):
            if quick is not None and (record := quick(line, f"line {number}")) is not None:
                yield "", record
                number += 1
                continue
            try:
                found = decode(line)
            except (MsgspecError, UnicodeDecodeError, RecursionError):
                pass
            else:
                yield f"line {number}", found
                number += 1
                continue
        window = Window(_Lines(line, handle), number, by_line=True)
        yield from objects_in(window)
        number = window.line


class _Lines(io.TextIOBase):
    """Gives one line a time, the first one from outside; a very long one in pieces."""

    def __init__(self, first: bytes, handle: io.BufferedReader[Any]) -> None:
        self._first = first
        self._handle = handle
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def read(self, size: int | None = -1, /) -> str:
        line, self._first = self._first or self._handle.readline(_LONGEST), b""
        text = self._decode(line, final=not line)
        while line and not text:
            line = self._handle.readline(_LONGEST)
            text = self._decode(line, final=not line)
        return text
