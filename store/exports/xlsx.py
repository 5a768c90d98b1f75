"""Rows as an Excel workbook: text is text and never a formula, times are times, and the first sheet tells what it is.

XlsxWriter writes row by row to temporary files, so that a million rows need no more memory than a few.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

from store.errors import BadInput
from store.exports.about import About
from store.exports.csv import formula, plain
from store.exports.fields import RECIPIENT_FIELDS, Field
from store.exports.files import Target, placing

ROWS_A_SHEET = 1_048_575
"""Rows of a worksheet below the headings (Excel specifications and limits); more go on another sheet."""

_FOLDER = "aftersend-"
_LONGEST = 32_767
_NO_XML = {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}
_TIME_WIDTH = 18
_WIDTHS = {"address": 32, "contact_address": 32, "name": 24, "company": 24, "reason": 18}
_OTHER_WIDTH = 14
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
}


def export(
    rows: Iterable[Any],
    target: Target,
    about: About,
    *,
    fields: Sequence[Field] = RECIPIENT_FIELDS,
    overwrite: bool = False,
) -> int:
    """Write rows as XLSX and return their number.

    Args:
        rows: the rows, in the order wanted.
        target: a path, or "-" for the standard output.
        about: what the first sheet says.
        fields: the columns.
        overwrite: whether an existing file may be replaced.

    Raises:
        Refused: the file exists.
        BadInput: the file cannot be written there.
        DiskFull: no room; the old file, if any, is as it was.
    """
    if not isinstance(target, Path | str):
        raise BadInput("XLSX is written to a file or to the standard output.")
    if str(target) != "-":
        with placing(Path(target), overwrite=overwrite) as beside:
            return _write(rows, beside, about, fields)
    with tempfile.TemporaryDirectory(prefix=_FOLDER) as folder:
        beside = Path(folder, "export.xlsx")
        count = _write(rows, beside, about, fields)
        with beside.open("rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.flush()
    return count


def _write(rows: Iterable[Any], path: Path, about: About, fields: Sequence[Field]) -> int:
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    # Its temporary files hold people's data: in a private folder that goes with them, also when writing fails.
    with tempfile.TemporaryDirectory(prefix=_FOLDER) as folder:
        book = Workbook(str(path), {**_OPTIONS, "tmpdir": folder})
        book.use_zip64()
        try:
            head = book.add_worksheet("About")
            count = _sheets(book, rows, about.noun.capitalize(), fields)
            _about(book, head, replace(about, count=count))
            book.close()
        except FileCreateError as error:
            raise error.__cause__ or error.__context__ or OSError(str(error)) from error
        finally:
            # A workbook that was not closed would keep the files of its sheets open.
            for sheet in book.worksheets():
                sheet._opt_close()
    return count


def _about(book: Any, sheet: Any, about: About) -> None:
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 80)
    for at, (label, text) in enumerate(about.lines()):
        sheet.write_string(at, 0, label, bold)
        sheet.write_string(at, 1, _fitting(text))


def _sheets(book: Any, rows: Iterable[Any], name: str, fields: Sequence[Field]) -> int:
    """Write the rows, on one sheet or several; at least one, which is shown when the file is opened."""
    bold = book.add_format({"bold": True, "bottom": 1})
    cell = _cells(book)
    taken = iter(rows)
    count = number = 0
    first: list[Any] = list(islice(taken, 1))
    while first or not number:
        number += 1
        sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
        if number == 1:
            sheet.activate()
        sheet.freeze_panes(1, 0)
        for at, field in enumerate(fields):
            sheet.set_column(at, at, _width(field))
        for at, field in enumerate(fields):
            sheet.write_string(0, at, field.heading, bold)
        line = 0
        for line, row in enumerate(islice(chain(first, taken), ROWS_A_SHEET), 1):
            for at, field in enumerate(fields):
                cell(sheet, line, at, getattr(row, field.name))
        sheet.autofilter(0, 0, line, len(fields) - 1)
        count += line
        first = list(islice(taken, 1))
    return count


def _cells(book: Any) -> Callable[[Any, int, int, Any], None]:
    """Return what writes one cell: text as text, numbers and times as such, nothing for nothing."""
    # Excel takes such a text for a formula once somebody edits it, unless the cell is marked as text.
    quoted = book.add_format({"quote_prefix": True, "num_format": "@"})

    def cell(sheet: Any, row: int, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None))
        elif isinstance(value, int) and not isinstance(value, bool):
            sheet.write_number(row, column, value)
        else:
            text = _fitting(plain(value))
            sheet.write_string(row, column, text, quoted if formula(text) else None)

    return cell


def _fitting(text: str) -> str:
    text = text.translate(_NO_XML)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _width(field: Field) -> int:
    return _TIME_WIDTH if field.name.endswith("_at") else _WIDTHS.get(field.name, _OTHER_WIDTH)
