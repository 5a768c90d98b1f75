"""JSON objects out of a text of any shape: a line each, an array, pretty-printed, or one after the other."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

_CHUNK = 1 << 16
_LONGEST = 1 << 22
_BETWEEN = re.compile(r"[\s,\[\]\x00\ufeff]*")
_NEXT = re.compile(r"\n[\s,\[]*(?=\{)")
_STRICT = json.JSONDecoder()
_LENIENT = json.JSONDecoder(strict=False)
_TAIL = 16


def json_objects(text: TextIO) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Yield ("line 3", object) for each object, ("line 3, column 40", sentence) for each piece that is none.

    After a broken piece reading goes on with the next line that begins an object. Memory stays bounded: an object of
    more than 4 million characters is a broken piece.
    """
    window = _Window(text)
    while window.skip_between():
        start = window.at
        if window.buffer[start] != "{":
            yield window.where(start), f"an object was expected, found {window.glimpse(start)!r}"
            window.resync(start)
            continue
        found = window.decode()
        if isinstance(found, dict):
            yield window.line_of(start), found
            window.consume()
        else:
            message, at = found
            yield window.where(window.before_line_end(start, at)), message
            window.resync(start)


@dataclass(frozen=True, slots=True)
class Found:
    """An object of a text that grows, or a piece that is none.

    Attributes:
        where: its place, as :func:`json_objects` says it.
        value: the object, or a sentence.
        end: how many characters of the text end with it.
    """

    where: str
    value: dict[str, Any] | str
    end: int


def growing_objects(text: str, line: int = 1, column: int = 1) -> Iterator[Found]:
    """Yield what :func:`json_objects` would, but for a last piece that more text might complete.

    Args:
        text: what there is so far.
        line: the number of its first line.
        column: the column in which it begins.
    """
    window = _Window(io.StringIO(""), line, column)
    window.buffer = text
    while window.skip_between():
        start = window.at
        value: dict[str, Any] | str
        if window.buffer[start] != "{":
            where = window.where(start)
            value = f"an object was expected, found {window.glimpse(start)!r}"
            window.resync(start)
        else:
            told = window.decode()
            if isinstance(told, dict):
                where, value = window.line_of(start), told
                window.consume()
            elif window.cut:
                return
            else:
                where, value = window.where(window.before_line_end(start, told[1])), told[0]
                window.resync(start)
        if isinstance(value, str) and window.at >= len(window.buffer):
            return
        yield Found(where, value, window.dropped + window.at)


class _Window:
    """The part of the text that is being looked at, with the place it has in the whole.

    Attributes:
        cut: whether the object that was looked at last may go on where the text ends.
        dropped: how many characters before the buffer are gone.
    """

    def __init__(self, text: TextIO, line: int = 1, column: int = 1) -> None:
        self._text = text
        self._ended = False
        self._line = line
        self._column = column
        self.cut = False
        self.dropped = 0
        self._counted = 0
        self._counted_lines = 0
        self.buffer = ""
        self.at = 0
        self._end = 0

    def _more(self) -> bool:
        chunk = "" if self._ended else self._text.read(_CHUNK)
        if not chunk:
            self._ended = True
            return False
        self.buffer += chunk
        return True

    def _drop(self, upto: int) -> None:
        lines = self.buffer.count("\n", 0, upto)
        if lines:
            self._line += lines
            self._column = upto - self.buffer.rfind("\n", 0, upto)
        else:
            self._column += upto
        self.buffer = self.buffer[upto:]
        self.dropped += upto
        self.at = self._counted = self._counted_lines = 0

    def skip_between(self) -> bool:
        """Go to the next character that means something; False at the end."""
        while True:
            match = _BETWEEN.match(self.buffer, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.buffer):
                if self.at > _CHUNK:
                    self._drop(self.at)
                return True
            self._drop(self.at)
            if not self._more():
                return False

    def decode(self) -> dict[str, Any] | tuple[str, int]:
        """Read the object here; else return (what is wrong, where in the buffer)."""
        decoder = _STRICT
        self.cut = False
        while True:
            try:
                found, self._end = decoder.raw_decode(self.buffer, self.at)
            except json.JSONDecodeError as error:
                if error.msg.startswith("Invalid control") and self.buffer[error.pos] not in "\r\n":
                    decoder = _LENIENT
                    continue
                self.cut = error.msg.startswith("Unterminated") or error.pos >= len(self.buffer) - _TAIL
                self.cut = self.cut and len(self.buffer) - self.at < _LONGEST
                if self.cut and self._more():
                    continue
                return f"this is no JSON: {error.msg.lower()}", min(error.pos, len(self.buffer))
            except (RecursionError, ValueError):
                return "this JSON is nested too deep or holds a number that is too long", self.at
            return found if isinstance(found, dict) else ("an object was expected", self.at)

    def consume(self) -> None:
        """Go on behind the object that was read."""
        self.at = self._end

    def resync(self, start: int) -> None:
        """Go on with the next line after ``start`` that begins an object, none that lies deeper than this one."""
        begin = self.buffer.rfind("\n", 0, start) + 1
        lead = self.buffer[begin:start]
        # Behind a bracket or another object nobody knows how deep the next ones lie.
        indent = len(lead) if not lead.strip(" \t") else _LONGEST
        self.at = start + 1
        while True:
            match = _NEXT.search(self.buffer, self.at)
            if match:
                self.at = match.end()
                if match.end() - self.buffer.rfind("\n", 0, match.end()) - 1 > indent:
                    continue
                return
            # Keep the last line: the object may begin in what comes next.
            keep = self.buffer.rfind("\n", self.at)
            self.at = keep if keep >= 0 else len(self.buffer)
            if self.at > _CHUNK:
                self._drop(self.at)
            if not self._more():
                self.at = len(self.buffer)
                return

    def before_line_end(self, start: int, at: int) -> int:
        """Return where something is missing: not at the next line's first character but at the end of this line."""
        blank = self.buffer[start:at]
        return start + len(blank.rstrip()) if "\n" in blank[len(blank.rstrip()) :] else at

    def glimpse(self, at: int) -> str:
        """Return the first characters at a place."""
        return self.buffer[at : at + 20].split("\n")[0]

    def _place(self, at: int) -> tuple[int, int]:
        lines = self.buffer.count("\n", 0, at)
        if lines:
            return self._line + lines, at - self.buffer.rfind("\n", 0, at)
        return self._line, self._column + at

    def where(self, at: int) -> str:
        """Return the place in the whole text, for people."""
        line, column = self._place(at)
        return f"line {line}, column {column}"

    def line_of(self, at: int) -> str:
        """Return the line in the whole text, for people."""
        if at < self._counted:
            return f"line {self._place(at)[0]}"
        self._counted_lines += self.buffer.count("\n", self._counted, at)
        self._counted = at
        return f"line {self._line + self._counted_lines}"
