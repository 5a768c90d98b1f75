"""Whatever happens to whom, in whatever batches: each planned recipient stands in exactly one bucket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.actions import triage
from store.actions.undo import undo
from store.database import Store, open_store
from store.errors import Refused
from store.feeds.record import Record
from store.journal import Operator
from store.landing import event_row, insert_events
from store.matching import Match
from store.queries.campaigns import list_campaigns
from store.rows import CampaignRow
from store.vocabulary import Actor, Attribution, BounceKind, EventType, Source
from tests.store.plan import BASE, counters_are_right, plan

PEOPLE = [f"p{number}@x.example" for number in range(6)]
WHO = Operator("ann", "desk")
_NUMBERS = count()

happenings = st.builds(
    Record,
    type=st.sampled_from(list(EventType)),
    ts=st.integers(0, 20).map(lambda step: BASE + step * 900),
    address=st.sampled_from(PEOPLE),
    source=st.just(Source.EVENTS),
    message_id=st.sampled_from([None, "m1", "m2"]),
    kind=st.sampled_from(list(BounceKind)),
    expired=st.booleans(),
    actor=st.sampled_from(list(Actor)),
).map(lambda record: replace(record, identity=repr(record)))
batches = st.lists(st.lists(happenings, max_size=8), max_size=4)
decisions = st.lists(
    st.tuples(st.sampled_from(["mark_hard", "mark_soft", "clear", "block", "undo"]), st.sets(st.integers(0, 5))),
    max_size=4,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Store:
    path: Path = tmp_path_factory.mktemp("buckets") / "s.db"
    return open_store(path)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(batches=batches, decisions=decisions)
def test_buckets_add_up_to_what_was_planned(
    world: Store, batches: list[list[Record]], decisions: list[tuple[str, set[int]]]
) -> None:
    ids = plan(world, f"campaign {next(_NUMBERS)}", PEOPLE)
    order = list(ids.values())
    (campaign_id,) = world.rows("SELECT max(id) FROM campaign")[0]
    for step, batch in enumerate(batches):
        rows = [
            event_row(record, Match(ids[record.address], campaign_id, record.address, Attribution.EXACT), None, None)
            for record in batch
        ]
        world.run(lambda rows=rows: insert_events(world, rows))  # type: ignore[misc]
        if step < len(decisions):
            decide(world, decisions[step], order, step)
        campaign = newest(world, campaign_id)
        assert campaign.adds_up
        assert campaign.planned == len(PEOPLE)
    assert counters_are_right(world)


def decide(store: Store, decision: tuple[str, set[int]], order: list[int], step: int) -> None:
    verb, chosen = decision
    now = datetime.fromtimestamp((BASE + 5000 + step * 2000) / 1000, UTC)
    if verb == "undo":
        try:
            undo(store, WHO, now)
        except Refused:
            return
    else:
        getattr(triage, verb)(store, [order[place] for place in sorted(chosen)], WHO, now)


def newest(store: Store, campaign_id: int) -> CampaignRow:
    return next(row for row in list_campaigns(store) if row.id == campaign_id)
