from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from store.database import Store, open_store
from store.errors import BadInput
from store.following.once import open_source, read_once
from store.following.source import How
from store.ingest import IngestReport
from store.queries.campaigns import list_campaigns
from store.vocabulary import EventType, Source
from tests.feeds.listmonk_tables import ListmonkTables
from tests.store.building import BASE, Builder

SPRING = "11111111-1111-4111-8111-111111111111"
_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from store.database import open_store
from store.following import landing, once
from store.following.source import How

path, url, number, after = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "after"
once.BATCH = 50
real, calls = landing.Landing.land, [0]

def land(self, steps):
    calls[0] += 1
    if calls[0] == number and not after:
        os.kill(os.getpid(), signal.SIGKILL)
    tally = real(self, steps)
    if calls[0] == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return tally

landing.Landing.land = land
how = How(lambda: datetime.now(UTC))
once.read_once(open_store(path), once.open_source(url, how), how)
"""


def ingest(store: Store, url: str, clock: datetime, *, reread: bool = False) -> IngestReport:
    how = How(lambda: clock)
    return read_once(store, open_source(url, how), how, reread=reread)


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return report.records, report.new_events, report.duplicates, report.strangers


@pytest.fixture
def spring(listmonk: ListmonkTables) -> ListmonkTables:
    """A campaign with an open, a click, a bounce and an unsubscription; and one view that names nobody."""
    news = listmonk.list("News")
    campaign = listmonk.campaign("Spring 26", (news,), SPRING)
    for name in ("ann", "bo", "cleo"):
        listmonk.subscriber(f"{name}@shop.example", name.title(), (news,))
    listmonk.view(campaign, 1)
    listmonk.view(campaign, None)
    listmonk.click(campaign, listmonk.link("https://shop.example/a"), 1)
    listmonk.bounce(campaign, 2, meta={"classify_reason": "smtp_status=5.1.1"})
    listmonk.unsubscribe(3, news)
    return listmonk


def planned(store: Store, name: str = "Frühling", key: str = SPRING) -> None:
    build = Builder(store)
    campaign = build.campaign(name, key, started_at=BASE)
    for who in ("ann", "bo", "cleo"):
        build.delivered(campaign, build.contact(f"{who}@shop.example", who.title()))
    build.count()


@pytest.mark.parametrize(("name", "key"), [("Frühling", SPRING), ("Spring 26", "s26"), ("Other", "spring 26")])
def test_events_find_the_campaign_by_uuid_name_or_key(
    name: str, key: str, spring: ListmonkTables, store: Store, clock: datetime
) -> None:
    planned(store, name, key)
    report = ingest(store, spring.url(), clock)
    assert counts(report) == (4, 4, 0, 0)
    assert report.note.startswith("Without a subscriber, so nobody's: 1 view (")
    assert (report.path, report.format, report.cut) == (spring.url_name(), "listmonk database", False)
    told = store.rows("SELECT type, source, location FROM event ORDER BY ts")
    assert told == [
        (EventType.BOUNCED.code, Source.LISTMONK.code, "bounces 1"),
        (EventType.OPENED.code, Source.LISTMONK.code, "campaign_views 1"),
        (EventType.CLICKED.code, Source.LISTMONK.code, "link_clicks 1"),
        (EventType.UNSUBSCRIBED.code, Source.LISTMONK.code, "subscriber_lists 3 1"),
    ]
    (row,) = list_campaigns(store)
    assert (row.name, row.bounced) == (name, 1)


def test_reading_again_adds_nothing_and_reading_anew_knows_everything(
    spring: ListmonkTables, store: Store, clock: datetime
) -> None:
    planned(store)
    ingest(store, spring.url(), clock)
    again = ingest(store, spring.url(), clock)
    assert (counts(again), again.unchanged, again.note) == ((0, 0, 0, 0), True, "")
    assert counts(ingest(store, spring.url(), clock, reread=True)) == (4, 0, 4, 0)
    spring.view(1, 2)
    assert counts(ingest(store, spring.url(), clock)) == (1, 1, 0, 0)


def test_what_was_read_before_its_plan_is_claimed_by_it(spring: ListmonkTables, store: Store, clock: datetime) -> None:
    assert counts(ingest(store, spring.url(), clock)) == (4, 0, 0, 4)
    planned(store)
    spring.view(1, 2)
    ingest(store, spring.url(), clock)
    assert store.rows("SELECT count(*) FROM event") == [(5,)]


def test_the_feed_has_no_password_and_no_passing_word_in_its_name(
    spring: ListmonkTables, store: Store, clock: datetime
) -> None:
    ingest(store, spring.url(since="2020-01-01", application_name="x", sslmode="prefer"), clock)
    assert store.rows("SELECT path, format, records FROM feed") == [(spring.url_name(), "listmonk database", 4)]


def test_a_server_that_is_not_there_is_an_error(store: Store, clock: datetime) -> None:
    with pytest.raises(BadInput, match=r"^lm on 127\.0\.0\.1:1 cannot be reached: .*\.$"):
        ingest(store, "postgresql://me@127.0.0.1:1/lm?source=listmonk", clock)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step_it_goes_on_without_losing_or_doubling_anything(
    when: str, listmonk: ListmonkTables, tmp_path: Path, clock: datetime
) -> None:
    spring = listmonk.campaign("Spring 26", uuid=SPRING)
    for name in ("ann", "bo", "cleo"):
        listmonk.subscriber(f"{name}@shop.example")
    listmonk.database.run(
        "INSERT INTO campaign_views (campaign_id, subscriber_id, created_at) SELECT %s, 1 + n %% 3,"
        " timestamptz '2026-03-02 09:00Z' + n * interval '1 minute' FROM generate_series(1, 170) n",
        (spring,),
    )
    path = tmp_path / "killed.db"
    store = open_store(path)
    planned(store)
    for number in (1, 2, 1, 3):
        arguments = [sys.executable, "-c", _KILLED, str(path), listmonk.url(), str(number), when]
        killed = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
        assert killed.returncode in {-9, 0}, killed.stderr
    ingest(store, listmonk.url(), clock)
    assert store.rows("SELECT count(*), count(DISTINCT location) FROM event") == [(170, 170)]
    assert store.rows("SELECT count(*) FROM stranger") == [(0,)]
    store.close()
