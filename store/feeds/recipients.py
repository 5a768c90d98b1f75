"""Recipient lists: CSV or TSV files with one planned recipient a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from store.feeds.headings import Field, find_columns, no_address
from store.feeds.record import DEFECTS_KEPT, Defect
from store.feeds.tables import Table, read_table

BATCH_LINES = 2000


_YES = (
    "ja j yes y true t wahr 1 x ✓ ✔ ok on oui o vrai sant si granted given erteilt opted-in optin opt-in enabled"
).split()
_NO = (
    "nein n no false f falsch 0 - \u2013 \u2014 off nei non faux usann none kein keine denied refused opt-out disabled"
    " blocklisted"
).split()
_WORDS: dict[str, bool | None] = {"": None, **dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}
_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>\W*+\Z")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# Soft hyphen, zero-width and bidi characters that copying from a web page or a PDF leaves in an address.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class RecipientLines:
    """Some lines of a recipient list, column by column: lists have millions of lines, and lines cost twice the time.

    Attributes:
        line: number of each line's first line in the file, from 1.
        address: as written, without control and invisible characters; "" if there is none.
        name, company, language, responsible, crm_id: "" if unknown; without control characters.
        consent, tracking_consent: None if the list does not say (no such column, empty, or an unknown word).
        former: whether the list says that the person has left.
    """

    line: Sequence[int]
    address: Sequence[str]
    name: Sequence[str]
    company: Sequence[str]
    language: Sequence[str]
    responsible: Sequence[str]
    crm_id: Sequence[str]
    consent: Sequence[bool | None]
    tracking_consent: Sequence[bool | None]
    former: Sequence[bool]

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self.line)


@dataclass(slots=True)
class RecipientFile:
    """A recipient list being read.

    Attributes:
        path: the file.
        columns: which column holds what.
        ignored: headings of the columns that are not used.
        table: the rows, and how far the file was read.
        defects: what could not be read, so far; the first 1,000 are kept.
        defects_left_out: how many more there were.
        on_defect: told each of them as it is found.
    """

    path: Path
    columns: dict[Field, int]
    ignored: tuple[str, ...]
    table: Table
    first: tuple[int, list[str]] | None = None
    defects: list[Defect] = field(default_factory=list)
    defects_left_out: int = 0
    on_defect: Callable[[Defect], None] | None = None

    def batches(self) -> Iterator[RecipientLines]:
        """Yield the lines in order, some thousand at a time.

        Raises:
            BadInput: the file is damaged.
        """
        if self.first is not None:
            yield from self._of_rows([self.first])
        if self.table.lines is None:
            while rows := list(islice(self.table.rows, BATCH_LINES)):
                yield from self._of_rows(rows)
            return
        for lines in self.table.lines:
            columns = lines.columns(len(self.table.header))
            if columns is None or not all(map(str.strip, columns[self.columns[Field.ADDRESS]])):
                yield from self._of_rows(list(lines.rows()))
            else:
                yield self._of_columns(range(lines.first, lines.first + len(lines.texts)), columns)

    def _of_rows(self, rows: list[tuple[int, list[str]]]) -> Iterator[RecipientLines]:
        kept = self._kept(rows)
        if kept:
            numbers, cells = zip(*kept, strict=True)
            yield self._of_columns(numbers, list(zip(*cells, strict=True)))

    def _kept(self, rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
        """Return the rows that name somebody, each as wide as the heading."""
        width = len(self.table.header)
        if any(len(cells) != width for _, cells in rows):
            rows = [row for row in map(self._fitted, rows) if row is not None]
        place = self.columns[Field.ADDRESS]
        if not all(cells[place] for _, cells in rows):
            rows = [row for row in rows if row[1][place] or self._somebody(row)]
        return rows

    def _of_columns(self, numbers: Sequence[int], columns: Sequence[Sequence[str]]) -> RecipientLines:
        def texts(field: Field) -> list[str]:
            place = self.columns.get(field)
            return _texts(columns[place]) if place is not None else [""] * len(numbers)

        def flags(field: Field) -> list[bool | None]:
            place = self.columns.get(field)
            return self._flags(field, numbers, columns[place]) if place is not None else [None] * len(numbers)

        names = texts(Field.NAME)
        if Field.FIRST in self.columns or Field.LAST in self.columns:
            parts = zip(names, texts(Field.FIRST), texts(Field.LAST), strict=True)
            names = [name or f"{first} {last}".strip() for name, first, last in parts]
        return RecipientLines(
            line=numbers,
            address=_addresses(columns[self.columns[Field.ADDRESS]], names),
            name=names,
            company=texts(Field.COMPANY),
            language=texts(Field.LANGUAGE),
            responsible=texts(Field.RESPONSIBLE),
            crm_id=texts(Field.CRM_ID),
            consent=flags(Field.CONSENT),
            tracking_consent=flags(Field.TRACKING),
            former=list(map(bool, flags(Field.FORMER))),
        )

    def _somebody(self, row: tuple[int, list[str]]) -> bool:
        """Tell whether a row without an address names anybody at all."""
        line, cells = row
        fields = (Field.NAME, Field.FIRST, Field.LAST, Field.CRM_ID, Field.ADDRESS)
        if any(cells[self.columns[field]].strip() for field in fields if field in self.columns):
            return True
        self._defect(line, "neither address nor name nor id; left out")
        return False

    def _fitted(self, row: tuple[int, list[str]]) -> tuple[int, list[str]] | None:
        """Return a row of the right width; None (and a defect) if no address can be made out."""
        line, cells = row
        width, place = len(self.table.header), self.columns[Field.ADDRESS]
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        if len(cells) < width and place < len(cells) and "@" in cells[place]:
            cells = cells + [""] * (width - len(cells))
        if len(cells) == width:
            return line, cells
        found = [cell for cell in cells if _ADDRESS.fullmatch(cell.strip())]
        if len(found) != 1:
            self._defect(line, f"{len(cells)} fields instead of {width}, and not one address among them; left out")
            return None
        # Which of the other cells belongs to which column cannot be known.
        self._defect(line, f"{len(cells)} fields instead of {width}; only the address {found[0].strip()} was taken")
        return line, [found[0] if column == place else "" for column in range(width)]

    def _flags(self, field: Field, lines: Sequence[int], cells: Sequence[str]) -> list[bool | None]:
        known = {cell: _WORDS.get(cell.strip().casefold(), cell) for cell in set(cells)}
        unknown = {cell for cell, value in known.items() if isinstance(value, str)}
        if unknown:
            for line, cell in zip(lines, cells, strict=True):
                if cell in unknown:
                    self._defect(line, f"{field.value}: {_quoted(cell)} is neither yes nor no; taken as not given")
        read = {cell: None if isinstance(value, str) else value for cell, value in known.items()}
        return [read[cell] for cell in cells]

    def _defect(self, line: int, sentence: str) -> None:
        defect = Defect(f"line {line}", _CONTROLS.sub(" ", sentence))
        if self.on_defect is not None:
            self.on_defect(defect)
        if len(self.defects) < DEFECTS_KEPT:
            self.defects.append(defect)
        else:
            self.defects_left_out += 1


def read_recipients(path: Path, delimiter: str | None = None, encoding: str | None = None) -> RecipientFile:
    """Open a recipient list (CSV, TSV, one address a line; gz too).

    Args:
        path: the file.
        delimiter: one character; None: found out.
        encoding: a name Python knows; None: found out.

    Raises:
        BadInput: it is empty, binary or unreadable, or no column holds addresses.
    """
    table = read_table(path, delimiter, encoding)
    columns = find_columns(table.header)
    first: tuple[int, list[str]] | None = None
    if Field.ADDRESS not in columns:
        places = [place for place, cell in enumerate(table.header) if _ADDRESS.fullmatch(cell)]
        if not places:
            table.file.close()
            raise no_address(path, table.header)
        # A list without a heading: its first line is the first recipient.
        columns = {Field.ADDRESS: places[0]}
        first = (1, table.header)
    used = set(columns.values())
    ignored = () if first else tuple(name for place, name in enumerate(table.header) if place not in used and name)
    return RecipientFile(path, columns, ignored, table, first)


def _texts(cells: Sequence[str]) -> list[str]:
    # One look at the whole column is far cheaper than one at each cell.
    if "".join(cells).isprintable():
        return list(map(str.strip, cells))
    return [_CONTROLS.sub(" ", cell).strip() for cell in cells]


def _addresses(cells: Iterable[str], names: list[str]) -> list[str]:
    """Return the addresses; "Ann <ann@x>" gives its name to a line that has none."""
    cells = list(cells)
    joined = "".join(cells)
    if not joined.isprintable():
        cells = [_INVISIBLE.sub("", cell) for cell in cells]
    cells = list(map(str.strip, cells))
    if "<" in joined or ":" in joined:
        for place, cell in enumerate(cells):
            named = _NAMED.match(cell)
            if named:
                cells[place] = named["address"].strip()
                names[place] = names[place] or named["name"].strip().strip("\"'").strip()
            cells[place] = re.sub(r"(?i)\Amailto:", "", cells[place])
    return cells


def _quoted(text: str) -> str:
    shown = text.strip()
    return f'"{shown}"' if len(shown) <= 40 else f'"{shown[:39]}…"'
