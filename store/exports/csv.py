"""Rows as CSV (RFC 4180) for spreadsheets: formulas defused, times in ISO 8601 UTC, never half a file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from store.cleaning import clean
from store.exports.fields import RECIPIENT_FIELDS, Field
from store.exports.files import Target, writing
from store.exports.json import iso

_FORMULA = tuple("=+-@\t\r\u2409\u240d\uff0b\uff0d\uff1d\uff20")
_LEADING = " \"'\u00a0\u3000"


def export(
    rows: Iterable[Any],
    target: Target,
    *,
    fields: Sequence[Field] = RECIPIENT_FIELDS,
    bom: bool = False,
    overwrite: bool = False,
) -> int:
    """Write rows as CSV in UTF-8 and return their number.

    Args:
        rows: the rows, in the order wanted.
        target: where to (:func:`store.exports.files.writing`).
        fields: the columns.
        bom: begin with a byte order mark, by which Excel knows UTF-8.
        overwrite: whether an existing file may be replaced.

    Raises:
        Refused: the file exists.
        BadInput: the file cannot be written there.
        DiskFull: no room; the old file, if any, is as it was.
    """
    count = 0
    names = [field.name for field in fields]
    with writing(target, overwrite=overwrite) as stream:
        if bom:
            stream.write("\ufeff")
        writer = csv.writer(stream)
        writer.writerow([field.heading for field in fields])
        for row in rows:
            count += 1
            # None is an empty cell to the writer, and most cells are.
            values = [getattr(row, name) for name in names]
            writer.writerow([None if value is None else _CELLS.get(value.__class__, cell)(value) for value in values])
    return count


def cell(value: Any) -> str:
    """Return a value as the text of a cell; one that could be taken for a formula gets an apostrophe in front."""
    return _text(str(value)) if isinstance(value, str) else plain(value)


def _text(value: str) -> str:
    text = clean(value)
    return text if text[:1].isalnum() or not formula(text) else f"'{text}"


def plain(value: Any) -> str:
    """Return a value as clean text: yes or no, times in ISO 8601 UTC, "" for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return iso(value)
    return str(value) if isinstance(value, int) else clean(str(value))


def formula(text: str) -> bool:
    """Tell whether a spreadsheet could take a text for a formula (OWASP, CSV injection).

    Also where blanks or quotes stand before the sign.
    """
    return text.lstrip(_LEADING).startswith(_FORMULA)


_CELLS: dict[type, Callable[[Any], str]] = {str: _text, int: str, datetime: iso}
"""What most values are goes straight to its text."""
