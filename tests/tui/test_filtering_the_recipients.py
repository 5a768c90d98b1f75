from store.vocabulary import State
from tests.tui.conftest import Walk


async def test_the_rows_follow_the_words_as_they_are_typed(walk: Walk) -> None:
    async with walk() as w:
        await w.press("slash")
        await w.type("ora")
        assert w.shown == ["cora", "dora"]
        await w.press("enter")
        assert w.shown == ["cora", "dora"]
        assert "Autumn newsletter · “ora”" in w.text
        assert "2 of 8 shown" in w.text
        await w.press("escape")
        assert len(w.shown) == 8


async def test_escape_in_the_line_brings_back_what_was_shown_before(walk: Walk) -> None:
    async with walk() as w:
        await w.press("slash")
        await w.type("cora")
        await w.press("escape")
        assert len(w.shown) == 8


async def test_words_are_left_out(walk: Walk) -> None:
    async with walk() as w:
        await w.press("backslash")
        await w.type("ora an")
        await w.press("enter")
        assert w.shown == ["bert", "emil", "fred", "gina"]
        assert "without “ora an”" in w.text


async def test_states_are_ticked_with_their_numbers_and_combined(walk: Walk) -> None:
    async with walk() as w:
        await w.press("t")
        assert "[ ] bounced              2" in w.text
        at = list(State).index(State.CLICKED)
        await w.press(*["j"] * at, "space", "space")
        assert "[x] clicked" in w.text
        assert "[x] bounced" in w.text
        await w.press("enter")
        assert w.shown == ["anna", "bert", "cora", "gina"]
        assert "clicked or bounced" in w.text


async def test_the_order_is_chosen_turned_round_and_the_cursor_stays_on_its_row(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "j", "o", "j", "enter")
        assert w.shown == sorted(w.shown)
        assert w.at == "cora"
        await w.press("O")
        assert w.shown == sorted(w.shown, reverse=True)
        assert w.at == "cora"


async def test_n_goes_to_the_next_row_with_the_words_searched_for(walk: Walk) -> None:
    async with walk() as w:
        await w.press("n")
        assert "Nothing was searched for yet" in w.text
        await w.press("slash")
        await w.type("ora")
        await w.press("enter", "escape", "g", "n")
        assert w.at == "cora"
        await w.press("n")
        assert w.at == "dora"
        await w.press("N")
        assert w.at == "cora"
