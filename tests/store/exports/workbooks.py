"""Reading a workbook again with nothing but its XML (ECMA-376, part 1, 18.3)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(path: Path) -> dict[str, list[list[str]]]:
    """Return the cells of each sheet by its name, row by row, empty ones at the end left out."""
    with zipfile.ZipFile(path) as book:
        names = [tag.get("name", "") for tag in _xml(book, "xl/workbook.xml").iter(f"{_MAIN}sheet")]
        return {name: _rows(_xml(book, f"xl/worksheets/sheet{at}.xml")) for at, name in enumerate(names, 1)}


def tags(path: Path, tag: str) -> int:
    """Return how often a tag stands in the sheets."""
    with zipfile.ZipFile(path) as book:
        inner = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        return sum(len(list(_xml(book, name).iter(f"{_MAIN}{tag}"))) for name in inner)


def _xml(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(name))


def _rows(sheet: ElementTree.Element) -> list[list[str]]:
    found = []
    for row in sheet.iter(f"{_MAIN}row"):
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            at = _column(cell.get("r", ""))
            cells += [""] * (at - len(cells))
            cells.append("".join(cell.itertext()))
        found.append(cells)
    return found


def _column(reference: str) -> int:
    number = 0
    for letter in filter(str.isalpha, reference):
        number = number * 26 + ord(letter) - 64
    return number - 1
