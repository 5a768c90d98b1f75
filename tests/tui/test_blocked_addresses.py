import csv
from pathlib import Path

import pytest

from store.actions import triage
from store.database import Store
from store.journal import Operator
from tests.tui.conftest import Walk, Walker
from tui.panes.blocked import BlockedPane


def addresses(w: Walker) -> list[str]:
    """Return the first parts of the addresses that the screen on top lists."""
    table = w.app.screen.query_one(BlockedPane).table
    return [row.address.partition("@")[0] for row in table.source.page(0, 100)]  # type: ignore[attr-defined]


async def test_an_address_is_freed_and_the_cursor_steps_on(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "B", "A")
        assert addresses(w) == ["bert", "anna"]
        assert "operator" in w.text
        assert "hard bounce" in w.text
        assert "2 addresses" in w.text
        await w.press("c")
        assert w.journal()[0] == ("clear-block", "1 address freed")
        assert "freed" in w.text
        assert addresses(w) == ["bert", "anna"]
        await w.press("full_stop")
        assert addresses(w) == ["anna"]
        await w.press("u", "full_stop")
        assert addresses(w) == ["bert", "anna"]


async def test_groups_are_opened_before_anything_is_done_to_them(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "B", "A", "t")
        assert "by reason" in w.text
        assert "2 groups" in w.text
        await w.press("c")
        assert "Enter opens the group; there * marks all of it." in w.text
        await w.press("enter")
        assert len(addresses(w)) == 1
        await w.press("asterisk", "c")
        assert "Free 1 address?" in w.text
        assert "1 of 1 shown" in w.text
        await w.press("y")
        assert w.journal()[0][0] == "clear-block"
        await w.press("escape")
        assert "1 group" in w.text


async def test_marked_addresses_go_on_a_list_and_lose_their_contacts_address(walk: Walk, store: Store) -> None:
    async with walk() as w:
        await w.press("A", "d")
        assert store.rows("SELECT email FROM contact WHERE email_key = 'anna@example.org'") == []
        await w.press("u", "enter")
        assert "What happened" in w.text


async def test_the_order_is_chosen_and_turned_round(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "B", "A", "o", "j", "enter")
        assert addresses(w) == ["anna", "bert"]
        await w.press("O")
        assert addresses(w) == ["bert", "anna"]


async def test_words_narrow_addresses_and_groups(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "B", "A", "slash")
        await w.type("bert")
        await w.press("enter")
        assert addresses(w) == ["bert"]
        assert "“bert”" in w.text
        await w.press("t")
        assert "1 group" in w.text
        assert "operator" in w.text
        await w.press("escape")
        assert "2 groups" in w.text


async def test_groups_take_no_marks(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "B", "A", "asterisk", "t")
        table = w.app.screen.query_one(BlockedPane).table
        assert not table.marked
        await w.press("asterisk")
        assert not table.marked
        assert "Enter opens the group; there * marks all of it." in w.text


async def test_the_addresses_shown_go_to_a_file_that_says_which_they_are(
    walk: Walk, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store.run(lambda: store.execute("UPDATE contact SET company = '=cmd()'"))
    async with walk() as w:
        await w.press("j", "B", "A", "t", "x", "enter")
        rows = list(csv.DictReader((tmp_path / "blocked.csv").read_text(encoding="utf-8").splitlines()))
        assert [row["Address"] for row in rows] == ["bert@example.org", "anna@example.org"]
        assert [row["Reason"] for row in rows] == ["operator", "hard bounce"]
        assert {row["Company"] for row in rows} == {"'=cmd()"}
        assert w.journal()[0] == ("export", "2 addresses (blocked) exported to blocked.csv")
        await w.press("enter", "space", "x", "ctrl+u")
        await w.type("one.html")
        await w.press("enter")
        page = (tmp_path / "one.html").read_text(encoding="utf-8")
        assert "chosen by hand" in page
        assert "ann at desk-1" in page
        assert "since, reversed" in page


async def test_marks_on_all_addresses_stay_on_those_that_were_there(walk: Walk, ids: dict[str, int]) -> None:
    async with walk() as w:
        await w.press("A", "asterisk")
        triage.block(w.app.store, [ids["hans"]], Operator("bob", "desk-2"), w.app.clock())
        await w.press("full_stop")
        assert sorted(addresses(w)) == ["anna", "hans"]
        assert w.app.screen.query_one(BlockedPane).table.marked == 1
