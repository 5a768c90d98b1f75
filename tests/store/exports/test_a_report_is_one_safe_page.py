from __future__ import annotations

import re
import stat
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from store.database import Store
from store.errors import Refused
from store.exports import report_html
from store.queries.campaigns import find_campaign, list_campaigns
from store.queries.reports import report
from store.rows.reports import FIRST_HOURS
from tests.store.building import BASE, HOUR, Builder

NOW = datetime(2026, 3, 20, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>&amp;\"'</title></style>\x1b]0;pwn\x07"
URL = "javascript:alert(1)//\"onload='x'><img src=https://evil.example/p.gif>"
_FETCHING = {"src", "href", "srcset", "action", "data", "poster", "background", "xlink:href", "formaction", "ping"}


class Page(HTMLParser):
    """What a browser sees: the tags with their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def build(store: Store) -> Builder:
    return Builder(store)


@pytest.fixture
def page(store: Store, build: Builder, tmp_path: Path) -> str:
    """The page of a campaign whose every text is hostile, beside another one."""
    campaign = build.campaign(HOSTILE, key="bad", started_at=BASE)
    other = build.campaign("Spring <b>letter</b>", key="spring", started_at=BASE - 1)
    link = build.link(campaign, URL)
    for number in range(12):
        contact = build.contact(f"p{number}@<i>north</i>.example", tracking_consent=number % 3 > 0)
        opened = {"opened_at": BASE + number * HOUR, "engagement": 20} if number < 5 else {}
        recipient = build.delivered(campaign, contact, **opened)
        build.delivered(other, contact)
        if number < 3:
            build.click(link, recipient, clicks=2, machine=1)
    build.count()
    target = tmp_path / "report.html"
    report_html.export(store, report(store, campaign, other), target, NOW, zone=UTC)
    return target.read_text(encoding="utf-8")


def test_the_page_is_well_formed_in_the_strict_sense(page: str) -> None:
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    assert root.tag == "html"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_nothing_is_loaded_and_nothing_runs(page: str) -> None:
    seen = Page(page)
    assert {name for name, _ in seen.tags} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "a",
        "base",
        "image",
    } == set()
    attributes = {name for _, found in seen.tags for name in found}
    assert not attributes & _FETCHING
    assert not [name for name in attributes if name.startswith("on")]
    assert re.findall(r"url\((?!#hatch\))|@import", page) == []
    policy = next(found for found in seen.named("meta") if "content-security-policy" in str(found).lower())
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_hostile_text_is_shown_as_text(page: str) -> None:
    words = " ".join(Page(page).words)
    assert "<script>alert(1)</script>&amp;\"'</title></style>" in words
    assert URL in words
    assert "<i>north</i>.example" in words
    assert "Spring <b>letter</b>" in words
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", page)


def test_each_chart_has_a_title_a_description_and_its_figures_beside_it(page: str) -> None:
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    pictures = [element for element in root.iter("svg") if element.get("role") == "img"]
    assert len(pictures) == 5
    for picture in pictures:
        title, said, *_ = list(picture)
        assert (title.tag, said.tag) == ("title", "desc")
        assert picture.get("aria-labelledby") == f"{title.get('id')} {said.get('id')}"
        assert title.text
        assert said.text
    for pair in (element for element in root.iter("div") if element.get("class") == "pair"):
        assert pair.find("figure") is not None
        assert pair.find("div/table") is not None
    assert [heading.text for heading in root.iter("h2")][1:] == [
        "Buckets",
        "Answers",
        "First openings in 48 hours",
        "Best hours",
        "Clicks by link",
        "Among your earlier campaigns",
        "Domains",
    ]


def test_the_figures_are_those_of_the_report(store: Store, page: str) -> None:
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    tables = {box.get("aria-label"): box for box in root.iter("div") if box.get("role") == "region"}
    rows = {
        name: [["".join(cell.itertext()) for cell in row] for row in box.iter("tr")] for name, box in tables.items()
    }
    found = report(store, find_campaign(store, "bad").id)
    openings = rows["Figures: First openings in 48 hours"]
    assert openings[1] == ["0-1 h, Mon 08:00", "1", "0", "20.0 %"]
    assert openings[-1] == ["all", "5", "0", ""]
    assert len(openings) == 1 + FIRST_HOURS + 2
    assert rows["Figures: Buckets"] == [
        ["Bucket", "Number", "Share"],
        ["delivered", "12", "100 %"],
        ["planned", "12", ""],
    ]
    assert rows["Figures: Answers"][-1] == ["unknown", str(found.unknown), "16.7 %"]
    assert rows["Figures: Best hours"][9] == ["8-9 h", "1", *["0"] * 6, "1"]
    assert rows["Figures: Domains"][1][1:3] == ["12", "12"]


def test_the_page_lies_in_a_private_file_and_replaces_none_unasked(
    store: Store, build: Builder, tmp_path: Path
) -> None:
    campaign = build.campaign("Quiet")
    build.count()
    target = tmp_path / "report.html"
    found = report(store, campaign)
    report_html.export(store, found, target, NOW)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(Refused, match="exists already"):
        report_html.export(store, found, target, NOW)
    report_html.export(store, found, target, NOW, overwrite=True)
    assert list(tmp_path.glob("*.part")) == []


def test_every_campaign_of_the_sample_world_has_a_page(sample_store: Store, tmp_path: Path, clock: datetime) -> None:
    for row in list_campaigns(sample_store):
        target = tmp_path / f"{row.key}.html"
        report_html.export(sample_store, report(sample_store, row.id), target, clock)
        ElementTree.fromstring(target.read_text(encoding="utf-8").removeprefix("<!DOCTYPE html>\n"))
