"""Going on behind a piece of JSON that cannot be read: with the next object beside it, never with one within it."""

from __future__ import annotations

import re

_NEXT_LINE = re.compile(r"\n([ \t]*)\}?[\s,\[\]]*(?=\{)")
# Possessive, or a text without an end would be kept in memory, character by character, to be tried again.
_ANY = re.compile(r'\{(?=\s*")')
_KEY = re.compile(r'\{\s*("(?:[^"\\\n]++|\\.)*+"\s*:)')
_TOKEN = re.compile(r'"(?:[^"\\\n]++|\\.)*+"|[{}]')
_BEHIND = re.compile(r"[\s,\]]*(?:\{|\Z)")

SIGHT = 256
"""So many characters are looked at to tell whether an object begins at a place."""


class BrokenPiece:
    """How a broken piece begins, by which the objects beside it are told from those within it."""

    def __init__(self, buffer: str, start: int) -> None:
        """Look at the piece that begins at ``start``."""
        begin = buffer.rfind("\n", 0, start) + 1
        line = buffer[begin:start]
        self._indent = len(line) - len(line.lstrip(" \t"))
        self._column = start - begin
        self._is_object = buffer[start] == "{"
        key = _KEY.match(buffer, start)
        self._twin = re.compile(r"\}[\s,]*(?=\{\s*" + re.escape(key[1]) + ")") if key else None

    def next_object(self, buffer: str, at: int, start: int) -> int | None:
        """Return where the first object behind the piece begins; None: not in this part of the text.

        That is the first of these places: a line that is indented no deeper, an object that begins with the same key,
        and the one behind the brace that closes the piece.

        Args:
            buffer: a part of the text.
            at: where to look from.
            start: where the piece begins; -1: before this part.
        """
        if not self._is_object:
            found = _ANY.search(buffer, at)
            return found.start() if found else None
        twin = self._twin.search(buffer, at) if self._twin else None
        places = [self._on_next_line(buffer, at), twin.end() if twin else None]
        if start >= 0:
            places.append(_end_of(buffer, start))
        return min((place for place in places if place is not None), default=None)

    def _on_next_line(self, buffer: str, at: int) -> int | None:
        for match in _NEXT_LINE.finditer(buffer, at):
            column = match.end() - buffer.rfind("\n", 0, match.end()) - 1
            if len(match[1]) <= self._indent or column <= self._column:
                return match.end()
        return None


def _end_of(buffer: str, start: int) -> int | None:
    """Return where the braces of an object close, if an object or nothing follows there."""
    depth = 0
    for token in _TOKEN.finditer(buffer, start):
        if token[0] == "{":
            depth += 1
        elif token[0] == "}":
            depth -= 1
            if depth == 0:
                return token.end() if _BEHIND.match(buffer, token.end()) else None
    return None
