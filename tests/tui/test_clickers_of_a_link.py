from store.queries.lists import list_lists
from tests.tui.conftest import Walk


async def test_clickers_are_shown_with_times_marked_and_put_on_a_list(walk: Walk) -> None:
    async with walk(at="links") as w:
        assert "example.org/offer" in w.text
        await w.press("enter")
        assert "2 clickers" in w.text
        assert "2026-03-03" in w.text
        await w.press("asterisk", "l")
        assert "2 of 2 shown" in w.text
        await w.type("hot")
        await w.press("enter")
        (made,) = list_lists(w.app.store)
        assert made.members == 2
        assert "2 marked" in w.text
        await w.press("escape")
        assert "2 marked" not in w.text
        await w.press("escape")
        assert "Clickers ·" not in w.text


async def test_enter_on_a_clicker_shows_the_history(walk: Walk) -> None:
    async with walk(at="links") as w:
        await w.press("enter", "enter")
        assert "History" in w.text
        assert "clicked" in w.text
