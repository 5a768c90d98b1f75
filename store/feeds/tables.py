"""CSV and TSV files as rows of text: the encoding and the delimiter are found out, no row is dropped silently."""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from store.errors import BadInput
from store.feeds.files import ByteFile, binary_kind, probe, utf16_kind

DELIMITERS = ",;\t|"
_SCAN_BYTES = 1 << 20
_SNIFF_ROWS = 50
_FIELD_CHARS = 1 << 24
_LINE_CHARS = 1 << 22
"""A longer line counts as several."""
_QUOTED_LINES = 200
_PIECE_CHARS = 1 << 16

csv.field_size_limit(_FIELD_CHARS)


class Opened(Protocol):
    """What the rows come from.

    Attributes:
        total: its size.
    """

    total: int

    @property
    def done(self) -> int:
        """How much of it was read."""
        ...

    @property
    def damage(self) -> str | None:
        """What is wrong with its end; None if all is well."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a table in which each line is a row.

    Attributes:
        first: the number of the first one.
        texts: the lines without their ends.
        delimiter: what separates the cells.
    """

    first: int
    texts: Sequence[str]
    delimiter: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield number and cells of the lines that hold any text."""
        delimiter = self.delimiter
        return _with_text(enumerate((text.split(delimiter) for text in self.texts), self.first))

    def columns(self, width: int) -> list[list[str]] | None:
        """Return the cells column by column, in a third of the time of the rows; None if a line is not so wide."""
        cells = f"{self.delimiter}\n{self.delimiter}".join(self.texts).split(self.delimiter)
        # No cell holds a line end, so where each step ends in one, no line is wider or narrower.
        step = width + 1
        if len(cells) != len(self.texts) * step - 1 or cells[width::step].count("\n") != len(self.texts) - 1:
            return None
        return [cells[place::step] for place in range(width)]


@dataclass(slots=True)
class Table:
    """A table of texts.

    Attributes:
        header: the first row that is not empty, each cell stripped.
        rows: (line number of the row's first line, cells); rows without any text are left out, rows with more or
            fewer cells than the header are not. Reading on raises BadInput where a gz is damaged.
        encoding: the encoding it is read in.
        delimiter: what separates the cells.
        file: how far the file was read (``file.done`` of ``file.total`` bytes on disk).
        lines: what the rows come from, to be read in their stead; None where a row may be more than a line.
    """

    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    encoding: str
    delimiter: str
    file: Opened
    lines: Iterator[Lines] | None = None

    def close(self) -> None:
        """Close the file; done by itself when the rows were read to their end."""
        for source in (self.rows, self.lines):
            if isinstance(source, Generator):
                source.close()
        self.file.close()


def read_table(path: Path, delimiter: str | None = None, encoding: str | None = None) -> Table:
    """Open a CSV or TSV file (gz too).

    Args:
        path: the file.
        delimiter: one character; None: found out from the first rows (one of , ; tab |).
        encoding: a name Python knows; None: found out (byte order mark, pattern of NULs, strict UTF-8, else cp1252).

    Raises:
        BadInput: the file is empty, binary or unreadable, or ``delimiter`` or ``encoding`` is none.
    """
    if delimiter is not None and len(delimiter) != 1:
        raise BadInput(f"{delimiter!r} is no delimiter: give one character.")
    start = probe(path)
    kind = binary_kind(start)
    if kind:
        raise BadInput(f"{path} is {kind}; a CSV or TSV file was expected.")
    encoding, quoted = _encoding(path, start, encoding)
    text = start.decode(encoding, "replace").lstrip("\ufeff")
    found = delimiter or announced(text) or sniff_delimiter(text)
    file = ByteFile(path)
    single = not quoted and not file.packed
    handle = io.TextIOWrapper(file.handle, encoding, errors="replace", newline=None if single else "")
    lines = _lines(handle, found, file) if single else None
    rows = _filled(handle, found, quoted, file) if lines is None else _rows(lines)
    header = next(rows, None)
    if header is not None and announced(found.join(header[1]) + "\n"):
        header = next(rows, None)
    if header is None:
        raise BadInput(f"{path} holds no text.")
    return Table([cell.removeprefix("\ufeff").strip() for cell in header[1]], rows, encoding, found, file, lines)


def sniff_delimiter(text: str) -> str:
    """Return the one of ``DELIMITERS`` that cuts the first rows of ``text`` most evenly; "," if none does."""
    best, best_score = ",", (0.0, 0)
    cut = text.rfind("\n") + 1
    sample = text[:cut] if cut and len(text) > _FIELD_CHARS // 1024 else text
    for delimiter in DELIMITERS:
        widths: list[int] = []
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if row:
                widths.append(len(row))
            if len(widths) == _SNIFF_ROWS:
                break
        if not widths or widths[0] < 2:
            continue
        score = (widths.count(widths[0]) / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _encoding(path: Path, start: bytes, asked: str | None) -> tuple[str, bool]:
    """Return the encoding and whether there may be quotes."""
    if asked is not None:
        try:
            return codecs.lookup(asked).name, True
        except LookupError:
            raise BadInput(f"{asked!r} is no encoding; try utf-8, utf-16, cp1252 or latin-1.") from None
    wide = utf16_kind(start)
    if wide:
        return wide, True
    whole, quoted = _looked_through(path)
    if whole or start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", quoted
    valid, wrong = _utf8_census(path)
    return "utf-8-sig" if wrong <= valid else "cp1252", quoted


def _looked_through(path: Path) -> tuple[bool, bool]:
    """Tell whether all of a file is UTF-8, and whether there is a quote."""
    whole, quoted = True, False
    decoder = codecs.getincrementaldecoder("utf-8")()
    with ByteFile(path) as file:
        while (whole or not quoted) and (chunk := file.handle.read(_SCAN_BYTES)):
            quoted = quoted or b'"' in chunk
            try:
                if whole:
                    decoder.decode(chunk)
            except UnicodeDecodeError:
                whole = False
    return whole, quoted


def _utf8_census(path: Path) -> tuple[int, int]:
    """Count the characters beyond ASCII, and the bytes that are no UTF-8."""
    valid = wrong = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with ByteFile(path) as file:
        while chunk := file.handle.read(_SCAN_BYTES):
            if chunk.isascii():
                decoder.reset()
                continue
            text = decoder.decode(chunk)
            plain = len(text.encode("ascii", "ignore"))
            lone = len(text) - len(text.encode("utf-8", "ignore").decode("utf-8"))
            wrong += lone
            valid += len(text) - plain - lone
    return valid, wrong


def announced(text: str) -> str | None:
    """Return the delimiter of Excel's first line ``sep=;``."""
    first = text.split("\n", 1)[0].rstrip("\r")
    return first[4] if len(first) == 5 and first[:4].lower() == "sep=" else None


def _bounded(handle: io.TextIOWrapper) -> Iterator[str]:
    return iter(partial(handle.readline, _LINE_CHARS), "")


def _lines(handle: io.TextIOWrapper, delimiter: str, file: ByteFile) -> Iterator[Lines]:
    """Yield the lines up to the heading one at a time, then some thousand."""
    first, rest = 1, ""
    try:
        for first, line in enumerate(_bounded(handle), 2):
            yield Lines(first - 1, [line.rstrip("\n")], delimiter)
            if line.replace(delimiter, "").strip() and not announced(line):
                break
        while piece := handle.read(_PIECE_CHARS):
            texts = (rest + piece).split("\n")
            rest = texts.pop()
            if len(rest) > _LINE_CHARS:
                texts.append(rest)
                rest = ""
            if texts:
                yield Lines(first, texts, delimiter)
                first += len(texts)
        if rest:
            yield Lines(first, [rest], delimiter)
    finally:
        handle.close()
        file.close()


def _with_text(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    for line, row in rows:
        if (row and row[0].strip()) or any(map(str.strip, row)):
            yield line, row


def _rows(lines: Iterator[Lines]) -> Iterator[tuple[int, list[str]]]:
    for some in lines:
        yield from some.rows()


def _filled(handle: io.TextIOWrapper, delimiter: str, quoted: bool, file: ByteFile) -> Iterator[tuple[int, list[str]]]:
    lines = _bounded(handle)
    rows = _careful_rows(_Record(lines), delimiter) if quoted else _plain_rows(lines, delimiter)
    try:
        yield from _with_text(_whole(rows, file) if file.packed else rows)
    finally:
        handle.close()
        file.close()


def _whole(rows: Iterator[tuple[int, list[str]]], file: ByteFile) -> Iterator[tuple[int, list[str]]]:
    """Yield rows but the last one of a damaged gz, which is a piece of a row."""
    held: tuple[int, list[str]] | None = None
    for row in rows:
        if held is not None:
            yield held
        held = row
    if file.damage:
        raise BadInput(f"{file.path}: {file.damage}.")
    if held is not None:
        yield held


def _plain_rows(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    # Without quotes a row is a line, and str.split takes half the time of a csv.reader.
    for number, line in enumerate(lines, 1):
        yield number, line.rstrip("\r\n").split(delimiter)


def growing_rows(
    lines: Sequence[str], delimiter: str, first: int, *, grows: bool = True
) -> Iterator[tuple[int, list[str], int]]:
    """Yield the rows of a table that grows, but for a last one that more lines might complete.

    Args:
        lines: whole lines, with their ends.
        delimiter: what separates the cells.
        first: the number of the first line.
        grows: there may be more lines; if not, the last row is what it is.

    Yields:
        The row's first line, its cells (rows without any text, too), and the number of the line that follows it.
    """
    if not any('"' in line for line in lines):
        for number, line in enumerate(lines, first):
            yield number, line.rstrip("\r\n").split(delimiter), number + 1
        return
    held: tuple[int, list[str]] | None = None
    source = _Record(iter(lines))
    for number, row in _careful_rows(source, delimiter, first, grows=grows):
        if held is not None:
            yield *held, number
        held = number, row
    if held is not None:
        yield *held, first + source.given


class _Record:
    """Lines that can be given back, with those of the present record kept.

    Attributes:
        taken: the lines of the present record.
        given: how many lines the records before it have.
        ended: whether the present record asked for more lines than there are.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.given = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) > _QUOTED_LINES:
            raise StopIteration
        line = self._again.popleft() if self._again else next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        return line

    def begin(self) -> None:
        """Begin a new record."""
        self.given += len(self.taken)
        self.taken = []
        self.ended = False

    def give_back(self) -> str:
        """Give back all lines of the present record but the first one, and return that one."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
        return self.taken[0]


def _careful_rows(
    source: _Record, delimiter: str, first: int = 1, *, grows: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows; a quote that is opened and never closed costs its own line only."""
    reader = csv.reader(source, delimiter=delimiter)
    while True:
        source.begin()
        number = first + source.given
        try:
            row = next(reader)
            broken = (grows or len(source.taken) > 1) and "".join(source.taken).count('"') % 2 == 1
        except StopIteration:
            return
        except csv.Error:
            row, broken = [], True
        if grows and broken and source.ended:
            # The lines to come may close the quote.
            return
        if (broken and (len(source.taken) > 1 or not row)) or len(source.taken) > _QUOTED_LINES:
            begun = source.give_back()
            row = [cell.strip('"') for cell in begun.rstrip("\r\n").split(delimiter)]
        yield number, row
