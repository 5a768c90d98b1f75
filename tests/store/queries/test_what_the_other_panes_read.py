"""Campaigns, history, links, lists, journal, strangers; and noticing that somebody wrote."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from store.actions import contacts, triage
from store.changes import Watch
from store.database import Store, open_store
from store.errors import NotFound
from store.feeds.record import Record
from store.feeds.storing import dedupe_key, record_to_json
from store.journal import Operator
from store.queries.campaigns import find_campaign, list_campaigns
from store.queries.history import history, outcomes
from store.queries.journal import journal
from store.queries.links import ClickersView, list_links
from store.queries.lists import find_list, list_lists
from store.queries.strangers import strangers
from store.rows import AddressRow
from store.times import from_ms
from store.vocabulary import BlockReason, BounceKind, Bucket, Delivery, EventType, ListKind, SkipReason, Source, Triage
from tests.store.building import BASE, HOUR, Builder

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
ANN = Operator("ann", "10.0.0.1")


@pytest.fixture
def build(store: Store) -> Builder:
    return Builder(store)


def stranger(build: Builder, record: Record, campaign: int | None = None) -> None:
    build.insert(
        "stranger",
        campaign_id=campaign,
        type=record.type.code,
        ts=record.ts,
        address_key=(record.original or record.address).lower(),
        message_id=record.message_id,
        record=record_to_json(record),
        dedupe=dedupe_key(record),
    )


def test_buckets_and_counts_come_from_the_counters(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring", started_at=BASE)
    people = [build.contact(f"p{n}@x.example") for n in range(9)]
    build.recipient(campaign, people[0])
    build.skipped(campaign, people[1], SkipReason.INVALID)
    build.recipient(campaign, people[2], delivery=Delivery.SENT.code)
    build.recipient(campaign, people[3], delivery=Delivery.DEFERRED.code)
    build.delivered(campaign, people[4], opened_at=BASE, clicked_at=BASE, replied_at=BASE, machine_opened_at=BASE)
    build.delivered(campaign, people[5], machine_opened_at=BASE, unsubscribed_at=BASE, complained_at=BASE)
    build.recipient(campaign, people[6], delivery=Delivery.BOUNCED.code, triage=Triage.OPEN.code)
    build.recipient(campaign, people[7], delivery=Delivery.EXPIRED.code, triage=Triage.LATER.code)
    build.recipient(campaign, people[8], delivery=Delivery.REJECTED.code, triage=Triage.DONE.code)
    build.count()
    record = Record(EventType.DELIVERED, BASE, "s@x.example", Source.POSTFIX, message_id="m1")
    stranger(build, record, campaign)
    stranger(build, replace(record, message_id="m2"), campaign)
    (row,) = list_campaigns(store)
    assert row.buckets == {
        Bucket.DELIVERED: 2,
        Bucket.UNDER_WAY: 2,
        Bucket.BOUNCED: 1,
        Bucket.EXPIRED: 1,
        Bucket.REJECTED: 1,
        Bucket.SKIPPED: 1,
        Bucket.READY: 1,
    }
    assert row.adds_up
    assert (row.planned, row.strangers, row.open_bounces) == (9, 1, 2)
    assert (row.opened, row.machine, row.clicked, row.replied, row.unsubscribed, row.complained) == (1, 1, 1, 1, 1, 1)
    assert (row.started_at, row.state, row.subject) == (from_ms(BASE), "under way", "About Spring")


def test_the_newest_sending_stands_first(store: Store, build: Builder) -> None:
    build.campaign("Old", started_at=BASE)
    build.campaign("Planned", made_at=BASE + 2 * HOUR)
    build.campaign("New", started_at=BASE + 3 * HOUR)
    assert [row.name for row in list_campaigns(store)] == ["New", "Planned", "Old"]
    assert list_campaigns(store)[1].planned == 0


def test_a_campaign_is_found_by_name_or_key_in_any_case(store: Store, build: Builder) -> None:
    one = build.campaign("Spring Newsletter", "sn-26")
    build.campaign("Straße", "s2")
    assert find_campaign(store, "  spring   newsletter ").id == one
    assert find_campaign(store, "SN-26").id == one
    assert find_campaign(store, "STRASSE").name == "Straße"
    with pytest.raises(NotFound, match="no campaign “Sprng Newsletter”; is it “Spring Newsletter”"):
        find_campaign(store, "Sprng Newsletter")
    with pytest.raises(NotFound, match="the last are"):
        find_campaign(store, "\x1b[2Jzzz")


def test_a_name_is_nothing_in_an_empty_store(store: Store) -> None:
    assert list_campaigns(store) == ()
    with pytest.raises(NotFound, match="the store holds none yet"):
        find_campaign(store, "Spring")
    with pytest.raises(NotFound, match="the store holds none yet"):
        find_list(store, "VIP")


def test_a_history_tells_everything_oldest_first(store: Store, build: Builder) -> None:
    spring, autumn = build.campaign("Spring"), build.campaign("Autumn")
    contact = build.contact("ann@x.example", "Ann", tracking_consent=False, consent=True)
    one = build.delivered(spring, contact, clicked_at=BASE + HOUR)
    other = build.delivered(autumn, contact)
    link = build.link(spring, "https://x.example/\x1b[1m")
    build.event(one, EventType.CLICKED, BASE + HOUR, link_id=link, actor=2, source=Source.EVENTS.code)
    build.event(one, EventType.SENT, BASE, message_id="m1")
    build.event(one, EventType.DELIVERED, BASE + 900, message_id="m1", diagnostic="250 ok \x07")
    build.address("ann@x.example", consecutive=2, blocked_at=BASE, block_reason=BlockReason.OPERATOR.code)
    found = history(store, one)
    assert [event.type for event in found.events] == [EventType.SENT, EventType.DELIVERED, EventType.CLICKED]
    assert found.events[1].diagnostic == "250 ok ␇"
    assert found.events[2].url == "https://x.example/␛[1m"
    assert found.events[0].address == "ann@x.example"
    assert (found.crm_id, found.consent, found.tracking_consent, found.former) == ("1", True, False, False)
    assert found.address.consecutive == 2
    assert found.address.block_reason is BlockReason.OPERATOR
    assert [row.id for row in found.elsewhere] == [other]
    (outcome,) = found.outcomes
    assert (outcome.delivery, outcome.address, outcome.message_id) == (Delivery.DELIVERED, "ann@x.example", "m1")
    assert found.journal == ()


def test_an_address_of_which_nothing_is_known_has_zeros(store: Store, build: Builder) -> None:
    id_ = build.recipient(build.campaign("Spring"), build.contact("Ann@x.example"))
    assert history(store, id_).address == AddressRow("Ann@x.example", 0, None, None, None, None, None, None)
    with pytest.raises(NotFound, match="number 77"):
        history(store, 77)


def test_actions_on_the_recipient_its_contact_or_address_are_in_its_history(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring")
    one = build.delivered(campaign, build.contact("ann@x.example", "Ann"))
    two = build.delivered(campaign, build.contact("bo@x.example", "Bo"))
    build.count()
    triage.mark_hard(store, [one, two], ANN, NOW)
    contacts.fix(store, one, "ann@y.example", ANN, NOW)
    triage.block(store, [two], ANN, NOW)
    assert [entry.verb for entry in history(store, one).journal] == ["mark-hard", "fix"]
    assert [entry.verb for entry in history(store, two).journal] == ["mark-hard", "block"]
    page = journal(store, limit=2)
    assert [entry.verb for entry in page.rows] == ["block", "fix"]
    assert page.total == 3
    assert [entry.verb for entry in journal(store, offset=2).rows] == ["mark-hard"]
    assert page.rows[0].undoable
    assert page.rows[0].undone_at is None


def test_an_alias_has_an_outcome_for_each_final_address(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring")
    one = build.delivered(campaign, build.contact("team@x.example"))
    plain = build.delivered(campaign, build.contact("p@x.example"))
    bare = build.recipient(campaign, build.contact("bare@x.example"))
    build.event(one, EventType.DELIVERED, BASE, address="Ann@y.example", message_id="m1")
    build.event(
        one,
        EventType.BOUNCED,
        BASE + 1,
        address="bo@y.example",
        message_id="m1",
        kind=BounceKind.HARD.code,
        status="5.1.1",
        reply=550,
        diagnostic="no \x1b such user",
    )
    build.event(plain, EventType.DELIVERED, BASE, message_id="m2")
    found = outcomes(store, [one, plain, bare])
    assert set(found) == {one, plain}
    good, bad = found[one]
    assert (good.address, good.delivery) == ("Ann@y.example", Delivery.DELIVERED)
    assert (bad.address, bad.delivery, bad.bounce_kind, bad.status, bad.reply, bad.diagnostic) == (
        "bo@y.example",
        Delivery.BOUNCED,
        BounceKind.HARD,
        "5.1.1",
        550,
        "no ␛ such user",
    )
    assert outcomes(store, []) == {}


def test_links_count_people_and_machines_apart(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring")
    ids = [build.delivered(campaign, build.contact(f"p{n}@x.example", f"P{n}", "Nord")) for n in range(3)]
    quiet, busy = build.link(campaign, "https://x.example/quiet"), build.link(campaign, "https://x.example/busy")
    build.click(busy, ids[0], clicks=3, machine=1, at=BASE)
    build.click(busy, ids[1], clicks=1, at=BASE + HOUR)
    build.click(busy, ids[2], clicks=0, machine=5, at=BASE + 2 * HOUR)
    first, second = list_links(store, campaign)
    assert (first.id, first.clicks, first.clickers, first.machine_clicks) == (busy, 4, 2, 6)
    assert (first.first_at, first.last_at) == (from_ms(BASE), from_ms(BASE + 2 * HOUR))
    assert (second.id, second.clicks, second.first_at) == (quiet, 0, None)
    with closing(ClickersView(store)) as view, closing(ClickersView(store)) as nobody:
        assert view.build(busy) == first.clickers == 2
        people = view.page(0, 10)
        assert [row.recipient_id for row in people] == [ids[1], ids[0]]
        assert (people[1].name, people[1].clicks, people[1].machine_clicks) == ("P0", 3, 1)
        assert view.page(1, 1) == people[1:]
        assert nobody.build(99) == 0


def test_lists_are_found_by_name_and_deleted_ones_are_gone(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring")
    made = {"note": "n", "created_by": "ann"}
    project = build.insert("mail_list", kind=ListKind.PROJECT.code, name="Fair", created_at=BASE, **made)
    newer = build.insert(
        "mail_list", kind=ListKind.REMINDER.code, name="Fair", created_at=BASE + 1, campaign_id=campaign, **made
    )
    build.insert("mail_list", kind=ListKind.PROJECT.code, name="Gone", created_at=BASE, deleted_at=BASE, **made)
    build.insert("list_member", list_id=project, contact_id=1, recipient_id=1)
    assert [row.id for row in list_lists(store)] == [newer, project]
    assert find_list(store, "fair").id == newer
    assert find_list(store, "project:FAIR").id == project
    assert find_list(store, "Fair").campaign == "Spring"
    assert find_list(store, "project:fair").members == 1
    with pytest.raises(NotFound, match="is it “Fair”"):
        find_list(store, "Fairy")
    with pytest.raises(NotFound, match="no list “Gone”"):
        find_list(store, "Gone")


def test_strangers_are_folded_by_message_and_address(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring")
    sent = Record(EventType.DELIVERED, BASE, "s@x.example", Source.POSTFIX, message_id="m1", status="2.0.0")
    stranger(build, sent)
    stranger(build, replace(sent, type=EventType.OPENED, ts=BASE + 5, message_id=None))
    stranger(build, replace(sent, type=EventType.DEFERRED, ts=BASE - 5))
    bounced = replace(sent, type=EventType.BOUNCED, message_id="m2", kind=BounceKind.HARD, status="5.1.1", reply=550)
    stranger(build, replace(bounced, diagnostic="no \x1b user", address="S@x.example"))
    stranger(build, replace(sent, address="final@y.example", original="alias@x.example"), campaign)
    found = list(strangers(store))
    assert [(row.message_id, row.address, row.delivery) for row in found] == [
        ("m1", "s@x.example", Delivery.DELIVERED),
        ("m2", "S@x.example", Delivery.BOUNCED),
        ("m1", "final@y.example", Delivery.DELIVERED),
    ]
    assert (found[1].bounce_kind, found[1].status, found[1].reply) == (BounceKind.HARD, "5.1.1", 550)
    assert found[1].diagnostic == "no ␛ user"
    assert (found[2].campaign, found[2].original) == ("Spring", "alias@x.example")
    assert [row.address for row in strangers(store, campaign)] == ["final@y.example"]


def test_a_watch_sees_what_others_commit_and_nothing_else(store: Store, build: Builder) -> None:
    watch = Watch(store)
    assert not watch.changed()
    build.campaign("Spring")
    assert watch.changed()
    assert not watch.changed()
    list_campaigns(store)
    assert not watch.changed()
    other = open_store(store.url)
    Builder(other).campaign("Autumn")
    other.close()
    assert watch.changed()
    watch.close()


def test_texts_of_campaigns_lists_and_the_journal_are_clean(store: Store, build: Builder) -> None:
    hostile, shown = "\x1b]0;x\x07[b]", "␛]0;x␇[b]"
    campaign = build.campaign(hostile)
    build.insert(
        "mail_list", kind=1, name=hostile, campaign_id=campaign, note=hostile, created_at=BASE, created_by=hostile
    )
    build.insert(
        "journal", ts=BASE, operator=hostile, host=hostile, verb="fix", sentence=hostile, subjects=1, undoable=True
    )
    (listed,) = list_lists(store)
    (entry,) = journal(store).rows
    assert {list_campaigns(store)[0].name, listed.name, listed.note, listed.campaign, listed.created_by} == {shown}
    assert {entry.operator, entry.host, entry.sentence} == {shown}
    assert "\x1b" not in json.dumps(find_campaign(store, hostile).name, ensure_ascii=False)
