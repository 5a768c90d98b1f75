from tests.tui.conftest import Walk


def marked(w: object) -> int:
    return w.pane.marked()  # type: ignore[attr-defined,no-any-return]


async def test_space_marks_and_steps_on_and_escape_takes_all_marks_off(walk: Walk) -> None:
    async with walk() as w:
        await w.press("space", "space")
        assert (marked(w), w.at) == (2, "cora")
        assert "2 marked" in w.text
        await w.press("escape")
        assert marked(w) == 0


async def test_a_range_marks_from_v_to_v(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "v", "j", "j", "v")
        assert marked(w) == 3


async def test_nothing_is_decided_while_a_range_hides_which_rows_are_marked(walk: Walk) -> None:
    async with walk() as w:
        await w.press("space", "g", "v", "j", "B")
        assert "A range is under way: v on its last row marks it, Esc leaves it." in w.text
        assert w.journal() == []
        await w.press("v", "B")
        assert "2 of 8 shown" in w.text


async def test_all_alike_are_marked_by_the_chosen_column(walk: Walk) -> None:
    async with walk() as w:
        await w.press("comma")
        assert marked(w) == 1
        await w.press("escape", "j", "j", "comma")
        assert marked(w) == 2


async def test_marks_on_all_rows_end_when_the_filter_shows_other_rows(walk: Walk) -> None:
    async with walk() as w:
        await w.press("asterisk")
        assert marked(w) == 8
        await w.press("slash")
        await w.type("anna")
        assert marked(w) == 0
        assert "marks on all rows were taken off" in w.text
