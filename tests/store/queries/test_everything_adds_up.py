"""Campaigns with their plans, feeds with what became of their records; and what it looks like when they do not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.actions import strangers
from store.database import Store
from store.ingest import ingest
from store.journal import Operator
from store.queries.reconciliation import defects, reconcile
from store.vocabulary import Bucket
from tests.store.plan import plan

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
EVENT = '{{"type": "delivered", "ts": "2026-03-02T09:00:{0:02d}Z", "address": "{1}", "campaign": "spring"}}\n'


@pytest.fixture
def world(store: Store, tmp_path: Path) -> Store:
    plan(store, "Spring", ["a@x.example", "b@x.example", "c@x.example"])
    lines = [EVENT.format(n, address) for n, address in enumerate(("a@x.example", "b@x.example", "s@y.example"))]
    (tmp_path / "one.ndjson").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "two.ndjson").write_text(
        EVENT.format(1, "b@x.example") + "broken\n" + EVENT.format(9, "c@x.example"), encoding="utf-8"
    )
    ingest(store, [tmp_path / "one.ndjson", tmp_path / "two.ndjson"], NOW)
    return store


def test_buckets_add_up_to_the_plan_and_strangers_stand_beside_it(world: Store) -> None:
    found = reconcile(world)
    (spring,) = found.campaigns
    assert spring.adds_up
    assert (spring.planned, spring.sum, spring.difference, spring.events) == (3, 3, 0, 3)
    assert spring.counted == {Bucket.DELIVERED: 3}
    assert (spring.stray_records, spring.stray_addresses) == (1, 1)
    assert found.adds_up
    assert found.other_events == 0


def test_the_records_of_a_feed_are_events_strangers_or_known(world: Store) -> None:
    feeds = {Path(feed.path).stem: feed for feed in reconcile(world).feeds}
    one, two = feeds["one"], feeds["two"]
    assert (one.records, one.events, one.strangers, one.known, one.defects) == (3, 2, 1, 0, 0)
    assert (two.records, two.events, two.strangers, two.known, two.defects) == (2, 1, 0, 1, 1)
    assert one.ended
    (defect,) = defects(world, two.id)
    assert defect.where.startswith("line 2")


def test_without_counting_events_the_buckets_are_there_at_once(world: Store) -> None:
    found = reconcile(world, deep=False)
    assert found.adds_up
    assert not found.counted
    assert [(row.events, row.stray_records) for row in found.campaigns] == [(None, 1)]
    assert {row.known for row in found.feeds} == {None}


def test_a_feed_read_again_counts_what_was_known(world: Store, tmp_path: Path) -> None:
    with open(tmp_path / "one.ndjson", "a", encoding="utf-8") as log:
        log.write(EVENT.format(30, "a@x.example"))
    ingest(world, [tmp_path / "one.ndjson"], NOW)
    (feed,) = (feed for feed in reconcile(world).feeds if feed.path.endswith("one.ndjson"))
    assert (feed.records, feed.events, feed.strangers, feed.known) == (7, 3, 1, 3)
    assert feed.adds_up


def test_a_file_that_was_replaced_by_another_one_still_adds_up(world: Store, tmp_path: Path) -> None:
    (tmp_path / "one.ndjson").write_text(EVENT.format(40, "c@x.example"), encoding="utf-8")
    ingest(world, [tmp_path / "one.ndjson"], NOW)
    assert reconcile(world).adds_up


def test_assigned_strangers_become_events_of_the_same_feed(world: Store) -> None:
    (stranger,) = world.rows("SELECT id FROM stranger")
    strangers.assign(world, list(stranger), 1, Operator("ann", "here"), NOW)
    found = reconcile(world)
    assert found.adds_up
    assert [(row.stray_records, row.events) for row in found.campaigns] == [(0, 4)]


def test_mail_that_names_no_campaign_stands_at_the_end(store: Store, tmp_path: Path) -> None:
    plan(store, "Spring", ["a@x.example"])
    (tmp_path / "e.ndjson").write_text(EVENT.format(1, "s@y.example").replace('"spring"', '""'), encoding="utf-8")
    ingest(store, [tmp_path / "e.ndjson"], NOW)
    last = reconcile(store).campaigns[-1]
    assert (last.campaign, last.id, last.stray_records, last.adds_up) == (None, 0, 1, True)


def test_counters_that_are_wrong_are_found(world: Store) -> None:
    world.run(lambda: world.execute("UPDATE campaign_stat SET n = n + 1"))
    found = reconcile(world)
    (spring,) = found.campaigns
    assert not found.adds_up
    assert (spring.difference, spring.wrong) == (1, (Bucket.DELIVERED,))


def test_recipients_in_the_wrong_bucket_are_found_though_the_sum_is_right(world: Store) -> None:
    world.run(lambda: world.execute("UPDATE recipient SET delivery = 60 WHERE id = 1"))
    (spring,) = reconcile(world).campaigns
    assert (spring.difference, spring.adds_up) == (0, False)
    assert spring.wrong == (Bucket.DELIVERED, Bucket.BOUNCED)


def test_a_reading_that_was_broken_off_or_events_without_records_do_not_add_up(world: Store) -> None:
    world.run(lambda: world.execute("UPDATE feed SET fingerprint = '' WHERE id = 1"))
    assert not reconcile(world).adds_up
    world.run(lambda: world.execute("UPDATE feed SET fingerprint = 'x', records = 1 WHERE id = 1"))
    assert not reconcile(world).adds_up


def test_a_killed_reading_is_told_and_reading_again_mends_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(store, "Spring", ["a@x.example"])
    log = tmp_path / "e.ndjson"
    log.write_text("".join(EVENT.format(n, "a@x.example") for n in range(9)), encoding="utf-8")
    import store.ingest as reading

    def killed(self: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(reading._Reading, "_finish", killed)
        with pytest.raises(KeyboardInterrupt):
            ingest(store, [log], NOW)
    (feed,) = reconcile(store).feeds
    assert (feed.ended, feed.adds_up, feed.records, feed.events) == (False, False, 9, 9)
    ingest(store, [log], NOW)
    (feed,) = reconcile(store).feeds
    assert (feed.ended, feed.adds_up, feed.records, feed.known) == (True, True, 18, 9)


def test_the_sample_world_adds_up(sample_store: Store) -> None:
    found = reconcile(sample_store)
    assert found.adds_up
    assert len(found.campaigns) >= 3
    assert len(found.feeds) >= 3
    told = sum(feed.strangers for feed in found.feeds)
    assert told == sum(row.stray_records for row in found.campaigns)
