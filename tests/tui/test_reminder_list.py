from store.queries.lists import list_lists
from store.vocabulary import ListKind
from tests.tui.conftest import Walk


async def test_the_dialog_counts_whom_it_will_hold_and_makes_the_list(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("r")
        assert "surely not read" in w.text
        assert "left out: bounced" in w.text
        assert "2 will be on the list." in w.text
        await w.press("enter")
        (made,) = list_lists(w.app.store)
        assert (made.kind, made.name) == (ListKind.REMINDER, "Reminder: Autumn newsletter")
        assert made.members == 2
        assert w.journal()[0][0] == "remind"
        assert f"“{made.name}” made with 2 people" in w.text


async def test_days_that_are_no_number_are_said_and_make_no_list(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("r", "backspace", "enter")
        assert "whole number" in w.text
        await w.press("escape")
        assert list_lists(w.app.store) == ()


async def test_a_list_is_no_campaign_and_cannot_be_reminded(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("slash", "enter", "t", "r")
        assert "A reminder belongs to one campaign" in w.text


async def test_groups_are_taken_in_and_out_and_the_total_follows(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("r", "tab", "tab")
        await w.press("space")
        assert "1 will be on the list." in w.text
        await w.press("down", "space")
        assert "0 will be on the list." in w.text
        await w.press("enter")
        assert "Nobody is left to remind" in w.text
        await w.press("up", "up", "up", "space", "enter")
        (made,) = list_lists(w.app.store)
        assert made.members == 1
        assert made.note.endswith("without machine")


async def test_who_is_left_out_and_why_is_shown_by_name(walk: Walk) -> None:
    async with walk((140, 40), at="campaigns") as w:
        await w.press("r", "tab", "tab", "w")
        assert "dora@example.org" in w.text
        assert "1 person" in w.text
        await w.press("escape", "down", "down", "down", "w")
        assert "anna@example.org" in w.text
        assert "2 people" in w.text
        assert "unknown user" in w.text
        await w.press("j", "escape", "space")
        assert "never reminded" in w.text
        await w.press("escape")
        assert list_lists(w.app.store) == ()
