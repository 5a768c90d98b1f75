from pathlib import Path

import pytest

from store.vocabulary import EventType
from tests.store.plan import happen
from tests.tui.conftest import Walk


async def test_each_campaign_says_that_it_adds_up_and_what_is_beside_it(walk: Walk) -> None:
    async with walk((140, 40), at="campaigns") as w:
        await w.press("T")
        assert "Reconciliation · Everything adds up." in w.text
        assert "4 delivered + 1 under way + 2 bounced + 1 ready = 8 of 8 planned: it adds up." in w.text
        await w.press("G")
        assert "beside the plan 3 records about 3 addresses (S shows them)" in w.text
        await w.press("enter")
        assert "Strangers" in w.text


async def test_what_does_not_add_up_is_red_and_named(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        w.app.store.run(lambda: w.app.store.execute("UPDATE campaign_stat SET n = n + 2 WHERE campaign_id = 1"))
        await w.press("T")
        assert "This does not add up: Spring letter." in w.text
        assert "+4 wrong" in w.text or "+2 wrong" in w.text
        await w.press("j")
        assert "it does not add up" in w.text
        assert "shown," in w.text


async def test_feeds_say_what_became_of_their_records_and_show_what_could_not_be_read(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        store = w.app.store
        feed = "INSERT INTO feed VALUES (7, '/var/log/mail.log', 'postfix log', 1, 1, 1, 'x', 1, 5, 1, 0)"
        store.run(lambda: store.execute(feed))
        store.run(lambda: store.execute("INSERT INTO feed_defect VALUES (1, 7, 'line 3', 'This is no line of a log.')"))
        await w.press("T", "t")
        assert "5 records = 0 events + 0 about strangers + 5 known already." in w.text
        await w.press("enter")
        assert "This is no line of a log." in w.text
        await w.press("escape", "t")
        assert "Autumn newsletter" in w.text


async def test_complaints_show_whether_they_were_heeded(
    walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with walk(at="campaigns") as w:
        happen(w.app.store, w.ids["cora"], EventType.COMPLAINED, 3000)
        happen(w.app.store, w.ids["anna"], EventType.COMPLAINED, 3000)
        happen(w.app.store, 1, EventType.COMPLAINED, 1)
        happen(w.app.store, w.ids["anna"], EventType.DELIVERED, 3001)
        await w.press("C")
        assert "3 complaints" in w.text
        assert "1 not heeded" in w.text
        assert "WRONG: 1 mail since" in w.text
        await w.press("slash")
        await w.type("cora")
        await w.press("enter")
        assert "1 complaint" in w.text
        assert "No other campaign was sent to them since." in w.text
        await w.press("space", "l")
        await w.type("Complained")
        await w.press("enter")
        assert w.journal()[0][0] == "add"
        await w.press("x", "enter")
        assert "cora@example.org" in (tmp_path / "complaints-cora.csv").read_text(encoding="utf-8")
        await w.press("enter")
        assert "What happened" in w.text


async def test_nobody_complained(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("C")
        assert "Nobody complained." in w.text
