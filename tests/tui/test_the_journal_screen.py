from tests.tui.conftest import Walk


async def test_it_shows_who_did_what_and_undo_works_there(walk: Walk) -> None:
    async with walk() as w:
        await w.press("b", "J")
        assert "1 entry" in w.text
        assert "1 recipient marked as bounced hard" in w.text
        assert "ann" in w.text
        await w.press("u")
        assert "(undone) 1 recipient marked as bounced" in w.text
        await w.press("escape")
        assert w.row("anna").decision is None
