import pytest

from store.vocabulary import Decision
from tests.tui.conftest import Walk
from tui.dialogs import confirm
from tui.dialogs.confirm import Confirm


async def test_marked_rows_are_confirmed_and_then_all_decided(walk: Walk) -> None:
    async with walk() as w:
        await w.press("space", "space", "s")
        assert "2 of 8 shown · bounced soft · Autumn newsletter" in w.text
        assert w.journal() == []
        await w.press("y")
        assert w.journal() == [("mark-soft", "2 recipients marked as bounced soft")]
        assert w.pane.marked() == 0


async def test_escape_leaves_the_question_and_changes_nothing(walk: Walk) -> None:
    async with walk() as w:
        await w.press("space", "B", "escape")
        assert not isinstance(w.app.screen, Confirm)
        assert w.journal() == []
        assert w.pane.marked() == 1


async def test_many_rows_ask_for_their_number_to_be_typed(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "TYPED_ABOVE", 3)
    async with walk() as w:
        await w.press("asterisk", "B")
        assert "Type 8 to go on" in w.text
        await w.press("enter")
        assert "That is not 8" in w.text
        await w.press("8", "enter")
        assert w.journal()[0][0] == "block"
        assert {w.row(name).decision for name in w.ids} == {Decision.BLOCKED}


async def test_an_action_never_touches_marked_rows_that_a_filter_hides(walk: Walk) -> None:
    async with walk() as w:
        await w.press("space", "space", "slash")
        await w.type("anna")
        await w.press("enter")
        assert w.shown == ["anna"]
        assert "1 marked" in w.text
        assert "1 hidden" in w.text
        await w.press("s")
        assert "1 of 1 shown" in w.text
        await w.press("enter")
        assert w.row("anna").decision is Decision.MARKED_SOFT
        assert w.row("bert").decision is None
