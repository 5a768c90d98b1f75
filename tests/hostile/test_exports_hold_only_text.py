"""Files that are handed on, read as programs read them: no formula, no script, no markup of theirs."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from tests.hostile.needles import TAG, unprintable
from tests.hostile.world import KNOWN
from tests.store.exports.workbooks import tags
from tui.cli import aftersend

Written = Callable[..., Path]

EXPORTS = (
    ("export", "--list", "Fair", "--to"),
    ("blocked", "--to"),
    ("journal", "--to"),
    ("corrections", "--to"),
    ("complaints", "--to"),
    ("find", TAG, "--limit", "40", "--to"),
)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STARTS = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 - the wide forms, which some spreadsheets take for the narrow ones
OURS = {"html", "head", "meta", "title", "style", "body", "h1", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th"}
OURS |= {"td", "header", "main", "p", "section", "h2", "svg", "g", "rect", "text", "line", "path", "defs", "pattern"}
OURS |= {
    "i",
    "ul",
    "li",
    "b",
    "span",
    "figure",
    "figcaption",
    "desc",
    "div",
    "tfoot",
    "caption",
    "details",
    "summary",
    "tspan",
}


@pytest.fixture(scope="module")
def path(_hostile_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(_hostile_path, tmp_path_factory.mktemp("exported") / "hostile.db"))


@pytest.fixture
def written(path: Path, tmp_path: Path) -> Written:
    """Have a command write a file of a kind, and return it."""

    def call(words: tuple[str, ...], kind: str) -> Path:
        target = tmp_path / f"rows.{kind}"
        args = [*words, str(target)]
        result = CliRunner().invoke(aftersend, args, env={"AFTERSEND_STORE": str(path), "USER": f"{TAG}\x1b[5m"})
        assert result.exit_code == 0, result.output
        return target

    return call


@pytest.mark.parametrize("words", EXPORTS, ids=lambda words: words[0])
def test_no_cell_of_a_csv_file_is_a_formula(written: Written, words: tuple[str, ...]) -> None:
    text = written(words, "csv").read_text(encoding="utf-8-sig")
    assert unprintable(text, "\n\r") == []
    rows = list(csv.reader(text.splitlines(keepends=True)))
    assert any(TAG in cell for row in rows for cell in row)
    assert len({len(row) for row in rows}) == 1
    cells = [cell for row in rows for cell in row if cell.lstrip(" \"'") and not cell.startswith("'")]
    assert [cell for cell in cells if cell.lstrip(' "').startswith(tuple(STARTS))] == []


@pytest.mark.parametrize("words", EXPORTS, ids=lambda words: words[0])
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(written: Written, words: tuple[str, ...]) -> None:
    target = written(words, "xlsx")
    assert tags(target, "f") == tags(target, "hyperlink") == 0
    with zipfile.ZipFile(target) as book:
        formats = ElementTree.fromstring(book.read("xl/styles.xml")).find(f"{MAIN}cellXfs")
        inner = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert formats is not None
    as_text = {str(at) for at, one in enumerate(formats) if one.get("quotePrefix") == "1"}
    cells = [cell for sheet in inner for cell in ElementTree.fromstring(sheet).iter(f"{MAIN}c")]
    assert any(TAG in "".join(cell.itertext()) for cell in cells)
    for cell in cells:
        text = "".join(cell.itertext())
        assert unprintable(text, "") == []
        assert not re.search("(?<!_x005F)_x00[01]", text)
        assert cell.get("t") != "inlineStr" or not text.startswith(tuple(STARTS)) or cell.get("s") in as_text


class _Page(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element and its attributes."""
        self.tags.add(tag)
        self.attributes += attrs


@pytest.mark.parametrize("words", [*EXPORTS, ("report",)], ids=lambda words: words[0])
def test_a_page_has_no_element_and_no_attribute_of_theirs(path: Path, written: Written, words: tuple[str, ...]) -> None:
    if words == ("report",):
        db = sqlite3.connect(path)
        ((key,),) = db.execute("SELECT key FROM campaign WHERE id = 1").fetchall()
        db.close()
        page = _printed(path, "report", key, "--html", "-")
    else:
        page = written(words, "html").read_text(encoding="utf-8")
    assert TAG in page
    assert unprintable(page, "\n") == []
    parsed = _Page()
    parsed.feed(page)
    parsed.close()
    assert parsed.tags <= OURS
    for name, value in parsed.attributes:
        assert not name.startswith("on")
        assert name not in {"href", "src", "xlink:href"} or (value or "").startswith("#")
        assert name in {"aria-label", "content"} or TAG not in (value or "")


@pytest.mark.parametrize("kind", ["json", "txt"])
@pytest.mark.parametrize("words", EXPORTS, ids=lambda words: words[0])
def test_lines_of_text_and_json_hold_nothing_but_text(written: Written, words: tuple[str, ...], kind: str) -> None:
    target = written(words, kind)
    text = target.read_text(encoding="utf-8")
    assert TAG in text
    assert unprintable(text) == []
    for line in text.splitlines() if kind == "json" else ():
        assert unprintable("".join(_texts(json.loads(line))), "") == []
    beside = target.with_name(f"{target.name}.meta.json")
    assert not beside.exists() or unprintable(beside.read_text(encoding="utf-8")) == []


def test_what_is_handed_out_of_a_person_is_whole_and_yet_only_text(path: Path) -> None:
    text = _printed(path, "person", "export", KNOWN, "-")
    assert unprintable(text) == []
    assert any("\x1b" in one for one in _texts(json.loads(text)))


def _printed(path: Path, *words: str) -> str:
    result = CliRunner().invoke(aftersend, words, env={"AFTERSEND_STORE": str(path)}, color=True)
    assert result.exit_code == 0, result.output
    return result.stdout


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for name, one in value.items() for text in (name, *_texts(one))]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []
