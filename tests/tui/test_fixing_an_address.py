from store.vocabulary import Decision
from tests.tui.conftest import Walk


async def test_the_address_is_checked_while_it_is_typed_and_then_moved(walk: Walk) -> None:
    async with walk() as w:
        await w.press("f", "x")
        assert "anna@example.org → anna@example.orgx" in w.text
        await w.press("backspace", "backspace", "backspace", "backspace", "backspace")
        await w.press("enter")
        assert w.journal() == []
        await w.type(".net")
        await w.press("enter")
        assert w.row("anna").contact_address == "anna@example.net"
        assert w.row("anna").decision is Decision.FIXED
        assert w.journal()[0][0] == "fix"
        assert w.at == "bert"


async def test_several_marked_rows_cannot_be_fixed_at_once(walk: Walk) -> None:
    async with walk() as w:
        await w.press("space", "space", "f")
        assert "One address is fixed at a time" in w.text
