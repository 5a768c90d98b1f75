from tests.tui.conftest import Walk


async def test_a_person_is_found_in_all_campaigns_with_the_whole_history(walk: Walk) -> None:
    async with walk(at="campaigns", size=(140, 40)) as w:
        await w.press("slash")
        await w.type("anna")
        await w.press("enter")
        assert w.shown == ["anna", "anna"]
        assert "all campaigns · “anna”" in w.text
        assert "Spring letter" in w.text
        await w.press("enter")
        assert "What happened" in w.text
        assert "In other campaigns" in w.text
        await w.press("escape", "escape", "escape")
        assert len(w.shown) == 8
        assert "Autumn newsletter" in w.text
