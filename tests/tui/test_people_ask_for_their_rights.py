from tests.tui.conftest import Walk
from tui.panes.people import PeoplePane


async def test_whether_a_person_may_be_tracked_is_noted_and_taken_back(walk: Walk) -> None:
    async with walk(at="campaigns", size=(140, 40)) as w:
        await w.press("slash")
        await w.type("cora")
        await w.press("enter", "enter", "t")
        assert "be tracked?" in w.text
        await w.press("n")
        assert "tracking refused (opens cannot be seen), since" in w.text
        assert w.journal()[0][0] == "track"
        await w.press("u")
        assert "tracking refused" not in w.text
        await w.press("t", "escape")
        assert w.journal()[0][0] == "undo"


async def test_a_person_is_forgotten_when_the_word_was_typed(walk: Walk) -> None:
    async with walk(at="campaigns", size=(140, 40)) as w:
        await w.press("slash")
        await w.type("cora")
        await w.press("enter", "enter", "X")
        assert "Forget 1 person for ever?" in w.text
        assert "Erased from 1 contact" in w.text
        await w.type("y")
        await w.press("enter")
        assert "That is not forget; nothing was done." in w.text
        await w.press("ctrl+u")
        await w.type("forget")
        await w.press("enter")
        assert "@forgotten.invalid" in w.text
        assert w.journal()[0][0] == "forget"
        assert "Cora" not in w.text
        await w.press("X")
        assert "was forgotten already" in w.text
        await w.press("u")
        assert w.journal()[0][0] == "forget"


async def test_marked_people_are_forgotten_from_the_table(walk: Walk) -> None:
    async with walk(at="campaigns", size=(140, 40)) as w:
        await w.press("slash", "enter", "space", "space", "X")
        assert "Forget 2 people for ever?" in w.text
        assert "2 of 9 shown" in w.text
        await w.type("forget")
        await w.press("enter")
        assert w.journal()[0][1].startswith("2 people forgotten (")
        assert w.app.screen.query_one(PeoplePane).table.marked == 0
        await w.press("full_stop")
        assert w.text.count("ten.invalid") == 2


async def test_esc_forgets_nobody(walk: Walk) -> None:
    async with walk(at="campaigns", size=(80, 24)) as w:
        await w.press("slash")
        await w.type("cora")
        await w.press("enter", "X", "escape")
        assert w.journal() == []
        assert "cora" in w.text
