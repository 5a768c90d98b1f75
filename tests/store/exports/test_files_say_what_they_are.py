"""Every format, read again: nothing is a formula, nothing is markup, and the file says what it holds."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from store.asking import RecipientFilter, Sort
from store.database import Store
from store.errors import BadInput, DiskFull, Refused
from store.exports import xlsx
from store.exports.about import About
from store.exports.fields import CLICKER_FIELDS, RECIPIENT_FIELDS
from store.exports.formats import Format, format_of, write
from store.exports.recipients import recipient_objects
from store.exports.text import cells_of
from store.journal import Operator
from store.queries.links import ClickersView
from store.queries.recipients import counted_stream, stream
from store.queries.snapshot import streamed
from store.rows import RecipientRow
from store.vocabulary import BounceKind, Delivery, State
from tests.store.building import BASE, Builder
from tests.store.exports.workbooks import sheets, tags

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
NAMES = [
    "=HYPERLINK(1)",
    "{=1+1}",
    "+49 30 1",
    "Zoé <b>Grün</b> & Co",
    "a\nb\x1b[2J",
    "http://x.example/",
    "00123",
    "吴 伟",
]
ABOUT = About(
    "recipients",
    "Spring · bounced",
    len(NAMES),
    NOW,
    Operator("ann", "desk-1"),
    campaign="Spring",
    filter=RecipientFilter(7, frozenset({State.BOUNCED}), text="x.example"),
    sort=Sort("name", reverse=True),
)


@pytest.fixture
def rows(store: Store) -> list[RecipientRow]:
    build = Builder(store)
    campaign = build.campaign("Spring")
    for n, name in enumerate(NAMES):
        build.recipient(
            campaign,
            build.contact(f"p{n}@x.example", name, company="" if n else "@SUM(1)"),
            delivery=Delivery.BOUNCED.code,
            bounce_kind=BounceKind.HARD.code,
            bounced_at=BASE + 120,
            reply=550,
        )
    build.count()
    return list(stream(store, RecipientFilter(campaign)))


class Page(HTMLParser):
    """The cells of a page's table, and every tag in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open = tag
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.open in {"td", "th"}:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.open = ""


def test_a_workbook_has_text_numbers_and_times_but_no_formula_and_no_link(
    rows: list[RecipientRow], tmp_path: Path
) -> None:
    path = tmp_path / "out.xlsx"
    assert write(rows, path, ABOUT, kind=Format.XLSX) == len(NAMES)
    assert tags(path, "f") == tags(path, "hyperlink") == 0
    head, *lines = sheets(path)["Recipients"]
    assert head == [field.heading for field in RECIPIENT_FIELDS]
    names = [line[head.index("Name")] for line in lines]
    assert names == ["=HYPERLINK(1)", "{=1+1}", "+49 30 1", "Zoé <b>Grün</b> & Co", "a␊b␛[2J", *NAMES[5:]]
    assert lines[0][head.index("Reply")] == "550"
    # Days since 1899-12-30, with the time as a fraction.
    assert float(lines[0][head.index("Bounced at")]) == pytest.approx(46083 + 8 / 24, abs=1e-4)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.with_name("out.xlsx.meta.json").exists()


def test_a_workbooks_first_sheet_says_what_it_is(rows: list[RecipientRow], tmp_path: Path) -> None:
    write(rows, tmp_path / "out.xlsx", ABOUT, kind=Format.XLSX)
    about = {label: text for label, text in sheets(tmp_path / "out.xlsx")["About"]}
    assert about == {
        "Holds": "8 recipients",
        "Of": "Spring · bounced",
        "Campaign": "Spring",
        "Filter": "bounced · “x.example”",
        "Order": "name, reversed",
        "Written": "2026-03-04 09:30:00 UTC",
        "By": "ann at desk-1",
        "Times": "UTC",
    }


def test_more_rows_than_a_sheet_takes_go_on_another_one(
    rows: list[RecipientRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "ROWS_A_SHEET", 5)
    path = tmp_path / "out.xlsx"
    assert xlsx.export(rows, path, ABOUT) == 8
    found = sheets(path)
    assert [(name, len(lines)) for name, lines in found.items()] == [
        ("About", 8),
        ("Recipients", 6),
        ("Recipients 2", 4),
    ]
    assert found["Recipients"][0] == found["Recipients 2"][0]


def test_texts_that_no_cell_or_no_xml_takes_are_cut_and_replaced(tmp_path: Path) -> None:
    class Row:
        name = "x" * 40_000
        address = "a\ufffeb_x0041_"

    fields = [field for field in RECIPIENT_FIELDS if field.name in {"name", "address"}]
    xlsx.export([Row()], tmp_path / "out.xlsx", ABOUT, fields=fields)
    _, (address, name) = sheets(tmp_path / "out.xlsx")["Recipients"]
    assert (len(name), name[-1]) == (32_767, "…")
    assert address == "a\ufffdb_x005F_x0041_"


def test_an_empty_workbook_has_its_headings(tmp_path: Path) -> None:
    assert xlsx.export([], tmp_path / "out.xlsx", ABOUT) == 0
    found = sheets(tmp_path / "out.xlsx")
    assert len(found["Recipients"]) == 1
    assert ["Holds", "0 recipients"] in found["About"]


def test_a_workbook_that_fails_leaves_nothing_behind(
    rows: list[RecipientRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    def failing() -> Iterator[RecipientRow]:
        yield from rows
        raise BadInput("the store went away")

    with pytest.raises(BadInput, match="went away"):
        xlsx.export(failing(), tmp_path / "out.xlsx", ABOUT)
    assert os.listdir(temporary) == []
    assert [name for name in os.listdir(tmp_path) if "out" in name] == []


def test_a_full_disk_is_a_sentence_and_the_old_workbook_stays(
    rows: list[RecipientRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"mine")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zipfile.ZipFile.write", full)
    with pytest.raises(DiskFull, match="is full"):
        xlsx.export(rows, path, ABOUT, overwrite=True)
    assert path.read_bytes() == b"mine"
    assert os.listdir(tmp_path).count("out.xlsx") == 1


def test_a_page_is_whole_in_itself_and_shows_markup_as_text(rows: list[RecipientRow], tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    assert write(rows, path, ABOUT, kind=Format.HTML) == len(NAMES)
    text = path.read_text("utf-8")
    page = Page(text)
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "dl", "dt", "dd"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert all(not {"src", "href"} & set(attributes) for _, attributes in page.tags)
    assert "default-src 'none'" in text
    head, *lines = page.rows
    assert [line[head.index("Name")] for line in lines][3:5] == ["Zoé <b>Grün</b> & Co", "a␊b␛[2J"]
    assert "<dt>Filter</dt><dd>bounced · “x.example”</dd>" in text
    assert "<dt>By</dt><dd>ann at desk-1</dd>" in text
    assert lines[0][head.index("Bounced at")] == "2026-03-02 08:00"


def test_text_is_aligned_whole_and_without_empty_columns(rows: list[RecipientRow], tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    assert write(rows, path, ABOUT, kind=Format.TEXT) == len(NAMES)
    head, _, table = path.read_text("utf-8").partition("\n\n")
    assert "Holds     8 recipients" in head
    assert "Written   2026-03-04 09:30:00 UTC" in head
    titles, rules, *lines = table.splitlines()
    assert "Opened at" not in titles
    assert set(rules) == {"-", " "}
    at = titles.index("Company")
    begin = [cells_of(re.split(r"p\d@", line)[0]) for line in lines]
    assert begin == [titles.index("Address")] * len(NAMES)
    assert lines[0][at:].startswith("@SUM(1)")
    assert "吴 伟" in lines[7]


@pytest.mark.parametrize("kind", [Format.CSV, Format.JSON])
def test_beside_a_file_without_a_head_lies_one_that_says_what_it_is(
    rows: list[RecipientRow], tmp_path: Path, kind: Format
) -> None:
    path = tmp_path / f"out{kind.suffix}"
    assert write(rows[:3], path, ABOUT, kind=kind) == 3
    side = path.with_name(f"{path.name}.meta.json")
    assert json.loads(side.read_text("utf-8")) == {
        "rows": "recipients",
        "count": 3,
        "scope": "Spring · bounced",
        "campaign": "Spring",
        "list": None,
        "filter": {"campaign_id": 7, "states": ["bounced"], "text": "x.example"},
        "sort": {"column": "name", "reverse": True},
        "chosen_by_hand": False,
        "written_at": "2026-03-04T09:30:00.000Z",
        "operator": "ann",
        "host": "desk-1",
        "written_by": "aftersend",
    }
    assert stat.S_IMODE(side.stat().st_mode) == 0o600
    path.unlink()
    with pytest.raises(Refused, match=r"meta\.json exists already; nothing was written"):
        write(rows, path, ABOUT, kind=kind)
    assert not path.exists()
    assert write(rows, path, ABOUT, kind=kind, overwrite=True) == len(NAMES)
    assert json.loads(side.read_text("utf-8"))["count"] == len(NAMES)


def test_no_file_is_written_beside_where_none_is_wanted(rows: list[RecipientRow], tmp_path: Path) -> None:
    write(rows, tmp_path / "out.csv", ABOUT, kind=Format.CSV, beside=False)
    write(rows, io.StringIO(), ABOUT, kind=Format.CSV)
    assert os.listdir(tmp_path).count("out.csv.meta.json") == 0


def test_json_holds_the_outcomes_and_clickers_their_clicks(store: Store, tmp_path: Path) -> None:
    build = Builder(store)
    campaign = build.campaign("Spring")
    recipient = build.delivered(campaign, build.contact("a@x.example", "=Ann"))
    link = build.link(campaign, "https://x.example/a")
    build.click(link, recipient, clicks=3)
    build.count()
    with counted_stream(store, RecipientFilter(campaign)) as (count, found):
        assert count == 1
        write(found, tmp_path / "r.json", ABOUT, kind=Format.JSON, to_objects=lambda r: recipient_objects(store, r))
    assert json.loads((tmp_path / "r.json").read_text())["outcomes"] == []
    people = list(streamed(ClickersView(store), lambda view: view.build(link)))
    for kind in (Format.JSON, Format.CSV, Format.XLSX):
        write(people, tmp_path / f"c{kind.suffix}", ABOUT, kind=kind, fields=CLICKER_FIELDS)
    assert json.loads((tmp_path / "c.json").read_text())["clicks"] == 3
    assert "'=Ann" in (tmp_path / "c.csv").read_text()
    assert sheets(tmp_path / "c.xlsx")["Recipients"][1][:2] == ["a@x.example", "=Ann"]


def test_progress_is_told_about_every_thousand_rows(rows: list[RecipientRow]) -> None:
    told: list[int] = []
    write(rows * 300, io.StringIO(), ABOUT, kind=Format.CSV, on_progress=told.append)
    assert told == [1000, 2000]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", Format.CSV),
        ("a.XLSX", Format.XLSX),
        ("a.htm", Format.HTML),
        ("a.ndjson", Format.JSON),
        ("a.txt", Format.TEXT),
        ("people", Format.CSV),
        ("-", Format.CSV),
    ],
)
def test_a_files_suffix_says_its_format(name: str, kind: Format) -> None:
    assert format_of(name) is kind


def test_a_suffix_of_no_format_is_refused() -> None:
    with pytest.raises(BadInput, match=r"\.pdf is no format to export to; there are \.csv"):
        format_of("a.pdf")
