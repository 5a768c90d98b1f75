from __future__ import annotations

from pathlib import Path

import pytest

from store.vocabulary import Actor, EventType
from tests.store.plan import happen
from tests.tui.conftest import Walk, Walker
from tui.dialogs.compare import ChooseCampaign
from tui.panes.domains import DomainsPane
from tui.panes.report import ReportPane
from tui.screens.main import MainScreen
from tui.screens.report import DomainsScreen, ReportScreen

TALL = (80, 110)


@pytest.fixture(autouse=True)
def _blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AFTERSEND_ASCII", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def report_of(w: Walker) -> ReportPane:
    return w.app.screen.query_one(ReportPane)


@pytest.mark.parametrize("pane", ["campaigns", "recipients", "links"])
async def test_p_opens_the_report_from_every_pane_and_esc_leaves_it(walk: Walk, pane: str) -> None:
    async with walk(TALL, at=pane) as w:
        await w.press("p")
        assert isinstance(w.app.screen, ReportScreen)
        assert w.text.startswith(" Report · Autumn newsletter")
        assert "delivered │" in w.text
        assert "machine only │" in w.text
        assert "First openings in 48 hours" in w.text
        assert "example.org/offer" in w.text
        assert "1 earlier" in w.text
        assert report_of(w).found is not None
        await w.press("escape")
        assert isinstance(w.app.screen, MainScreen)


async def test_a_report_without_a_campaign_is_refused_with_the_reason(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("slash")
        await w.type("anna")
        await w.press("enter", "t", "p")
        assert "A report is about one campaign" in w.text


async def test_figures_take_the_place_of_the_charts_and_go_again(walk: Walk) -> None:
    async with walk((80, 130), at="campaigns") as w:
        await w.press("p")
        assert "Hours from the sending" not in w.text
        await w.press("t")
        assert "Hours from the sending" in w.text
        assert "First openings by hour of the week" in w.text
        await w.press("t")
        assert "Hours from the sending" not in w.text


async def test_a_wide_terminal_shows_all_of_it_at_once(walk: Walk) -> None:
    async with walk((140, 40), at="campaigns") as w:
        await w.press("p")
        text = w.text
        for heading in ("Buckets", "Answers", "Among your earlier", "Best hours", "First openings", "Clicks by link"):
            assert heading in text
        assert max(map(len, text.splitlines())) <= 140


async def test_a_small_terminal_scrolls(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("p")
        assert "lines 1-22 of" in w.text
        await w.press("G")
        assert "Clicks by link" in w.text
        await w.press("g", "pagedown")
        assert "First openings in 48 hours" in w.text


async def test_another_campaign_is_put_beside_and_taken_away(walk: Walk) -> None:
    async with walk(TALL, at="campaigns") as w:
        await w.press("p", "c")
        assert isinstance(w.app.screen, ChooseCampaign)
        await w.type("nothing like it")
        assert "No campaign is called so." in w.text
        await w.press("enter")
        assert isinstance(w.app.screen, ChooseCampaign)
        await w.press(*["backspace"] * len("nothing like it"))
        await w.type("spri")
        await w.press("enter")
        assert w.text.startswith(" Report · Autumn newsletter beside Spring letter")
        assert "A Autumn newsletter  beside  B Spring letter" in w.text
        assert "Newcombe" in w.text
        assert "1 person is in both plans" in w.text
        assert "may be chance" in w.text
        await w.press("escape")
        assert isinstance(w.app.screen, ReportScreen)
        assert "beside" not in w.text
        await w.press("c", "escape", "escape")
        assert isinstance(w.app.screen, MainScreen)


async def test_what_is_read_again_shows_what_happened_since(walk: Walk) -> None:
    async with walk(TALL, at="campaigns") as w:
        await w.press("p")
        assert "machines only 1\n" in w.text
        happen(w.app.store, w.ids["dora"], EventType.OPENED, 60 * 24 + 20, actor=Actor.MACHINE)
        await w.press("full_stop")
        assert "machines only 2\n" in w.text


async def test_enter_on_a_domain_shows_its_recipients(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("p", "D")
        assert isinstance(w.app.screen, DomainsScreen)
        assert "Receiving domains · Autumn newsletter" in w.text
        assert "1 domain" in w.text
        await w.press("enter")
        assert isinstance(w.app.screen, MainScreen)
        assert w.text.startswith(" Autumn newsletter · example.org")
        assert len(w.shown) == 8
        await w.press("escape", "2")
        assert w.text.startswith(" Autumn newsletter   ")


async def test_domains_are_sorted_by_any_column_and_the_cursor_stays_on_its_domain(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        store = w.app.store
        store.run(lambda: store.execute("UPDATE recipient SET address_key = 'x@zebra.example' WHERE id = 3"))
        store.run(lambda: store.execute("UPDATE recipient SET address_key = 'y@alpha.example' WHERE id = 4"))
        await w.press("p", "D")
        pane = w.app.screen.query_one(DomainsPane)

        def names() -> list[str]:
            return [row.key for row in pane.table.source.page(0, 10)]  # type: ignore[attr-defined]

        assert names() == ["example.org", "alpha.example", "zebra.example"]
        await w.press("G", "o", "g", "enter")
        assert names() == ["alpha.example", "example.org", "zebra.example"]
        assert pane.table.cursor_row == 2
        await w.press("O")
        assert names() == ["zebra.example", "example.org", "alpha.example"]
        assert pane.table.cursor_row == 0
        await w.press("o", "j", "j", "enter")
        assert pane.sort.column == "waiting"
        assert pane.sort.reverse


async def test_a_change_elsewhere_leaves_every_domain_in_its_place_until_it_is_read_again(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        store = w.app.store

        def move(some: str) -> None:
            store.run(lambda: store.execute(f"UPDATE recipient SET address_key = id || '@zebra.example' WHERE {some}"))

        def rows() -> dict[str, int]:
            return {row.key: row.planned for row in pane.table.source.page(0, 10)}  # type: ignore[attr-defined]

        move("id = 3")
        await w.press("p", "D")
        pane = w.app.screen.query_one(DomainsPane)
        assert list(rows().items()) == [("example.org", 7), ("zebra.example", 1)]
        move("id BETWEEN 5 AND 9")
        w.app.stir()
        pane.pace.rested()
        await w.settle()
        assert list(rows().items()) == [("example.org", 2), ("zebra.example", 6)]
        await w.press("full_stop")
        assert list(rows().items()) == [("zebra.example", 6), ("example.org", 2)]


async def test_the_report_is_written_to_a_file(walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with walk(at="campaigns") as w:
        await w.press("p", "x")
        assert "autumn-newsletter-report.html" in w.text
        await w.press("enter")
        await w.settle()
        assert "The report was written to autumn-newsletter-report.html." in w.text
    assert (tmp_path / "autumn-newsletter-report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


async def test_only_a_page_is_written(walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with walk(at="campaigns") as w:
        await w.press("p", "x", *["backspace"] * 4)
        await w.type("csv")
        assert "This is written as HTML only." in w.text
        await w.press("enter", "escape", "escape")
    assert list(tmp_path.glob("*.csv")) == []
