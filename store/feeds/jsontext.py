"""JSON objects out of a text of any shape: a line each, an array, pretty-printed, or one after the other."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from store.feeds.brokenjson import SIGHT, BrokenPiece

_CHUNK = 1 << 16
_LONGEST = 1 << 22
_BETWEEN = re.compile(r"[\s,\[\]\x00\ufeff]*")
_STRICT = json.JSONDecoder()
_LENIENT = json.JSONDecoder(strict=False)
_TAIL = 16
_GLIMPSE = 20
_REMARK = "Successfully validated SNS topic"
"""What Amazon says, in the place of an event, when a topic or a stream has been set up."""


def json_objects(text: TextIO, line: int = 1, column: int = 1) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Yield ("line 3", object) for each object, ("line 3, column 40", sentence) for each piece that is none.

    An object that is not the first one of its line has its column told, too. After a broken piece reading goes on with
    the next object, on the same line or a later one, that does not lie within it. Memory stays bounded: an object of
    more than 4 million characters is a broken piece. ``line`` and ``column`` are those of the text's first character.
    """
    yield from objects_in(Window(text, line, column))


def objects_in(window: Window) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Yield what :func:`json_objects` says, for the text of a window."""
    while window.skip_between():
        start = window.at
        if window.buffer[start] != "{":
            yield window.where(start), f"an object was expected, found {window.glimpse(start)!r}"
            window.resync(start)
            continue
        found = window.decode()
        if isinstance(found, dict):
            yield window.place_of(start), found
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
    window = Window(io.StringIO(""), line, column)
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
                where, value = window.place_of(start), told
                window.consume()
            elif window.cut:
                return
            else:
                where, value = window.where(window.before_line_end(start, told[1])), told[0]
                window.resync(start)
        if isinstance(value, str) and window.at >= len(window.buffer) - SIGHT:
            return
        yield Found(where, value, window.dropped + window.at)


class Window:
    """The part of the text that is being looked at, with the place it has in the whole.

    Attributes:
        cut: whether the object that was looked at last may go on where the text ends.
        dropped: how many characters before the buffer are gone.
        line: the number of the line in which the buffer begins.
    """

    def __init__(self, text: TextIO | io.TextIOBase, line: int = 1, column: int = 1, *, by_line: bool = False) -> None:
        """Begin a text.

        Args:
            text: the text; with ``by_line`` it gives no more than one line a time.
            line: of its first character.
            column: of its first character.
            by_line: end where nothing is open and a line begins.
        """
        self._text = text
        self._by_line = by_line
        self._ended = False
        self.line = line
        self._column = column
        self.cut = False
        self.dropped = 0
        self._counted = 0
        self._counted_lines = 0
        self._newline = -column
        self._begins_line = True
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
            self.line += lines
            self._column = upto - self.buffer.rfind("\n", 0, upto)
        else:
            self._column += upto
        self.buffer = self.buffer[upto:]
        self.dropped += upto
        self.at = self._counted = self._counted_lines = 0
        self._newline = -self._column

    def skip_between(self) -> bool:
        """Go to the next character that means something; False at the end."""
        self._begins_line = self.at + self.dropped == 0 and self._column == 1
        while True:
            match = _BETWEEN.match(self.buffer, self.at)
            end = match.end() if match else self.at
            self._begins_line = self._begins_line or self.buffer.find("\n", self.at, end) >= 0
            self.at = end
            if self.at < len(self.buffer):
                if self.buffer[self.at] == _REMARK[0] and self._skip_remark():
                    continue
                if self.at > _CHUNK:
                    self._drop(self.at)
                return True
            self._drop(self.at)
            if (self._by_line and self.dropped and self._column == 1) or not self._more():
                return False

    def _skip_remark(self) -> bool:
        while len(self.buffer) - self.at < SIGHT and self._more():
            pass
        if not self.buffer.startswith(_REMARK, self.at):
            return False
        end = self.buffer.find("\n", self.at)
        self.at = end if end >= 0 else len(self.buffer)
        return True

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
        """Go on with the next object behind a broken piece that begins at ``start``."""
        piece = BrokenPiece(self.buffer, start)
        self.at = start + 1
        while True:
            found = piece.next_object(self.buffer, self.at, start)
            if found is not None and (self._ended or found < len(self.buffer) - SIGHT):
                self.at = found
                return
            length = len(self.buffer)
            while len(self.buffer) < 2 * length and self._more():
                pass
            if len(self.buffer) == length:
                self.at = length if found is None else found
                return
            if found is None and length - self.at >= _LONGEST:
                # Keep the last line: the object may begin in what comes next.
                keep = self.buffer.rfind("\n", self.at, length - SIGHT)
                self._drop(keep if keep >= 0 else length - SIGHT)
                start = -1

    def before_line_end(self, start: int, at: int) -> int:
        """Return where something is missing: not at the next line's first character but at the end of this line."""
        blank = self.buffer[start:at]
        return start + len(blank.rstrip()) if "\n" in blank[len(blank.rstrip()) :] else at

    def glimpse(self, at: int) -> str:
        """Return the first characters at a place."""
        while len(self.buffer) - at < _GLIMPSE and self._more():
            pass
        return self.buffer[at : at + _GLIMPSE].split("\n")[0]

    def _place(self, at: int) -> tuple[int, int]:
        lines = self.buffer.count("\n", 0, at)
        if lines:
            return self.line + lines, at - self.buffer.rfind("\n", 0, at)
        return self.line, self._column + at

    def where(self, at: int) -> str:
        """Return the place in the whole text, for people."""
        line, column = self._place(at)
        return f"line {line}, column {column}"

    def place_of(self, at: int) -> str:
        """Return the place of an object, for people: its line, and its column if it is not the first one there."""
        lines = self.buffer.count("\n", self._counted, at)
        if lines:
            self._counted_lines += lines
            self._newline = self.buffer.rfind("\n", self._counted, at)
        self._counted = at
        line = self.line + self._counted_lines
        return f"line {line}" if self._begins_line else f"line {line}, column {at - self._newline}"
