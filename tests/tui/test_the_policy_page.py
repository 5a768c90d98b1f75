from store.database import Store
from store.queries.policy import load
from tests.tui.conftest import Walk


async def test_every_setting_is_explained_and_changed_after_a_look_at_what_it_does(walk: Walk, store: Store) -> None:
    async with walk() as w:
        await w.press("P")
        assert "campaigns in a row failed" in w.text
        await w.press("j")
        assert "no such address or host" in w.text
        await w.press("enter")
        await w.type("perhaps")
        await w.press("enter")
        assert "does not fit hard-blocks; give yes or no." in w.text
        await w.press(*["backspace"] * len("yesperhaps"))
        await w.type("no")
        assert "Would block 0 and free 1 address; u takes it back." in w.text
        await w.press("enter")
        assert not load(store).hard_blocks
        assert "no *" in w.text
        assert w.journal()[0][0] == "policy"
        await w.press("u")
        assert load(store).hard_blocks


async def test_leaving_or_accepting_what_holds_changes_nothing(walk: Walk) -> None:
    async with walk() as w:
        before = w.journal()
        await w.press("P", "enter", "enter", "enter", "escape")
        assert w.journal() == before
        assert "when an address is blocked" in w.text
