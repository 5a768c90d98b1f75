from store.vocabulary import Decision
from tests.tui.conftest import Walk


async def test_u_takes_the_last_decision_back_and_capital_u_does_it_again(walk: Walk) -> None:
    async with walk() as w:
        await w.press("b")
        assert w.row("anna").decision is Decision.MARKED_HARD
        await w.press("u")
        assert w.row("anna").decision is None
        assert "U does it again." in w.text
        await w.press("U")
        assert w.row("anna").decision is Decision.MARKED_HARD


async def test_undo_with_nothing_done_says_so(walk: Walk) -> None:
    async with walk() as w:
        before = w.text
        await w.press("u")
        assert w.text != before
        assert w.journal() == []
