from pathlib import Path

import pytest

from store.seen import seen_now
from tests.tui.conftest import Walk, Walker
from tui.panes.people import First, PeoplePane
from tui.widgets.row_window import ListedRows


def found(w: Walker) -> list[str]:
    """Return the names of the addresses that the people pane shows."""
    rows = w.app.screen.query_one(PeoplePane).table.source.page(0, 100)
    return [row.address.partition("@")[0] for row in rows]  # type: ignore[attr-defined]


async def test_a_person_is_found_over_all_campaigns_with_the_whole_history(walk: Walk) -> None:
    async with walk(at="campaigns", size=(140, 40)) as w:
        await w.press("slash")
        assert len(found(w)) == 9
        await w.type("anna")
        await w.press("enter")
        assert found(w) == ["anna"]
        assert "People in all campaigns · “anna”" in w.text
        assert "1 person" in w.text
        assert "✗ bounced hard" in w.text
        assert "blocked" in w.text
        await w.press("enter")
        assert "Person · Anna · 2 campaigns" in w.text
        line = next(line for line in w.text.splitlines() if "✗ bounced hard 5.1.1" in line)
        assert "Autumn newsletter" in line
        assert "Spring letter      · Ready" in w.text
        await w.press("escape", "escape")
        assert len(found(w)) == 9
        await w.press("escape")
        assert len(w.shown) == 8
        assert "Autumn newsletter" in w.text


async def test_t_shows_the_people_found_with_a_row_for_each_campaign(walk: Walk) -> None:
    async with walk(at="campaigns", size=(140, 40)) as w:
        await w.press("slash")
        await w.type("anna")
        await w.press("enter", "t")
        assert w.shown == ["anna", "anna"]
        assert "all campaigns · “anna”" in w.text
        assert "Spring letter" in w.text


async def test_what_is_decided_about_a_person_stands_in_the_timeline_and_can_be_undone(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("slash")
        await w.type("cora")
        await w.press("enter", "enter", "e")
        assert "former employee" in w.text
        assert "ann: 1 recipient marked as former" in w.text
        await w.press("u")
        assert "(undone)" in w.text


async def test_a_block_that_would_hit_an_old_address_is_refused(walk: Walk) -> None:
    async with walk(at="recipients") as w:
        await w.press("f", "ctrl+u")
        await w.type("anna@new.example")
        await w.press("enter", "escape", "slash")
        await w.type("new.example")
        await w.press("enter", "enter", "B")
        assert "today's address is anna@new.example" in w.text.replace("\n   ", " ")
        assert w.journal()[0][0] == "fix"


async def test_marked_people_go_to_a_list_and_into_a_file_with_a_head(
    walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with walk(at="campaigns") as w:
        await w.press("slash", "enter", "space", "space", "l")
        await w.type("Calls")
        await w.press("enter")
        assert w.journal()[0] == ("add", "2 added to new selection “Calls”")
        await w.press("x", "enter")
        written = (tmp_path / "people.csv").read_text(encoding="utf-8")
        assert written.splitlines()[0].startswith("Name,Address,Company,Earlier addresses,Campaigns,Last event")
        assert "chosen_by_hand" in (tmp_path / "people.csv.meta.json").read_text(encoding="utf-8")


async def test_while_the_others_are_looked_for_nothing_acts_on_all_people(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("slash")
        await w.type("example")
        await w.press("enter")
        pane = w.app.screen.query_one(PeoplePane)
        assert pane.view is not None
        first = pane.view.page(0, 3)
        pane._taker.wished += 1
        pane.post_message(First(pane._taker.wished, first, seen_now(w.app.store)))  # type: ignore[arg-type]
        await w.pilot.pause()
        assert isinstance(pane.table.source, ListedRows)
        assert pane.looking
        assert "looking for the others" in w.text
        await pane.action_act("mark-all")  # from the palette; a key waits for the others
        await w.pilot.pause()
        assert not pane.table.marked
        assert "still being looked for" in w.text
        await w.press("full_stop")
        assert len(found(w)) == 9


async def test_the_history_of_a_recipient_leads_to_the_person(walk: Walk) -> None:
    async with walk() as w:
        await w.press("enter", "p")
        assert "Person · Anna · 2 campaigns" in w.text


async def test_nobody_has_the_words(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("slash")
        await w.type("zzzz")
        await w.press("enter")
        assert "Nobody has these words; Esc takes them off." in w.text
