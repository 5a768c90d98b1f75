"""A hundred bounces of the sample world are decided with few keys: in groups, and one by one."""

from __future__ import annotations

from datetime import datetime

from store.asking import RecipientFilter
from store.database import Store
from store.journal import Operator
from store.queries.campaigns import find_campaign
from store.queries.recipients import count_states
from store.rows import BounceGroupRow, BounceRow
from store.vocabulary import State
from tests.tui.conftest import Walker
from tui.app import AftersendApp
from tui.panes.inbox import InboxPane
from tui.screens.inbox import InboxScreen

PRICES = "Price list 2027"
MOST_KEYS = 130

KEYS = {"us": "E", "server": "s", "nobody": "z"}
"""What an operator presses for whose fault it is; about addresses the reason tells."""
REASONS = {"userunknown": "B", "hostunknown": "d", "suspend": "e", "mailboxfull": "s"}


class Counting(Walker):
    """Counts the keys."""

    pressed = 0

    async def press(self, *keys: str) -> None:
        self.pressed += len(keys)
        for key in keys:
            await self.pilot.press(key)
            while self.app.typeahead.busy:
                await self.pilot.pause()

    @property
    def inbox(self) -> InboxPane:
        """The pane."""
        return self.app.screen.query_one(InboxPane)


def key_for(row: BounceGroupRow | BounceRow) -> str:
    """Return the key for a row, as somebody would press who reads its words."""
    reason = row.reason if isinstance(row, BounceGroupRow) else row.recipient.reason
    if reason in REASONS:
        return REASONS[reason]
    return KEYS[row.acts] if isinstance(row, BounceGroupRow) else "E"


def undecided(store: Store) -> int:
    campaign = find_campaign(store, PRICES)
    return count_states(store, RecipientFilter(campaign.id))[State.OPEN]


async def decide_all(store: Store, clock: datetime, *first: str) -> Counting:
    app = AftersendApp(store, Operator("ann", "desk-1"), clock=lambda: clock)
    async with app.run_test(size=(80, 24)) as pilot:
        w = Counting(app, pilot, {})
        await w.settle()
        for key in ("j", "b", *first):
            await w.press(key)
            await w.settle()
        assert isinstance(w.app.screen, InboxScreen)
        assert w.inbox.left.open == 100
        decisions = w.inbox.table.total
        for _ in range(decisions):
            row = w.inbox.table.current
            assert isinstance(row, BounceGroupRow | BounceRow)
            await w.press(key_for(row))
            if not isinstance(w.app.screen, InboxScreen):
                await w.press("y")
        assert w.pressed <= MOST_KEYS
        await w.settle()
        assert "all 100 decided" in w.text
    return w


async def test_in_groups_it_takes_a_key_or_two_for_each_cause(sample_store: Store, clock: datetime) -> None:
    assert undecided(sample_store) == 100
    w = await decide_all(sample_store, clock)
    assert undecided(sample_store) == 0
    assert w.pressed <= 30


async def test_one_by_one_it_takes_a_key_for_each_and_a_few_to_get_there(sample_store: Store, clock: datetime) -> None:
    w = await decide_all(sample_store, clock, "t", "t", "t")
    assert undecided(sample_store) == 0
    assert w.pressed <= 100 + 5
