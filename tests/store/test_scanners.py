"""Many links of one mail within seconds are a scanner's: its clicks are labelled, whatever the order they come in."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import landing
from store.database import Store
from store.feeds.record import Record
from store.landing import event_row, insert_events
from store.matching import Match
from store.scanners import Click, in_bursts
from store.vocabulary import Actor, Attribution, BounceKind, Engagement, EventType, Source
from tests.store.test_fold_is_order_free import agrees, empty, row, store_with_one_recipient

BASE = 1_772_000_000_000


def click(number: int, ts: int, actor: Actor = Actor.UNKNOWN) -> Record:
    url = f"https://x.example/{number}"
    return Record(EventType.CLICKED, BASE + ts, "a@x.example", Source.EVENTS, url=url, actor=actor)


def put(store: Store, batch: list[Record]) -> None:
    links: dict[tuple[int, str], int] = {}

    def land() -> None:
        match = Match(1, 1, "a@x.example", Attribution.EXACT)
        rows = [event_row(r, match, landing.link(store, links, 1, r.url) if r.url else None, None) for r in batch]
        insert_events(store, rows)

    store.run(land)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_with_one_recipient(tmp_path / "s.db")


@pytest.mark.parametrize(
    ("clicks", "burst"),
    [
        ([(0, 1), (1000, 2), (2000, 3)], {0, 1, 2}),
        ([(0, 1), (1000, 2), (2001, 3)], set()),
        ([(0, 1), (0, 1), (0, 1), (0, 2)], set()),
        ([(0, 1), (500, 2), (1000, 3), (1500, 3), (9000, 4)], {0, 1, 2, 3}),
        ([(step * 2000, step) for step in range(6)], {0, 1, 2, 3, 4, 5}),
        ([(step * 2001, step) for step in range(9)], set()),
        ([(1000, 3), (0, 1), (500, 2)], {0, 1, 2}),
    ],
)
def test_a_burst_is_many_links_within_seconds(clicks: list[tuple[int, int]], burst: set[int]) -> None:
    assert in_bursts(Click(ts, link, id_) for id_, (ts, link) in enumerate(clicks)) == burst


def test_a_burst_over_several_batches_takes_back_what_had_counted_as_a_persons(store: Store) -> None:
    put(store, [Record(EventType.BOUNCED, BASE - 5, "a@x.example", Source.POSTFIX, kind=BounceKind.HARD)])
    put(store, [click(1, 0), click(2, 500)])
    assert (row(store)["clicks"], row(store)["bounced_at"]) == (2, None)
    put(store, [click(3, 1000)])
    now = row(store)
    assert (now["clicks"], now["clicked_at"], now["engaged_at"], now["bounced_at"]) == (0, None, None, BASE - 5)
    assert now["machine_clicked_at"] == BASE
    assert store.rows("SELECT clicks, machine_clicks FROM clicker") == [(0, 1)] * 3
    put(store, [click(1, 60_000)])
    assert Engagement.of(int(str(row(store)["engagement"]))) is Engagement.CLICKED
    assert store.row("SELECT sum(clicks), sum(machine_clicks) FROM clicker") == (1, 3)
    agrees(store)


happenings = st.one_of(
    st.builds(click, st.integers(1, 5), st.integers(0, 14).map(lambda n: n * 450), st.sampled_from(list(Actor))),
    st.builds(
        lambda type_, ts: Record(type_, BASE + ts, "a@x.example", Source.EVENTS, message_id="m1"),
        st.sampled_from([EventType.BOUNCED, EventType.OPENED, EventType.DELIVERED]),
        st.integers(0, 8000),
    ),
)
KEPT = (
    "SELECT c.clicks, c.machine_clicks, c.first_at, c.last_at, l.url FROM clicker AS c"
    " JOIN link AS l ON l.id = c.link_id"
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=st.lists(happenings, max_size=12), seed=st.integers(0, 99))
def test_any_order_repetition_and_batching_labels_the_same_clicks(
    tmp_path_factory: pytest.TempPathFactory, events: list[Record], seed: int
) -> None:
    store = shared(tmp_path_factory)
    empty(store)
    put(store, events)
    agrees(store)
    first = (row(store), sorted(store.rows(KEPT)), sorted(store.rows("SELECT dedupe, actor FROM event")))
    chance = random.Random(seed)
    again = [*events, *events[: len(events) // 2]]
    chance.shuffle(again)
    empty(store)
    while again:
        size = chance.randint(1, len(again))
        put(store, again[:size])
        agrees(store)
        again = again[size:]
    assert (row(store), sorted(store.rows(KEPT)), sorted(store.rows("SELECT dedupe, actor FROM event"))) == first


_stores: list[Store] = []


def shared(factory: pytest.TempPathFactory) -> Store:
    if not _stores:
        _stores.append(store_with_one_recipient(factory.mktemp("scanners") / "s.db"))
    return _stores[0]
