"""The bounce inbox: groups and their members, a key a decision, exactly the group shown, undo, what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

import pytest

from store.database import Store, open_store
from store.journal import Operator
from store.queries.lists import list_lists
from store.rows import BounceGroupRow, BounceRow
from store.vocabulary import BounceKind, Decision, EventType
from tests.store.plan import happen, plan
from tests.tui.conftest import Walker
from tui.app import AftersendApp
from tui.dialogs.confirm import Confirm
from tui.panes.inbox import InboxPane
from tui.screens.inbox import InboxScreen
from tui.screens.main import MainScreen

OURS = {"kind": BounceKind.BLOCK, "reason": "authfailure", "status": "5.7.26", "reply": 550}
DEAD = {"kind": BounceKind.HARD, "reason": "userunknown", "status": "5.1.1", "reply": 550}
FULL = {"kind": BounceKind.SOFT, "reason": "mailboxfull", "status": "5.2.2", "reply": 552}
SAID = {"authfailure": "did not pass", "userunknown": "550 5.1.1 unknown", "mailboxfull": "552 5.2.2 mailbox full"}
HERE = {name: OURS for name in ("a", "b", "c", "d")} | {"e": DEAD, "f": DEAD, "g": FULL}


class Clerk(Walker):
    """Works in the inbox."""

    @property
    def inbox(self) -> InboxPane:
        """The pane."""
        return self.app.screen.query_one(InboxPane)

    @property
    def row(self) -> BounceGroupRow | BounceRow:  # type: ignore[override]
        """The row under the cursor."""
        row = self.inbox.table.current
        assert isinstance(row, BounceGroupRow | BounceRow)
        return row

    @property
    def title(self) -> str:
        """The first line of the screen."""
        return self.text.splitlines()[0]

    def decided(self) -> dict[str, Decision]:
        """Return what was decided, by the addresses' first letters."""
        found = self.app.store.rows("SELECT address, decision FROM recipient WHERE decision IS NOT NULL")
        return {address[0]: Decision.of(code) for address, code in found}


Work = Callable[..., AbstractAsyncContextManager[Clerk]]


def bounce(store: Store, id_: int, minutes: int, what: dict[str, object]) -> None:
    happen(store, id_, EventType.BOUNCED, minutes, diagnostic=SAID[str(what["reason"])], **what)  # type: ignore[arg-type]


@pytest.fixture
def work(store: Store, clock: datetime) -> Work:
    """Open the inbox of a small campaign: four bounces that are ours, two dead addresses, a full mailbox."""
    ids = plan(store, "Spring", [f"{name}@{'g' if name < 'e' else name}.example" for name in [*HERE, "z"]])
    by_name = {address[0]: id_ for address, id_ in ids.items()}
    for minutes, (name, what) in enumerate(HERE.items()):
        bounce(store, by_name[name], minutes, what)
    happen(store, by_name["z"], EventType.DELIVERED, 9)

    @asynccontextmanager
    async def opened(size: tuple[int, int] = (80, 24), key: str = "b") -> AsyncIterator[Clerk]:
        app = AftersendApp(store, Operator("ann", "desk-1"), clock=lambda: clock)
        async with app.run_test(size=size) as pilot:
            clerk = Clerk(app, pilot, by_name)
            await clerk.settle()
            await clerk.press(key)
            yield clerk

    return opened


async def test_the_largest_cause_stands_first_and_is_told_in_words(work: Work) -> None:
    async with work() as w:
        assert w.title.split() == "Bounces · Spring · by cause 7 of 7 left".split()
        lines = w.text.splitlines()
        assert lines[2].split() == "4 ours sender not authenticated 5.7.26 all g.example".split()
        assert "4 x Our mail failed their check of SPF, DKIM or DMARC · ours, not theirs" in w.text
        assert "did not pass" in lines[-3]


async def test_one_key_decides_about_a_group_and_the_cursor_steps_on(work: Work) -> None:
    async with work() as w:
        await w.press("E")
        assert w.decided() == dict.fromkeys("abcd", Decision.EXCUSED)
        assert [(row.name, row.members) for row in list_lists(w.app.store)] == [("Resend · Spring", 4)]
        assert "✓ excused" in w.text.splitlines()[2]
        assert "3 of 7 left" in w.title
        assert isinstance(w.row, BounceGroupRow)
        assert w.row.reason == "userunknown"
        await w.press("B", "s")
        assert w.decided() | {"x": Decision.LATER} == {
            **dict.fromkeys("abcd", Decision.EXCUSED),
            **dict.fromkeys("ef", Decision.BLOCKED),
            "g": Decision.MARKED_SOFT,
            "x": Decision.LATER,
        }
        assert "all 7 decided" in w.title


async def test_a_group_is_exactly_the_one_shown_although_the_same_cause_strikes_meanwhile(work: Work) -> None:
    async with work() as w:
        other = open_store(w.app.store.path)
        more = plan(other, "Summer", [f"{name}@g.example" for name in "uvw"])
        again = other.rows("SELECT id FROM campaign WHERE name = 'Spring'")[0][0]
        other.run(
            lambda: other.execute("UPDATE recipient SET campaign_id = ? WHERE id IN (?, ?, ?)", (again, *more.values()))
        )
        for id_ in more.values():
            bounce(other, id_, 2, OURS)
        other.close()
        w.app.check_changes()
        await w.settle()
        assert isinstance(w.row, BounceGroupRow)
        assert w.row.n == 4
        assert "3 new" in w.title
        await w.press("E")
        assert set(w.decided()) == set("abcd")
        await w.press("full_stop")
        assert "6 of 6 left" in w.title
        assert w.inbox.table.source.page(0, 1)[0].n == 3  # type: ignore[attr-defined]


async def test_what_somebody_else_decided_meanwhile_is_left_alone(work: Work) -> None:
    from store.actions import triage

    async with work() as w:
        triage.clear(w.app.store, [w.ids["b"]], Operator("bo", "desk-2"), w.app.clock())
        await w.press("E")
        assert w.decided() == {**dict.fromkeys("acd", Decision.EXCUSED), "b": Decision.CLEARED}


async def test_undo_takes_the_group_back_and_the_cursor_goes_back_to_it(work: Work) -> None:
    async with work() as w:
        await w.press("E", "B", "u")
        assert w.decided() == dict.fromkeys("abcd", Decision.EXCUSED)
        assert isinstance(w.row, BounceGroupRow)
        assert w.row.reason == "userunknown"
        await w.press("u")
        assert w.decided() == {}
        assert list_lists(w.app.store) == ()
        assert w.row.reason == "authfailure"
        assert "7 of 7 left" in w.title


async def test_enter_shows_the_members_which_are_decided_one_by_one(work: Work) -> None:
    async with work() as w:
        await w.press("enter")
        assert "sender not authenticated 5.7.26 · all g.example · Spring" in w.title
        assert isinstance(w.row, BounceRow)
        assert w.row.recipient.address == "a@g.example"
        await w.press("c", "e", "d")
        assert w.decided() == {"a": Decision.CLEARED, "b": Decision.FORMER, "c": Decision.DELETED}
        assert w.row.recipient.address == "d@g.example"
        states = [line.split()[:2] for line in w.text.splitlines()[2:5]]
        assert states == [["✓", "Cleared"], ["✓", "Former"], ["✓", "Deleted"]]
        await w.press("escape")
        assert isinstance(w.row, BounceGroupRow)
        assert "1 of 4" in w.text.splitlines()[2]
        await w.press("E")
        assert w.decided()["d"] is Decision.EXCUSED
        assert w.decided()["a"] is Decision.CLEARED


async def test_a_group_of_one_and_a_single_bounce_open_the_history(work: Work) -> None:
    async with work() as w:
        await w.press("G", "enter")
        assert "What happened" in w.text
        await w.press("z")
        assert w.decided() == {"g": Decision.LATER}
        await w.press("escape")
        assert isinstance(w.app.screen, InboxScreen)
        assert "1 later" in w.title


async def test_t_goes_through_the_ways_of_grouping(work: Work) -> None:
    async with work(size=(140, 40)) as w:
        seen = []
        for _ in range(4):
            await w.press("t")
            seen.append((w.title.split(" · ")[2].split("  ")[0].strip(), w.inbox.table.total))
        assert seen == [("by domain", 3), ("by time", 3), ("one by one", 7), ("by cause", 3)]


async def test_what_is_put_off_comes_back_at_the_end(work: Work) -> None:
    async with work() as w:
        await w.press("z")
        assert "~ 4 later" in w.text.splitlines()[2]
        assert "3 of 7 left · 4 later" in w.title
        await w.press("B", "s")
        assert w.row.id == 1, "only those put off are left"
        await w.press("E")
        assert "all 7 decided" in w.title
        await w.press("u", "full_stop")
        assert [row.later for row in w.inbox.table.source.page(0, 9)] == [4]  # type: ignore[attr-defined]


async def test_marked_groups_are_asked_about_first(work: Work) -> None:
    async with work() as w:
        await w.press("j", "space", "space", "c")
        assert isinstance(w.app.screen, Confirm)
        assert "3 of 7 shown · bounce cleared · Spring" in w.text
        await w.press("n")
        assert w.decided() == {}
        await w.press("c", "y")
        assert w.decided() == dict.fromkeys("efg", Decision.CLEARED)
        assert not w.inbox.table.marked


async def test_all_marked_but_one_leaves_that_one_alone(work: Work) -> None:
    async with work() as w:
        await w.press("t", "t", "t", "asterisk", "space", "E", "y")
        assert set(w.decided()) == set("bcdefg")


async def test_a_large_group_is_asked_about_and_a_very_large_one_wants_its_number(work: Work, store: Store) -> None:
    ids = plan(store, "Large", [f"p{number}@g.example" for number in range(125)])
    for number, id_ in enumerate(ids.values()):
        bounce(store, id_, 2, OURS if number < 101 else FULL)
    async with work() as w:
        await w.press("escape", "k", "b")
        await w.press("E")
        assert "101 of 101 shown · excused · sender not authenticated 5.7.26" in w.text
        await w.type("100")
        await w.press("enter")
        assert "That is not 101" in w.text
        await w.press("backspace", "backspace", "backspace")
        await w.type("101")
        await w.press("enter")
        assert len(w.decided())
        assert "24 of 125 left" in w.title
        await w.press("z")
        assert "Put off 24 recipients?" in w.text
        await w.press("y")
        assert "24 later" in w.title


async def test_what_makes_no_sense_is_refused_with_a_sentence(work: Work) -> None:
    async with work() as w:
        await w.press("f")
        assert "this group has 4; Enter shows them" in w.text
        await w.press("E", "k", "B")
        assert "Everything in this group is decided" in w.text
        await w.press("f")
        assert "Everything in this group is decided" in w.text
        assert w.decided() == dict.fromkeys("abcd", Decision.EXCUSED)


async def test_an_address_is_fixed_from_a_group_of_one_and_among_members(work: Work) -> None:
    async with work() as w:
        await w.press("G", "f", *["backspace"] * 7)
        await w.type("north.example")
        await w.press("enter")
        assert w.decided() == {"g": Decision.FIXED}
        await w.press("j", "enter", "f", *["backspace"] * 7)
        await w.type("south.example")
        await w.press("enter")
        assert w.decided()["e"] is Decision.FIXED
        assert isinstance(w.row, BounceRow)
        assert w.row.recipient.address == "f@f.example"


async def test_the_resend_list_is_shown_before_it_is_made(work: Work) -> None:
    async with work() as w:
        await w.press("R")
        assert "0  will be on the list" in w.text
        await w.press("enter")
        assert "Nobody is excused or fixed" in w.text
        await w.press("escape", "E", "R")
        assert "4  excused: the failure was ours" in w.text
        await w.press("enter")
        assert "The list is up to date" in w.text
        await w.press("escape", "escape")
        happen(w.app.store, w.ids["a"], EventType.OPENED, 5000)
        await w.press("R")
        assert "0 come on it, 1 go off it" in w.text
        assert "Left out: 1 reached since." in w.text
        await w.press("enter")
        assert list_lists(w.app.store)[0].members == 3


async def test_the_inbox_of_all_campaigns_names_the_campaigns(work: Work, store: Store) -> None:
    other = plan(store, "Autumn", ["a@g.example"])
    bounce(store, other["a@g.example"], 3, OURS)
    async with work(key="I", size=(140, 40)) as w:
        assert "Bounces · all campaigns · by cause" in w.title
        assert "8 of 8 left" in w.title
        await w.press("R")
        assert "A resend list belongs to one campaign" in w.text
        await w.press("enter")
        assert "Campaign" in w.text.splitlines()[1]
        await w.press("escape", "escape")
        assert isinstance(w.app.screen, MainScreen)


async def test_a_campaign_without_open_bounces_says_so(work: Work, store: Store) -> None:
    plan(store, "Autumn", ["a@g.example"])
    async with work(key="1") as w:
        await w.press("g", "b")
        if "waits for a decision" not in w.text:
            await w.press("escape", "j", "b")
        assert "No bounce of Autumn waits for a decision." in w.text
        assert isinstance(w.app.screen, MainScreen)


async def test_the_inbox_opens_from_every_pane_of_the_main_screen(work: Work) -> None:
    async with work(key="2") as w:
        for pane in ("2", "3"):
            await w.press(pane, "i")
            assert isinstance(w.app.screen, InboxScreen), pane
            await w.press("escape")
