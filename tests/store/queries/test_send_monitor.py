"""The send monitor's numbers beside those that one gets by counting every recipient."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from store.actions import undo
from store.actions.triage import clear, mark_hard, mark_soft
from store.actions.tripwires import set_tripwires
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.lookout import Lookout
from store.queries.monitor import SendMonitor
from store.queries.view import Interrupted
from store.rows.monitor import MonitorRow
from store.times import from_ms, to_ms
from store.vocabulary import BounceKind, Delivery, EventType
from tests.store.plan import BASE, happen, plan

ANN = Operator("ann", "desk-1")
NOW = from_ms(BASE) + timedelta(hours=1)
DOMAINS = ("a.example", "b.example", "c.example")


@pytest.fixture
def ids(store: Store) -> list[int]:
    plan(store, "Other", ["x@a.example", "y@b.example"])
    found = plan(store, "Autumn", [f"p{n}@{DOMAINS[n % 3]}" for n in range(60)])
    return list(found.values())


@pytest.fixture
def monitor(store: Store, ids: list[int]) -> Iterator[SendMonitor]:
    opened = SendMonitor(store, store.rows("SELECT id FROM campaign WHERE name = 'Autumn'")[0][0])
    yield opened
    opened.close()


def minutes(row: MonitorRow) -> dict[int, tuple[int, int, int]]:
    return {to_ms(m.at) // 60_000: (m.delivered, m.hard, m.other) for m in row.minutes}


def counted(store: Store) -> dict[int, tuple[int, int, int]]:
    """Count the outcomes by minute, one recipient after the other."""
    found: dict[int, list[int]] = {}
    for delivery, kind, delivered_at, sent_at, opened_at, bounced_at in store.rows(
        "SELECT delivery, bounce_kind, delivered_at, sent_at, opened_at, bounced_at FROM recipient AS r"
        " JOIN campaign AS p ON p.id = r.campaign_id WHERE p.name = 'Autumn'"
    ):
        if delivery < Delivery.DELIVERED.code:
            continue
        column = 0 if delivery == Delivery.DELIVERED.code else 1 if kind == BounceKind.HARD.code else 2
        at = delivered_at or sent_at or opened_at if column == 0 else bounced_at
        found.setdefault(at // 60_000, [0, 0, 0])[column] += 1
    return {minute: (counts[0], counts[1], counts[2]) for minute, counts in found.items()}


def deferred(store: Store) -> Counter[str]:
    rows = store.rows(
        "SELECT r.address FROM recipient AS r JOIN campaign AS p ON p.id = r.campaign_id WHERE p.name = 'Autumn'"
        " AND r.delivery = ?",
        (Delivery.DEFERRED.code,),
    )
    return Counter(address.rpartition("@")[2] for (address,) in rows)


def agrees(store: Store, row: MonitorRow) -> None:
    assert minutes(row) == counted(store)
    assert {domain.key: domain.n for domain in row.domains} == deferred(store)
    assert sum(minute.settled for minute in row.minutes) == row.settled
    assert row.hard == sum(hard for _, hard, _ in counted(store).values())
    assert row.deferred == sum(deferred(store).values())
    assert row.settled + row.deferred + row.to_go + row.campaign.skipped == row.campaign.planned


@pytest.mark.parametrize("seed", range(4))
def test_what_is_read_again_is_what_one_counts(store: Store, ids: list[int], monitor: SendMonitor, seed: int) -> None:
    rng = random.Random(seed)
    kinds = (BounceKind.HARD, BounceKind.SOFT, None)
    types = (EventType.SENT, EventType.DEFERRED, EventType.DELIVERED, EventType.DELIVERED, EventType.BOUNCED)
    agrees(store, monitor.read(NOW))
    for _ in range(12):
        for _ in range(rng.randrange(12)):
            type_ = rng.choice((*types, EventType.OPENED))
            kind = rng.choice(kinds[:2]) if type_ is EventType.BOUNCED else None
            happen(store, rng.choice(ids), type_, rng.randrange(50), kind)
        if rng.random() < 0.3:
            act = rng.choice((clear, mark_hard, mark_soft))
            act(store, rng.sample(ids, 3), ANN, NOW)
        if rng.random() < 0.2:
            with suppress(Refused):
                undo.undo(store, ANN, NOW)
        agrees(store, monitor.read(NOW))
    fresh = SendMonitor(store, monitor._campaign_id)
    assert fresh.read(NOW) == monitor.read(NOW)
    fresh.close()


def test_a_domain_tells_since_when_and_the_latest_words(store: Store, ids: list[int], monitor: SendMonitor) -> None:
    words = {"status": "4.7.1", "reply": 451}
    happen(store, ids[0], EventType.DEFERRED, 3, diagnostic="451 first", **words)
    happen(store, ids[3], EventType.DEFERRED, 5, diagnostic="451 \x1b[31mnewer", **words)
    happen(store, ids[0], EventType.DEFERRED, 9, diagnostic="451 newest", **words)
    happen(store, ids[1], EventType.DEFERRED, 4, diagnostic="421 of another")
    row = monitor.read(NOW)
    assert [(d.domain, d.n, d.words) for d in row.domains] == [
        ("a.example", 2, "451 newest"),
        ("b.example", 1, "421 of another"),
    ]
    first = row.domains[0]
    assert (first.since, first.last) == (NOW - timedelta(minutes=57), NOW - timedelta(minutes=51))
    assert (first.status, first.reply) == ("4.7.1", 451)
    assert row.last_at == NOW - timedelta(minutes=51)
    happen(store, ids[0], EventType.DELIVERED, 10)
    row = monitor.read(NOW)
    assert [(d.domain, d.n, d.words) for d in row.domains] == [
        ("a.example", 1, "451 ␛[31mnewer"),
        ("b.example", 1, "421 of another"),
    ]


def test_events_that_are_taken_back_are_noticed(store: Store, ids: list[int], monitor: SendMonitor) -> None:
    for n in range(5):
        happen(store, ids[n], EventType.DELIVERED, n)
    agrees(store, monitor.read(NOW))

    def take_back() -> None:
        store.execute("DELETE FROM event WHERE recipient_id = ?", (ids[4],))
        store.execute("UPDATE recipient SET delivery = 0, delivered_at = NULL, sent_at = NULL WHERE id = ?", (ids[4],))
        store.execute("UPDATE campaign_stat SET n = n - 1 WHERE delivery = ?", (Delivery.DELIVERED.code,))
        store.execute("UPDATE campaign_stat SET n = n + 1 WHERE delivery = 0 AND campaign_id = 2")

    store.run(take_back)
    agrees(store, monitor.read(NOW))


def test_only_what_is_new_is_read_the_second_time(
    store: Store, ids: list[int], monitor: SendMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(store, ids[0], EventType.DELIVERED)
    monitor.read(NOW)
    counts: list[int] = []
    monkeypatch.setattr(SendMonitor, "_count", lambda *_: counts.append(1))
    happen(store, ids[1], EventType.DELIVERED, 1)
    happen(store, ids[2], EventType.BOUNCED, 1, BounceKind.HARD)
    agrees(store, monitor.read(NOW))
    assert counts == []


def test_it_tells_the_tripwires_that_hold_and_the_trips_that_stand(
    store: Store, ids: list[int], monitor: SendMonitor
) -> None:
    set_tripwires(store, None, {"hard": "50%", "least": "1", "domain": "off"}, ANN, NOW)
    happen(store, ids[0], EventType.BOUNCED, kind=BounceKind.HARD)
    Lookout(store, lambda: NOW, environment={}).look()
    row = monitor.read(NOW)
    assert [trip.why for trip in row.trips] == ["100.0 % bounced hard (1 of 1; the limit is 50%)"]
    assert row.wires.text("hard") == "50%"


def test_a_campaign_that_is_gone_and_a_monitor_that_is_closed_say_so(store: Store, ids: list[int]) -> None:
    gone = SendMonitor(store, 99)
    with pytest.raises(NotFound):
        gone.read(NOW)
    gone.close()
    with pytest.raises(Interrupted):
        gone.read(NOW)
