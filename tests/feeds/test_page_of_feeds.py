from __future__ import annotations

from pathlib import Path

from store.feeds import esp
from store.feeds.esp.vendors import ORDER
from store.feeds.logs import LOGS
from store.feeds.opening import EVENTS, MAILBOX
from store.feeds.page import declarations, feeds_page

ROOT = Path(__file__).parent.parent.parent


def test_the_page_of_feeds_is_what_the_feeds_declare() -> None:
    assert (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8") == feeds_page(), "run `make docs`"


def test_whatever_ingest_can_find_is_declared() -> None:
    declared = {name for feed in declarations() for name in feed.formats}
    assert {*LOGS, MAILBOX, EVENTS} <= declared


def test_every_providers_table_declares_itself_and_is_read() -> None:
    tables = {file.stem for file in Path(esp.__file__).parent.glob("*.toml")}
    assert tables == set(ORDER)
    assert len([feed for feed in declarations() if feed.section == "providers"]) == len(ORDER)


def test_no_line_of_the_page_is_wider_than_one_can_read() -> None:
    assert [line for line in feeds_page().splitlines() if len(line) > 120] == []
