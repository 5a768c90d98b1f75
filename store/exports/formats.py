"""Writing rows to a file in the format that its name says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from store.errors import BadInput, Refused
from store.exports import csv, json
from store.exports.about import About
from store.exports.fields import RECIPIENT_FIELDS, Field
from store.exports.files import Target

R = TypeVar("R")

SIDE_SUFFIX = ".meta.json"
"""What the file beside a CSV or JSON file is called: its name and this."""

_OFTEN = 1000


class Format(StrEnum):
    """What rows are written as."""

    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"
    JSON = "json"
    TEXT = "text"

    @property
    def suffix(self) -> str:
        """The suffix of its files."""
        return ".txt" if self is Format.TEXT else f".{self.value}"


_BY_SUFFIX = {
    **{kind.suffix: kind for kind in Format},
    ".htm": Format.HTML,
    ".ndjson": Format.JSON,
    ".jsonl": Format.JSON,
    ".text": Format.TEXT,
}


def format_of(target: str | Path) -> Format:
    """Return the format that a file's suffix says; CSV where it has none, and for the standard output.

    Raises:
        BadInput: the suffix is that of none.
    """
    suffix = "" if str(target) == "-" else Path(target).suffix.lower()
    if not suffix:
        return Format.CSV
    if suffix not in _BY_SUFFIX:
        raise BadInput(f"{suffix} is no format to export to; there are .csv, .xlsx, .html, .json and .txt.")
    return _BY_SUFFIX[suffix]


def side_of(target: Target, kind: Format) -> Path | None:
    """Return the file that is written beside ``target``; None where the format has a head, or it is no file."""
    if kind not in {Format.CSV, Format.JSON} or not isinstance(target, Path | str) or str(target) == "-":
        return None
    return Path(target).with_name(f"{Path(target).name}{SIDE_SUFFIX}")


def write(
    rows: Iterable[Any],
    target: Target,
    about: About,
    *,
    kind: Format,
    fields: Sequence[Field] = RECIPIENT_FIELDS,
    to_objects: Callable[[Iterable[Any]], Iterable[Mapping[str, Any]]] | None = None,
    bom: bool = False,
    beside: bool = True,
    overwrite: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> int:
    """Write rows and return their number; what the file is stands in its head, or in a file beside a CSV or JSON file.

    Args:
        rows: the rows, in the order wanted; they are read one after the other.
        target: where to (:func:`store.exports.files.writing`).
        about: what the file says of itself; the number of rows is put right where it differs.
        kind: the format.
        fields: the columns; JSON has objects of its own.
        to_objects: for JSON: from rows to objects; None: the fields by their names.
        bom: begin a CSV file with a byte order mark, by which Excel knows UTF-8.
        beside: write the file beside a CSV or JSON file.
        overwrite: whether existing files may be replaced.
        on_progress: told the number of rows written, about every thousand.

    Raises:
        Refused: the file, or the one beside it, exists.
        BadInput: the file cannot be written there.
        DiskFull: no room; the old file, if any, is as it was.
    """
    side = side_of(target, kind) if beside else None
    if side is not None and not overwrite and os.path.lexists(side):
        raise Refused(f"{side} exists already; nothing was written.")
    told = rows if on_progress is None else _told(rows, on_progress)
    if kind is Format.CSV:
        count = csv.export(told, target, fields=fields, bom=bom, overwrite=overwrite)
    elif kind is Format.JSON:
        objects = to_objects(told) if to_objects is not None else _objects(told, fields)
        count = json.export(objects, target, overwrite=overwrite)
    else:
        count = _exporter(kind)(told, target, about, fields=fields, overwrite=overwrite)
    if side is not None:
        json.export([replace(about, count=count).to_object()], side, overwrite=overwrite)
    return count


def _exporter(kind: Format) -> Callable[..., int]:
    if kind is Format.XLSX:
        from store.exports import xlsx

        return xlsx.export
    if kind is Format.HTML:
        from store.exports import html

        return html.export
    from store.exports import text

    return text.export


def _told(rows: Iterable[R], on_progress: Callable[[int], None]) -> Iterator[R]:
    for count, row in enumerate(rows, 1):
        yield row
        if count % _OFTEN == 0:
            on_progress(count)


def _objects(rows: Iterable[Any], fields: Sequence[Field]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {field.name: json.plain(getattr(row, field.name)) for field in fields}
