"""Rows as plain text in columns, for mails and paper: whole, never cut, under a head that tells what they are.

A text wider than any column may be stands out of its column: one name of a megabyte does not make every line as long.
"""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from store.exports.about import About
from store.exports.csv import plain
from store.exports.fields import RECIPIENT_FIELDS, Field
from store.exports.files import Target, writing

_GAP = "  "
_LABEL = 10
_WIDEST = 200


def export(
    rows: Iterable[Any],
    target: Target,
    about: About,
    *,
    fields: Sequence[Field] = RECIPIENT_FIELDS,
    overwrite: bool = False,
) -> int:
    """Write the brief fields of rows as aligned text in UTF-8 and return the rows' number.

    Columns that are empty in all rows are left out. The rows lie in a temporary file until the widths are known.

    Args:
        rows: the rows, in the order wanted.
        target: where to (:func:`store.exports.files.writing`).
        about: what stands above the columns.
        fields: the columns; only the brief ones are written.
        overwrite: whether an existing file may be replaced.

    Raises:
        Refused: the file exists.
        BadInput: the file cannot be written there.
        DiskFull: no room; the old file, if any, is as it was.
    """
    brief = [field for field in fields if field.brief]
    widest = [0] * len(brief)
    count = 0
    with (
        writing(target, overwrite=overwrite) as stream,
        tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as spool,
    ):
        for row in rows:
            count += 1
            # Clean text has neither tabs nor line breaks.
            cells = [_text(getattr(row, field.name)) for field in brief]
            widest = [max(known, cells_of(text)) for known, text in zip(widest, cells, strict=True)]
            spool.write("\t".join(cells) + "\n")
        stream.writelines(f"{label:<{_LABEL}}{text}\n" for label, text in about.lines())
        kept = [at for at, width in enumerate(widest) if width]
        widths = [min(_WIDEST, max(widest[at], len(brief[at].heading))) for at in kept]
        if kept:
            headings = [brief[at].heading for at in kept]
            rules = ["-" * width for width in widths]
            stream.write(f"\n{_line(headings, widths)}{_line(rules, widths)}")
        spool.seek(0)
        for line in spool:
            found = line.removesuffix("\n").split("\t")
            stream.write(_line([found[at] for at in kept], widths))
    return count


def cells_of(text: str) -> int:
    """Return how many cells of a terminal or of a fixed-width font a text takes (Unicode TR 11)."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (text + " " * (width - cells_of(text)) for text, width in zip(cells, widths, strict=True))
    return f"{_GAP.join(padded).rstrip()}\n"


def _text(value: Any) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else plain(value)
