from datetime import datetime

from store.actions import blocks, listkeeping, lists, triage
from store.asking import Source
from store.journal import Operator
from store.vocabulary import BounceKind, EventType, ListKind
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


BERT = Operator("bert", "desk-2")


async def test_another_ones_decisions_stand_in_the_inbox_without_a_key_and_nothing_jumps(walk: Walk) -> None:
    async with walk() as w:
        await w.press("i", "t", "t", "t", "j", "space")
        before = [line for line in w.text.splitlines() if "@example.org" in line]
        triage.excuse(w.app.store, [w.ids["anna"]], BERT, w.app.clock())
        w.app.check_changes()
        await w.settle()
        after = [line for line in w.text.splitlines() if "@example.org" in line]
        assert [line.split()[-4:] for line in after if "bert" in line] == [
            line.split()[-4:] for line in before if "bert" in line
        ]
        assert len(after) == len(before)
        assert any("anna" in line and "Excused" in line for line in after)
        assert "1 of 2 left" in w.text
        assert "1 marked" in w.text


async def test_another_ones_lists_blocks_and_entries_come_without_a_key(walk: Walk, clock: datetime) -> None:
    async with walk() as w:
        store = w.app.store
        made = lists.add(store, [w.ids["anna"]], ListKind.PROJECT, "Call", BERT, clock).list_id
        assert made is not None
        lists.add(store, [w.ids["bert"]], ListKind.PROJECT, "Visit", BERT, clock)
        await w.press("L", "j", "space")
        marked = [line for line in w.text.splitlines() if line.startswith("*")]
        listkeeping.rename(store, Source(made), "Ring", BERT, clock)
        w.app.check_changes()
        await w.settle()
        assert "Ring" in w.text
        assert len([line for line in w.text.splitlines() if line.startswith("*")]) == len(marked) == 1
        await w.press("escape", "escape", "A")
        blocks.clear_block(store, [id_ for (id_,) in store.rows("SELECT id FROM address")], BERT, clock)
        w.app.check_changes()
        await w.settle()
        assert [line for line in w.text.splitlines() if "anna@example.org" in line and "freed" in line.lower()]
        await w.press("escape", "J")
        triage.later(store, [w.ids["bert"]], BERT, clock)
        w.app.check_changes()
        await w.settle()
        assert "1 newer" in w.text
