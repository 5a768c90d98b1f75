"""Tables that grow: rows of CSV and TSV under the header that their file, or the one before it, began with."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any, Protocol

from store.feeds.record import Defect, Record
from store.feeds.tables import announced, growing_rows
from store.following.pieces import Place, Taken

_LINE_END = re.compile(rb"[\r\n]")
_SETTLES_S = 600.0
"""Exports often have no line end behind their last row; after so long without a change that row is taken for whole."""


class RowReader(Protocol):
    """Turns rows under one header into records.

    Attributes:
        header: the header that holds for the next row.
    """

    header: list[str]

    def read(self, row: list[str], where: str) -> Record | Defect | None:
        """Return what a row says; None if it says nothing."""
        ...


MakeReader = Callable[[list[str]], RowReader]
"""Makes the reader for a header; raises BadInput if it is none."""
IsHeader = Callable[[list[str]], bool]


class RowsFormat:
    """Tables of one sort."""

    settles_s: float | None = _SETTLES_S

    def __init__(
        self,
        kind: str,
        label: str,
        make: MakeReader,
        is_header: IsHeader,
        delimiter: str = ",",
        encoding: str = "utf-8-sig",
    ) -> None:
        """Start a feed.

        Args:
            kind: what it was taken for.
            label: the same for people.
            make: makes the reader for the rows under a header.
            is_header: tells whether a file's first row is a header; if it is none, the last file's header holds.
            delimiter: what separates the cells.
            encoding: of the text, one in which ASCII is ASCII.
        """
        self.kind = kind
        self.label = label
        self.make = make
        self.is_header = is_header
        self.delimiter = delimiter
        self.encoding = encoding
        self.header: list[str] | None = None

    def pieces(self, place: Place | None, latest_ms: int) -> RowPieces:
        """Return a reader for one file."""
        return RowPieces(self, place)

    def to_json(self) -> Any:
        """Return None: a row says everything itself."""
        return None

    def from_json(self, values: Any) -> None:
        """Take nothing."""


class RowPieces:
    """The rows of one file."""

    def __init__(self, format_: RowsFormat, place: Place | None) -> None:
        self._format = format_
        self._next: int = place["line"] if place else 1
        self._begun = place is not None and place["begun"]
        self._rows: RowReader | None = None
        if place:
            format_.delimiter, format_.encoding = place["delimiter"], place["encoding"]
            format_.header = place["header"] or format_.header
        if place and self._begun and format_.header is not None:
            self._rows = format_.make(format_.header)

    def take(self, data: bytes, final: bool) -> Taken:
        """Read the whole rows."""
        size = len(data) if final else data.rfind(b"\n") + 1
        text = data[:size].decode(self._format.encoding, "replace")
        lines = list(io.StringIO(text, newline=""))
        first = self._next
        items: list[Record | Defect] = []
        for number, row, after in growing_rows(lines, self._format.delimiter, first, grows=not final):
            if any(map(str.strip, row)):
                found = self._read(row, f"line {number}")
                if found is not None:
                    items.append(found)
            self._next = after
        taken = self._next - first
        return Taken(items, size if taken == len(lines) else _bytes_of(data, lines[:taken]))

    def _read(self, row: list[str], where: str) -> Record | Defect | None:
        if self._rows is not None:
            found = self._rows.read(row, where)
            self._format.header = self._rows.header
            return found
        if not self._begun and announced(self._format.delimiter.join(row) + "\n"):
            return None
        self._begun = True
        header = [cell.removeprefix("\ufeff").strip() for cell in row]
        known = self._format.header
        if known is None or self._format.is_header(header):
            self._format.header = header
            self._rows = self._format.make(header)
            return None
        self._rows = self._format.make(known)
        return self._rows.read(row, where)

    def place(self) -> Place:
        """Return the number of the next line, and what holds there."""
        return {
            "line": self._next,
            "begun": self._begun,
            "header": self._format.header,
            "delimiter": self._format.delimiter,
            "encoding": self._format.encoding,
        }


def _bytes_of(data: bytes, lines: list[str]) -> int:
    """Return how many bytes whole lines are; each line end is the same bytes in every encoding that is read here."""
    ends = sum(line.count("\n") + line.count("\r") for line in lines)
    at = 0
    for match in _LINE_END.finditer(data):
        if not ends:
            break
        ends -= 1
        at = match.end()
    return at
