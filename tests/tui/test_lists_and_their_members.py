from store.queries.lists import list_lists
from store.vocabulary import Decision, ListKind
from tests.tui.conftest import Walk


async def test_rows_go_to_a_new_list_and_its_members_are_walked_with_the_same_keys(walk: Walk) -> None:
    async with walk() as w:
        await w.press("space", "space", "l")
        assert "2 of 8 shown · Autumn newsletter" in w.text
        await w.type("calls")
        await w.press("down", "enter")
        (made,) = list_lists(w.app.store)
        assert (made.kind, made.name, made.members) == (ListKind.PROJECT, "calls", 2)
        await w.press("escape", "L")
        assert "calls" in w.text
        await w.press("enter")
        assert w.shown == ["anna", "bert"]
        assert "project calls" in w.text
        await w.press("b")
        assert w.row("anna").decision is Decision.MARKED_HARD
        await w.press("escape")
        assert w.shown[:3] == ["anna", "bert", "cora"]
        assert len(w.shown) == 8


async def test_an_existing_list_is_offered_and_filled(walk: Walk) -> None:
    async with walk() as w:
        await w.press("l")
        await w.type("calls")
        await w.press("enter", "j", "l")
        assert "selection  calls · 1 members" in w.text
        await w.press("enter")
        (made,) = list_lists(w.app.store)
        assert (made.kind, made.members) == (ListKind.SELECTION, 2)


async def test_the_lines_under_the_lists_tell_when_by_whom_and_the_note(walk: Walk) -> None:
    async with walk() as w:
        await w.press("l")
        await w.type("Calls")
        await w.press("enter", "L")
        assert "Autumn newsletter · made 2026-" in w.text
        assert "by ann · not reloaded since" in w.text
        await w.press("N")
        await w.type("ask Ines first")
        await w.press("enter")
        w.hush()
        assert "\n ask Ines first" in w.text
