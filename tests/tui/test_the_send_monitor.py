"""Watching a campaign go out, with somebody else writing meanwhile; tripwires that ring, and are acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from store.actions.tripwires import set_tripwires
from store.database import Store
from store.journal import Operator
from store.lookout import Lookout
from store.queries.tripwires import load, standing
from store.times import from_ms
from store.vocabulary import BounceKind, EventType
from tests.store.plan import BASE, happen, plan
from tests.tui.conftest import Walk, Walker
from tui.dialogs.tripwires import SetTripwires
from tui.panes.monitor import Figures, MonitorPane
from tui.panes.recipients import RecipientsPane
from tui.present.monitor import Deferring

DAY = 60 * 24
ANN = Operator("ann", "desk-1")


@pytest.fixture(autouse=True)
def _without_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.alarm._REST_S", 0.0)


@pytest.fixture
def clock() -> datetime:
    """Ten minutes after the autumn newsletter went out."""
    return from_ms(BASE) + timedelta(days=1, minutes=10)


def close(store: Store, now: datetime, **texts: str) -> None:
    """Let a few mails make a share, and switch off what would ring in the small world at once."""
    off = {"hard": "off", "domain": "off", "deferred": "off", "complaints": "off", "complaint-rate": "off"}
    set_tripwires(store, None, {"least": "1", "domain-least": "1"} | off | texts, ANN, now)


async def elsewhere(w: Walker, change: Callable[[], object]) -> None:
    """Let another connection change the store, and the next tick come."""

    def run() -> None:
        change()
        w.app.store.close()

    await asyncio.to_thread(run)
    w.app.check_changes()
    await settle(w)


async def settle(w: Walker) -> None:
    """Wait until tripwires were looked at and the monitor was read."""
    await w.settle()
    while w.app.alarm.busy or any(pane.reading for pane in w.app.screen.query(MonitorPane)):
        await w.pilot.pause(0.01)
    await w.settle()


def domains(w: Walker) -> list[tuple[str, int]]:
    source = w.app.screen.query_one(MonitorPane).table.source
    rows = source.page(0, 100)
    return [(row.row.domain, row.row.n) for row in rows if isinstance(row, Deferring)]


def bells(w: Walker, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    rung: list[int] = []
    monkeypatch.setattr(w.app, "bell", lambda: rung.append(1))
    return rung


@pytest.mark.parametrize("at", ["campaigns", "recipients", "links"])
async def test_m_shows_how_the_campaign_goes_out(walk: Walk, at: str) -> None:
    async with walk(at=at) as w:
        await w.press("M")
        assert w.text.startswith(" Monitor · Autumn newsletter")
        assert "> under way" in w.text
        assert "Done       75.0 % · 6 of 8 with an outcome" in w.text
        assert "Failures   16.7 % hard · 16.7 % otherwise · 0 complaints" in w.text
        assert "none has tripped" in w.text
        assert "Nothing is deferred." in w.text
        await w.press("escape")
        assert "Monitor" not in w.text.splitlines()[0]


async def test_what_another_process_writes_is_on_the_screen_with_the_next_tick(
    walk: Walk, store: Store, ids: dict[str, int]
) -> None:
    async with walk(at="campaigns") as w:
        await w.press("M")
        for step, name in enumerate(("fred", "hans"), start=1):
            await elsewhere(w, lambda name=name: happen(store, ids[name], EventType.DELIVERED, DAY + 9))  # type: ignore[misc]
            assert f"{6 + step} of 8 with an outcome" in w.text
        assert "100 % · 8 of 8" in w.text
        assert "Sending seems over since" in w.text


async def test_a_domain_that_defers_tells_its_words_and_keeps_its_place(
    walk: Walk, store: Store, clock: datetime
) -> None:
    wide = plan(store, "Wide", [f"p{n}@{'abc'[n % 3]}.example" for n in range(9)])
    people = list(wide.values())
    for n, id_ in enumerate(people[:5]):
        happen(store, id_, EventType.DEFERRED, DAY + n, diagnostic=f"451 later, said {n}")
    async with walk(at="campaigns", size=(140, 40)) as w:
        await w.press("M")
        assert domains(w) == [("a.example", 2), ("b.example", 2), ("c.example", 1)]
        assert "451 later, said 3" in w.text
        await w.press("j")
        await elsewhere(w, lambda: [happen(store, people[n], EventType.DEFERRED, DAY + 9) for n in (5, 8)])
        assert domains(w) == [("a.example", 2), ("b.example", 2), ("c.example", 3)]
        await elsewhere(w, lambda: [happen(store, people[n], EventType.DELIVERED, DAY + 9) for n in (0, 3)])
        assert domains(w) == [("a.example", 0), ("b.example", 2), ("c.example", 3)]
        assert "not deferred any more" in w.text
        current = w.app.screen.query_one(MonitorPane).table.current
        assert isinstance(current, Deferring)
        assert current.row.domain == "b.example"
        await w.press("full_stop")
        assert domains(w) == [("c.example", 3), ("b.example", 2)]


async def test_enter_shows_the_recipients_that_are_deferred_there_and_nobody_else(
    walk: Walk, store: Store, clock: datetime
) -> None:
    wide = plan(store, "Wide", [f"p{n}@{'abc'[n % 3]}.example" for n in range(9)])
    people = list(wide.values())
    for n, id_ in enumerate(people[:5]):
        happen(store, id_, EventType.DEFERRED, DAY + n)
    happen(store, people[8], EventType.DELIVERED, DAY)
    async with walk(at="campaigns") as w:
        await w.press("M", "enter")
        assert isinstance(w.app.screen.focused.parent, RecipientsPane)  # type: ignore[union-attr]
        assert w.shown == ["p0", "p3"]
        assert "Wide · a.example · deferred" in w.text
        await w.press("escape")
        assert w.shown == ["p0", "p3", "p6"]


async def test_where_nothing_changed_nothing_is_drawn(
    walk: Walk, clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walk(at="campaigns") as w:
        await w.press("M")
        drawn: list[int] = []
        pane = w.app.screen.query_one(MonitorPane)
        pane._draw()
        monkeypatch.setattr(Figures, "show", lambda *_: drawn.append(1))
        w.app.clock = lambda: clock + timedelta(seconds=5)
        pane._draw()
        w.app.stir()
        await settle(w)
        assert drawn == []
        w.app.clock = lambda: clock + timedelta(hours=1)
        pane._draw()
        assert drawn == [1]


async def test_a_sending_of_long_ago_shows_no_rate(walk: Walk, clock: datetime) -> None:
    async with walk(at="campaigns") as w:
        w.app.clock = lambda: clock + timedelta(days=90)
        await w.press("M")
        assert "stands still" in w.text
        assert "Nothing went out since 2026-03-03" in w.text
        assert "a minute now" not in w.text
        assert "2 are not sent" in w.text


async def test_what_trips_rings_once_and_stands_in_every_title_until_it_is_acknowledged(
    walk: Walk, store: Store, ids: dict[str, int], clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(store, clock, hard="20%")
    async with walk(at="campaigns") as w:
        rung = bells(w, monkeypatch)
        await elsewhere(w, lambda: happen(store, ids["fred"], EventType.BOUNCED, DAY + 9, BounceKind.HARD))
        assert rung == [1]
        assert w.text.startswith(" ‼ hard ")
        assert "28.6 % bounced hard (2 of 7; the limit is 20%)" in w.text
        await elsewhere(w, lambda: happen(store, ids["hans"], EventType.BOUNCED, DAY + 9, BounceKind.HARD))
        assert rung == [1]
        for key in ("L", "J", "question_mark", "M"):
            await w.press(key)
            assert w.text.startswith(" ‼ hard "), key
            await w.press("escape")
        w.hush()
        await w.press("M")
        assert "Tripwires  ‼ 28.6 % bounced hard (2 of 7; the limit is 20%)" in w.text
        await w.press("a")
        await settle(w)
        assert "‼" not in w.text.splitlines()[0]
        assert w.journal()[0] == ("acknowledge", "1 tripwire acknowledged: Autumn newsletter: hard")
        w.hush()
        await w.press("a")
        assert "No tripwire of Autumn newsletter rings." in w.text
        await w.press("u")
        await settle(w)
        assert w.text.startswith(" ‼ hard ")
        assert rung == [1]
        assert [trip.rings for trip in standing(store, clock)] == [True]


async def test_several_trips_are_counted_in_the_title(walk: Walk, store: Store, clock: datetime) -> None:
    close(store, clock, hard="1%", domain="1%")
    for cells, words in ((80, " ‼ 2 trips "), (140, " ‼ 2 tripwires ")):
        async with walk(at="campaigns", size=(cells, 40)) as w:
            await settle(w)
            assert w.text.startswith(words)


async def test_what_rang_before_the_screen_was_opened_is_seen_and_not_heard(
    walk: Walk, store: Store, clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(store, clock, hard="1%")
    earlier = clock - timedelta(minutes=1)
    assert len(Lookout(store, lambda: earlier, environment={}).look()) == 1
    heard: list[int] = []
    monkeypatch.setattr("tui.app.AftersendApp.bell", lambda self: heard.append(1))
    async with walk(at="campaigns", size=(140, 40)) as w:
        await settle(w)
        assert w.text.startswith(" ‼ hard bounces 16.7 % ")
        assert heard == []


async def test_limits_are_set_in_a_dialog_and_taken_back(
    walk: Walk, store: Store, clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(store, clock)
    campaign = store.rows("SELECT id FROM campaign WHERE name = 'Autumn newsletter'")[0][0]
    async with walk(at="campaigns") as w:
        rung = bells(w, monkeypatch)
        await w.press("M", "t")
        assert "Of Autumn newsletter" in w.text
        assert "Empty: off." in w.text
        await w.press(*["backspace"] * 3)
        await w.type("2")
        assert "“2” does not fit hard" in w.text
        await w.press("enter")
        assert isinstance(w.app.screen, SetTripwires)
        await w.press("percent_sign", "enter")
        assert not isinstance(w.app.screen, SetTripwires)
        assert load(store).own[campaign] == {"hard": "2%"}
        assert w.journal()[0] == ("tripwire", "Tripwires of Autumn newsletter: hard off → 2%")
        await settle(w)
        assert rung == [1]
        await w.press("t", *["backspace"] * 3, "enter")
        assert campaign not in load(store).own
        await w.press("u", "u")
        assert load(store).of(campaign).hard is None


async def test_all_campaigns_have_their_limits_too_and_leaving_changes_nothing(
    walk: Walk, store: Store, clock: datetime
) -> None:
    async with walk(at="campaigns") as w:
        await w.press("M", "T")
        assert "Of all campaigns" in w.text
        before = w.journal()
        await w.press("escape", "T", "enter")
        assert w.journal() == before
        await w.press("T", "tab", *["backspace"] * 2)
        await w.type("7")
        await w.press("enter")
        assert load(store).default.complaints == 7


async def test_a_narrow_terminal_shows_whole_sentences(walk: Walk, store: Store, clock: datetime) -> None:
    async with walk(at="campaigns", size=(80, 24)) as w:
        await w.press("M")
        figures = w.text.splitlines()[3:12]
        assert [line for line in figures if line.endswith("…")] == []
