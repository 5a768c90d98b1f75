from pathlib import Path

import pytest

from store.actions import triage
from store.journal import Operator
from store.vocabulary import Decision
from tests.tui.conftest import Walk

BO = Operator("bo", "desk-2")


async def test_it_shows_who_did_what_and_the_chosen_entry_is_taken_back_there(walk: Walk) -> None:
    async with walk() as w:
        await w.press("b", "J")
        assert "1 entry" in w.text
        assert "1 recipient marked as bounced hard" in w.text
        assert "ann" in w.text
        await w.press("u")
        assert "(undone) 1 recipient marked as bounced" in w.text
        assert "1 newer, . reads again" in w.text
        await w.press("full_stop")
        assert "2 entries" in w.text
        await w.press("escape")
        assert w.row("anna").decision is None


async def test_an_entry_in_the_middle_is_taken_back_and_done_again(walk: Walk) -> None:
    async with walk() as w:
        await w.press("b", "e", "J", "j", "u")
        assert w.row("anna").decision is None
        assert w.row("bert").decision is not None
        await w.press("U")
        assert w.row("anna").decision is Decision.MARKED_HARD


async def test_somebody_elses_entry_is_asked_for_with_the_name(walk: Walk) -> None:
    async with walk() as w:
        triage.mark_hard(w.app.store, [w.ids["anna"]], BO, w.app.clock())
        await w.press("J", "u")
        assert "bo did this, not you" in w.text
        await w.press("escape")
        assert w.row("anna").decision is Decision.MARKED_HARD
        await w.press("u", "y")
        assert w.row("anna").decision is None
        assert w.journal()[0] == ("undo", "Undone (bo's): 1 recipient marked as bounced hard")


async def test_a_later_action_of_somebody_else_refuses_it_with_the_reason(walk: Walk) -> None:
    async with walk() as w:
        await w.press("b")
        triage.clear(w.app.store, [w.ids["anna"]], BO, w.app.clock())
        await w.press("J", "j", "u")
        assert "bo changed it since" in w.text


async def test_words_and_own_narrow_it_down_and_escape_widens_it(walk: Walk) -> None:
    async with walk() as w:
        await w.press("b", "e")
        triage.block(w.app.store, [w.ids["cora"]], BO, w.app.clock())
        await w.press("J")
        assert "3 entries" in w.text
        assert "by everybody" in w.text
        await w.press("t")
        assert "2 entries" in w.text
        assert "by ann" in w.text
        await w.press("t", "slash")
        await w.type("autumn block")
        await w.press("enter")
        assert "1 entry" in w.text
        assert "“autumn block”" in w.text
        await w.press("escape")
        assert "3 entries" in w.text


async def test_the_rows_of_an_entry_say_what_was_before_and_after(walk: Walk) -> None:
    async with walk((140, 40)) as w:
        await w.press("b", "J", "enter")
        assert "marked as bounced: - → hard · decision: - → marked hard" in w.text
        assert "decided by: - → ann" in w.text
        assert "anna@example.org" in w.text
        await w.press("enter")
        assert "What happened" in w.text
        await w.press("escape", "u")
        assert w.row("anna").decision is None
        await w.press("U")
        assert w.row("anna").decision is Decision.MARKED_HARD


async def test_it_is_exported(walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with walk() as w:
        await w.press("b", "J", "x", "enter")
        assert w.journal()[0][0] == "export"
        written = (tmp_path / "journal-by-everybody.csv").read_text(encoding="utf-8").splitlines()
        assert written[0].startswith("Entry,When,Who")
        assert "1 recipient marked as bounced hard" in written[1]


async def test_the_lines_under_the_journal_tell_all_of_an_entry(walk: Walk) -> None:
    async with walk() as w:
        await w.press("B", "J")
        assert "block by ann at desk-1 · 1 row · u takes it back" in w.text
        await w.press("u")
        assert "undone by ann" in w.text
