"""Random keys while others write: what a decision changes is among the lines with a mark on the screen at its key."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from store.actions import lists, triage
from store.database import Store, open_store
from store.journal import Operator
from store.vocabulary import BounceKind, EventType, ListKind
from tests.store.plan import happen
from tests.tui.conftest import PEOPLE, Walk, Walker

BO = Operator("bo", "desk-2")
MOVES = ("j", "j", "k", "g", "G", "space", "space", "v", "asterisk", "comma", "O", "full_stop", "escape")
DECISIONS = ("b", "s", "c", "E", "B", "e", "d", "z", "l")
WORDS = ("anna", "example", "ora", "an")
DECIDED = "SELECT id, decision, decided_at, decided_by, override, cleared_at FROM recipient"
ON_LISTS = "SELECT r.id, m.list_id FROM list_member AS m JOIN recipient AS r ON r.id = m.recipient_id"
BLOCKED = "SELECT key, operator_blocked_at, operator_reason, operator_freed_at FROM address"


@contextmanager
def elsewhere(w: Walker) -> Iterator[Store]:
    """Open somebody else's connection to the store."""
    store = open_store(w.app.store.path)
    try:
        yield store
    finally:
        store.close()


def stir(w: Walker, other: Store, dice: random.Random) -> None:
    """Let something happen to somebody, or let somebody else decide."""
    person = w.ids[dice.choice(PEOPLE)]
    match dice.randrange(4):
        case 0:
            happen(other, person, EventType.BOUNCED, 3000 + dice.randrange(99), BounceKind.HARD, reason="userunknown")
        case 1:
            happen(other, person, EventType.OPENED, 3000 + dice.randrange(99))
        case 2:
            dice.choice([triage.block, triage.clear, triage.mark_soft])(other, [person], BO, w.app.clock())
        case 3:
            lists.add(other, [person], ListKind.SELECTION, "Theirs", BO, w.app.clock())


def pointed_at(w: Walker) -> set[str]:
    """Return who has a mark on the screen, or else whose row the cursor is on."""
    lines = [line for line in w.text.splitlines() if "@example.org" in line]
    marked = {line.split("@example.org")[0].split()[-1] for line in lines if line.startswith("*")}
    return marked or ({w.at} if w.at else set())


def changed(store: Store, before: set[tuple[object, ...]], *queries: str) -> set[object]:
    return {row[0] for row in taken(store, *queries) ^ before}


def taken(store: Store, *queries: str) -> set[tuple[object, ...]]:
    return {row for query in queries for row in store.rows(query)}


@pytest.mark.parametrize("seed", [0, 1, 2, 4])
async def test_recipients(walk: Walk, seed: int) -> None:
    dice = random.Random(seed)
    decided = 0
    async with walk() as w:
        with elsewhere(w) as other:
            for _ in range(20):
                await w.press(dice.choice(MOVES))
                if dice.random() < 0.2:
                    await w.press("slash")
                    await w.type(dice.choice(WORDS))
                    await w.press("enter")
                if dice.random() < 0.3:
                    stir(w, other, dice)
                    if dice.random() < 0.5:
                        w.app.check_changes()
                        await w.settle()
                if dice.random() < 0.3:
                    w.hush()
                    await w.settle()
                    meant = {w.ids[name] for name in pointed_at(w)}
                    before = taken(other, DECIDED, ON_LISTS)
                    await press_and_agree(w, dice.choice(DECISIONS))
                    found = changed(other, before, DECIDED, ON_LISTS)
                    assert found <= meant
                    decided += bool(found)
    assert decided


async def press_and_agree(w: Walker, key: str) -> None:
    """Press the key of an action and answer what it asks."""
    screens = len(w.app.screen_stack)
    await w.press(key)
    if key == "l" and len(w.app.screen_stack) > screens:
        await w.type("mine")
        await w.press("enter")
    elif len(w.app.screen_stack) > screens:
        await w.press("y")


@pytest.mark.parametrize("seed", range(3))
async def test_blocked_addresses(walk: Walk, seed: int) -> None:
    dice = random.Random(seed)
    async with walk() as w:
        for name in dice.sample(PEOPLE, 5):
            triage.block(w.app.store, [w.ids[name]], BO, w.app.clock())
        await w.press("A")
        with elsewhere(w) as other:
            for _ in range(16):
                await w.press(dice.choice([key for key in MOVES if key not in {"comma", "escape"}]))
                if dice.random() < 0.4:
                    stir(w, other, dice)
                    w.app.check_changes()
                    await w.settle()
                if dice.random() < 0.3:
                    w.hush()
                    await w.settle()
                    lines = [line for line in w.text.splitlines() if "@example.org" in line]
                    shown = {line.strip("* ").split()[0] for line in lines}
                    marked = {line.strip("* ").split()[0] for line in lines if line.startswith("*")}
                    before = taken(other, BLOCKED)
                    await press_and_agree(w, dice.choice("cd"))
                    found = changed(other, before, BLOCKED)
                    assert found <= (marked or shown)
                    assert marked or len(found) <= 1
