"""``*`` marks the rows that are there; what comes in afterwards is not marked by itself."""

from __future__ import annotations

from store.actions import lists, triage
from store.journal import Operator
from store.vocabulary import BounceKind, EventType, ListKind
from tests.store.plan import happen
from tests.tui.conftest import Walk, Walker, click, strange, stray
from tui.panes.blocked import BlockedPane
from tui.panes.clickers import ClickersPane
from tui.panes.lists import ListsPane
from tui.panes.strangers import StrangersPane

BO = Operator("bo", "desk-2")


async def stirred(w: Walker) -> None:
    """Let the screen see what somebody else wrote."""
    w.app.check_changes()
    await w.settle()


async def test_a_stranger_who_comes_in_is_not_assigned_with_the_others(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("S", "asterisk")
        strange(w.app.store, stray("late@elsewhere.example", minutes=9000))
        await stirred(w)
        pane = w.app.screen.query_one(StrangersPane)
        assert (pane.table.total, pane.table.marked) == (3, 2)
        assert "late@elsewhere.example" not in [row.address for row in pane.chosen_rows()]


async def test_a_stranger_who_went_away_is_not_counted_among_the_marked(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press("S", "space", "space")
        w.app.store.run(lambda: w.app.store.execute("DELETE FROM stranger WHERE address_key LIKE 'old@%'"))
        await stirred(w)
        assert w.app.screen.query_one(StrangersPane).table.marked == 1


async def test_somebody_who_clicks_now_is_not_put_on_the_list_with_the_others(walk: Walk) -> None:
    async with walk(at="links") as w:
        await w.press("enter", "asterisk")
        click(w.app.store, w.ids["dora"], 9000)
        await stirred(w)
        await w.press("full_stop")
        table = w.app.screen.query_one(ClickersPane).table
        assert (table.total, table.marked) == (3, 2)
        await w.press("l")
        assert "2 of 3 shown" in w.text


async def test_a_list_made_just_now_is_not_marked(walk: Walk, store: object) -> None:
    async with walk() as w:
        lists.add(w.app.store, [w.ids["anna"]], ListKind.PROJECT, "Mine", BO, w.app.clock())
        await w.press("L", "asterisk")
        lists.add(w.app.store, [w.ids["anna"]], ListKind.PROJECT, "Theirs", BO, w.app.clock())
        await stirred(w)
        table = w.app.screen.query_one(ListsPane).table
        assert (table.total, table.marked) == (2, 1)


async def test_an_address_blocked_meanwhile_is_not_freed_with_the_others(walk: Walk) -> None:
    async with walk() as w:
        await w.press("A", "asterisk")
        triage.block(w.app.store, [w.ids["dora"]], BO, w.app.clock())
        await w.press("O")
        table = w.app.screen.query_one(BlockedPane).table
        assert (table.total, table.marked) == (2, 1)
        await w.press("c", "y")
        assert w.journal()[0] == ("clear-block", "1 address freed")


async def test_a_recipient_who_fits_the_filter_by_now_is_not_decided_about_with_the_others(walk: Walk) -> None:
    async with walk() as w:
        await w.press("t", *["j"] * 8, "space", "enter")
        assert w.shown == ["anna", "bert"]
        await w.press("asterisk")
        happen(w.app.store, w.ids["hans"], EventType.BOUNCED, 9000, BounceKind.HARD)
        await w.press("O")
        assert (len(w.shown), w.pane.marked()) == (3, 2)
        await w.press("s", "y")
        assert w.row("hans").decision is None
