from store.queries.lists import list_lists
from store.vocabulary import ListKind
from tests.tui.conftest import Walk


async def test_the_dialog_counts_whom_it_will_hold_and_makes_the_list(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("r")
        assert "surely not read" in w.text
        assert "Left out:" in w.text
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
        await w.press("slash", "enter", "r")
        assert "A reminder belongs to one campaign" in w.text
