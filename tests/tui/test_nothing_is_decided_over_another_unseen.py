"""Two people at the same rows: whoever acts on what they have not seen change is told, and nothing is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from store.actions import contacts, listkeeping, lists, triage
from store.actions.policy import set_policy
from store.actions.undo import undo
from store.asking import Source
from store.database import Store
from store.journal import Operator
from store.vocabulary import BounceKind, EventType, ListKind
from tests.store.plan import happen
from tests.tui.conftest import Walk, Walker

BERT = Operator("bert", "desk-2")
TOLD = "by bert at"
Decide = Callable[[Walker, str], None]


def bert(w: Walker, verb: str, *names: str) -> None:
    """Let another person decide, whose decision is not on the screen yet."""
    getattr(triage, verb)(w.app.store, [w.ids[name] for name in names], BERT, w.app.clock())


def by_ann(w: Walker) -> list[str]:
    return [verb for who, verb in w.app.store.rows("SELECT operator, verb FROM journal") if who == "ann"]


@pytest.mark.parametrize("key", ["b", "s", "c", "E", "B", "e", "d", "z"])
async def test_a_decision_over_one_that_is_not_on_the_screen_is_refused_with_it(walk: Walk, key: str) -> None:
    async with walk() as w:
        assert w.at == "anna"
        bert(w, "clear", "anna")
        await w.press(key)
        assert "anna@example.org was cleared by bert at" in w.text
        assert "look again with `.`" in w.text
        assert by_ann(w) == []


async def test_once_the_change_is_on_the_screen_or_was_looked_at_the_key_works(walk: Walk) -> None:
    async with walk() as w:
        bert(w, "clear", "anna")
        w.app.check_changes()
        await w.settle()
        await w.press("b")
        assert by_ann(w) == ["mark-hard"]
        bert(w, "clear", "anna")
        await w.press("k", "full_stop", "b")
        assert by_ann(w) == ["mark-hard"] * 2


async def test_ones_own_decisions_are_in_nobodys_way_however_fast_one_types(walk: Walk) -> None:
    async with walk() as w:
        await w.pilot.press("b", "k", "c", "k", "s", "k", "u", "b")
        await w.settle()
        assert by_ann(w).count("mark-hard") == 2
        assert TOLD not in w.text


async def test_of_marked_rows_those_that_changed_since_they_were_marked_are_left_out(walk: Walk) -> None:
    async with walk() as w:
        await w.press("asterisk")
        bert(w, "mark_soft", "cora", "dora")
        w.app.check_changes()
        await w.settle()
        await w.press("B", "y")
        assert "2 changed since shown and left out: cora@example.org was marked" in " ".join(w.text.split())
        (entry,) = [sentence for verb, sentence in w.journal() if verb == "block"]
        assert entry.startswith("Address of 6 recipients blocked")


async def test_marked_rows_that_were_looked_at_again_are_all_acted_on(walk: Walk) -> None:
    async with walk() as w:
        await w.press("asterisk")
        bert(w, "mark_soft", "cora", "dora")
        await w.press("full_stop", "B", "y")
        assert w.journal()[0][1].startswith("Address of 8 recipients blocked")


async def test_a_change_while_a_question_is_open_is_seen_when_it_is_answered(walk: Walk) -> None:
    async with walk() as w:
        await w.press("space", "space", "e")
        bert(w, "former", "anna")
        w.app.check_changes()
        await w.settle()
        await w.press("y")
        assert "anna@example.org was marked as a former employee by bert" in " ".join(w.text.split())
        assert by_ann(w) == ["former"]


async def test_an_address_that_somebody_corrected_meanwhile_is_not_corrected_over(walk: Walk) -> None:
    async with walk() as w:
        await w.press("f")
        contacts.fix(w.app.store, w.ids["anna"], "anna@new.example", BERT, w.app.clock())
        await w.press("ctrl+u")
        await w.type("anne@example.org")
        await w.press("enter")
        assert "anna@example.org was corrected by bert" in w.text
        assert by_ann(w) == []


async def test_a_new_failure_is_a_change_and_a_new_open_is_none(walk: Walk) -> None:
    async with walk() as w:
        happen(w.app.store, w.ids["anna"], EventType.BOUNCED, 3000, BounceKind.SOFT, reason="mailboxfull")
        happen(w.app.store, w.ids["cora"], EventType.OPENED, 3000)
        await w.press("c")
        assert "anna@example.org bounced soft meanwhile" in w.text
        await w.press("j", "b")
        assert by_ann(w) == ["mark-hard"]


async def test_rows_out_of_sight_are_not_shown_as_they_were(walk: Walk, store: Store) -> None:
    async with walk(size=(80, 8)) as w:
        await w.press("G", "g")
        bert(w, "mark_hard", "hans")
        w.app.check_changes()
        await w.settle()
        await w.press("G")
        assert "Bounced hard" in w.text


async def test_in_the_inbox_a_decision_over_another_is_refused_and_the_group_goes_without_it(walk: Walk) -> None:
    async with walk() as w:
        await w.press("i", "enter")
        bert(w, "excuse", "anna")
        await w.press("B")
        assert "anna@example.org was excused by bert" in w.text
        await w.press("full_stop")
        bert(w, "clear", "bert")
        w.app.check_changes()
        await w.settle()
        await w.press("asterisk", "e", "y")
        assert by_ann(w) == ["former"]


async def test_in_a_history_a_decision_over_another_is_refused(walk: Walk) -> None:
    async with walk() as w:
        await w.press("enter")
        bert(w, "block", "anna")
        await w.press("E")
        assert "anna@example.org was blocked by bert" in w.text
        assert by_ann(w) == []


async def test_an_undo_by_somebody_else_is_a_change_too(walk: Walk) -> None:
    async with walk() as w:
        bert(w, "clear", "anna")
        w.app.check_changes()
        await w.settle()
        undo(w.app.store, BERT, w.app.clock())
        await w.press("b")
        assert "anna@example.org was put back by bert" in w.text


async def test_an_address_is_not_freed_over_somebody_elses_block(walk: Walk) -> None:
    async with walk() as w:
        await w.press("A")
        bert(w, "block", "anna")
        await w.press("c")
        assert "anna@example.org was blocked by bert" in w.text
        assert by_ann(w) == []


async def test_a_list_that_somebody_changed_is_not_deleted_and_nobody_goes_to_one_of_another_name(
    walk: Walk, clock: datetime
) -> None:
    async with walk() as w:
        store = w.app.store
        made = lists.add(store, [w.ids["anna"]], ListKind.PROJECT, "Call", BERT, clock).list_id
        assert made is not None
        await w.press("L", "d")
        lists.add(store, [w.ids["cora"]], ListKind.PROJECT, "Call", BERT, clock)
        await w.press("y")
        assert "“Call” was added to by bert" in w.text
        await w.press("escape", "l")
        listkeeping.rename(store, Source(made), "Ring", BERT, clock)
        await w.type("Call")
        await w.press("enter")
        assert "“Ring” was renamed by bert" in w.text
        assert by_ann(w) == []


async def test_a_setting_that_somebody_changed_is_not_changed_over(walk: Walk, clock: datetime) -> None:
    async with walk() as w:
        await w.press("P", "enter", "ctrl+u")
        set_policy(w.app.store, {"block-after": "9"}, BERT, clock)
        await w.type("2")
        await w.press("enter")
        assert "“block-after” was changed by bert" in w.text
        assert by_ann(w) == []
