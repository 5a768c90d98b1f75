"""JSON that grows: an object a line, an array, objects one after the other, over as many lines as they like."""

from __future__ import annotations

import io
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from typing import Any

from store.feeds.jsontext import growing_objects, json_objects
from store.feeds.record import Defect, Record
from store.following.pieces import Place, Taken

Said = Callable[[dict[str, Any], str], Iterable[Record | Defect]]
"""What an object at a place says."""


class ObjectsFormat:
    """Files of JSON objects."""

    settles_s: float | None = None

    def __init__(
        self,
        kind: str,
        label: str,
        said: Said,
        *,
        memory: Callable[[], Any] | None = None,
        recall: Callable[[Any], None] | None = None,
    ) -> None:
        """Start a feed.

        Args:
            kind: what it was taken for.
            label: the same for people.
            said: reads one object.
            memory: returns what earlier objects said, as JSON, if that matters.
            recall: takes it back.
        """
        self.kind = kind
        self.label = label
        self._said = said
        self._memory = memory
        self._recall = recall

    def pieces(self, place: Place | None, latest_ms: int) -> ObjectPieces:
        """Return a reader for one file."""
        return ObjectPieces(self._said, place)

    def to_json(self) -> Any:
        """Return what earlier objects said, if that matters."""
        return self._memory() if self._memory else None

    def from_json(self, values: Any) -> None:
        """Know again what :meth:`to_json` returned."""
        if self._recall:
            self._recall(values)


class ObjectPieces:
    """The objects of one file."""

    def __init__(self, said: Said, place: Place | None) -> None:
        self._said = said
        self._line: int = place["line"] if place else 1
        self._column: int = place["column"] if place else 1

    def take(self, data: bytes, final: bool) -> Taken:
        """Read the whole objects; a piece that is none is told once the next object shows where it ends."""
        if self._line == self._column == 1 and data.startswith(BOM_UTF8):
            taken = self.take(data[len(BOM_UTF8) :], final)
            return Taken(taken.items, taken.used + len(BOM_UTF8)) if taken.used else taken
        text = data.decode("utf-8", "replace")
        items: list[Record | Defect] = []
        end = 0
        for found in growing_objects(text, self._line, self._column):
            items += self._read(found.where, found.value)
            end = found.end
        used = _bytes_before(data, text, end)
        self._go_on(text[:end])
        if final and used < len(data):
            rest = text[end:]
            for where, value in json_objects(io.StringIO(rest, newline=""), self._line, self._column):
                items += self._read(where, value)
            self._go_on(rest)
            used = len(data)
        return Taken(items, used)

    def _read(self, where: str, value: dict[str, Any] | str) -> Iterable[Record | Defect]:
        return [Defect(where, value)] if isinstance(value, str) else self._said(value, where)

    def _go_on(self, text: str) -> None:
        lines = text.count("\n")
        self._line += lines
        self._column = len(text) - text.rfind("\n") if lines else self._column + len(text)

    def place(self) -> Place:
        """Return line and column of what comes next."""
        return {"line": self._line, "column": self._column}


def _bytes_before(data: bytes, text: str, end: int) -> int:
    """Return how many bytes the first ``end`` characters are, where some bytes may be no UTF-8.

    They end behind a brace or before one, and a brace is one byte that is part of no other character.
    """
    if len(data) == len(text):
        return end
    if end and text[end - 1] == "}":
        return _place_of(data, b"}", text.count("}", 0, end)) + 1
    return _place_of(data, b"{", text.count("{", 0, end) + 1) if end else 0


def _place_of(data: bytes, mark: bytes, count: int) -> int:
    at = -1
    for _ in range(count):
        at = data.index(mark, at + 1)
    return at
