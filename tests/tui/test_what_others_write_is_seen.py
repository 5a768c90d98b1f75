from store.vocabulary import BounceKind, EventType
from tests.store.plan import happen, plan
from tests.tui.conftest import Walk


async def test_a_row_changes_its_words_in_place_and_the_cursor_stays(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "j", "j")
        assert w.at == "dora"
        happen(w.app.store, w.ids["hans"], EventType.BOUNCED, 3000, BounceKind.HARD)
        w.app.check_changes()
        await w.settle()
        assert w.at == "dora"
        assert "3 open" in w.text
        assert [line for line in w.text.splitlines() if "Hans" in line and "Bounced hard" in line]


async def test_a_row_that_no_longer_fits_stays_until_the_operator_reads_again(walk: Walk) -> None:
    async with walk() as w:
        await w.press("slash")
        await w.type("ora")
        await w.press("enter", "t", *["j"] * 5, "enter")
        assert w.shown == ["dora"]
        happen(w.app.store, w.ids["dora"], EventType.OPENED, 3000)
        w.app.check_changes()
        await w.settle()
        assert w.shown == ["dora"]
        assert "1 changed" in w.text
        await w.press("full_stop")
        assert w.shown == []
        assert "Nobody fits the filter" in w.text


async def test_a_new_campaign_appears_and_the_chosen_one_stays(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        plan(w.app.store, "Winter sale", ["zoe@example.org"])
        w.app.check_changes()
        await w.settle()
        assert "Winter sale" in w.text
        assert w.pane.scope.words == "Autumn newsletter"


async def test_a_tick_with_nothing_new_reads_nothing(walk: Walk) -> None:
    async with walk() as w:
        assert not w.app.check_changes()
