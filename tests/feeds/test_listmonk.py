from __future__ import annotations

from contextlib import closing

import pytest

from store.errors import BadInput
from store.following.source import Saved
from store.vocabulary import Attribution, BounceKind, EventType, Source
from tests.feeds.listmonk_tables import SENT, ListmonkTables
from tests.feeds.reading_listmonk import opened, read, read_on

SPRING = "11111111-1111-4111-8111-111111111111"
NINE, TEN_PAST, BOUNCED_AT = 1_772_442_000_123, 1_772_442_600_000, 1_772_438_430_000


def test_views_clicks_and_bounces_are_events_of_the_campaign(listmonk: ListmonkTables) -> None:
    ann, bo = listmonk.subscriber("ann@shop.example", "Ann"), listmonk.subscriber("bo@shop.example")
    spring = listmonk.campaign("Spring 26", uuid=SPRING)
    listmonk.view(spring, ann, "2026-03-02T10:00:00.123+01:00")
    listmonk.click(spring, listmonk.link("https://shop.example/a"), ann)
    listmonk.bounce(spring, bo, "soft")
    found = read(listmonk.url())
    assert [(r.type, r.ts, r.address, r.name, r.where, r.identity) for r in found.records] == [
        (EventType.OPENED, NINE, "ann@shop.example", "Ann", "campaign_views 1", "campaign_views 1"),
        (EventType.CLICKED, TEN_PAST, "ann@shop.example", "Ann", "link_clicks 1", "link_clicks 1"),
        (EventType.BOUNCED, BOUNCED_AT, "bo@shop.example", None, "bounces 1", "bounces 1"),
    ]
    assert {(r.source, r.campaign, r.keys, r.attribution) for r in found.records} == {
        (Source.LISTMONK, SPRING, ("Spring 26",), Attribution.EXACT)
    }
    assert found.records[1].url == "https://shop.example/a"
    assert found.records[2].kind is BounceKind.SOFT
    assert (found.defects, found.note) == ([], "")


def test_a_second_reading_takes_only_what_is_new(listmonk: ListmonkTables) -> None:
    ann, spring = listmonk.subscriber("ann@shop.example"), listmonk.campaign("Spring 26")
    for _ in range(3):
        listmonk.view(spring, ann)
    listmonk.bounce(spring, ann)
    first = read(listmonk.url())
    assert len(first.records) == 4
    again = read(listmonk.url(), first.saved)
    assert again.records == []
    listmonk.view(spring, ann)
    link = listmonk.link("https://shop.example/a")
    listmonk.click(spring, link, ann)
    assert read(listmonk.url(), again.saved).wheres == ["campaign_views 4", "link_clicks 1"]


def test_small_steps_give_the_same_records_and_go_on_from_each_position(listmonk: ListmonkTables) -> None:
    ann, spring = listmonk.subscriber("ann@shop.example"), listmonk.campaign("Spring 26")
    link = listmonk.link("https://shop.example/a")
    for _ in range(4):
        listmonk.view(spring, ann)
        listmonk.click(spring, link, ann)
    whole = read(listmonk.url()).wheres
    assert read(listmonk.url(), limit=3).wheres == whole
    saved, taken = None, []
    for _ in range(20):
        source = opened(listmonk.url(), saved)
        step = source.step(3)
        taken += [item.where for item in step.items]
        source.close()
        saved = Saved(step.position) if step.position is not None else saved
        if not step.more:
            break
    assert taken == whole


def test_a_row_that_is_committed_after_later_ones_is_not_missed(listmonk: ListmonkTables) -> None:
    ann, spring = listmonk.subscriber("ann@shop.example"), listmonk.campaign("Spring 26")
    insert = "INSERT INTO campaign_views (campaign_id, subscriber_id, created_at) VALUES (%s, %s, %s)"
    with closing(listmonk.database.cluster.connect(listmonk.database.name)) as slow:
        slow.execute("BEGIN")
        slow.execute(insert, (spring, ann, SENT))
        listmonk.view(spring, ann)
        before = read(listmonk.url())
        assert before.wheres == ["campaign_views 2"]
        slow.execute("COMMIT")
    after = read(listmonk.url(), before.saved)
    assert "campaign_views 1" in after.wheres
    assert read(listmonk.url(), after.saved).wheres == []


def test_what_comes_while_it_reads_belongs_to_the_next_look(listmonk: ListmonkTables) -> None:
    ann, spring = listmonk.subscriber("ann@shop.example"), listmonk.campaign("Spring 26")
    for _ in range(2):
        listmonk.view(spring, ann)
    source = opened(listmonk.url())
    assert [item.where for item in source.step(1).items] == ["campaign_views 1"]
    listmonk.view(spring, ann)
    listmonk.bounce(spring, ann)
    rest = read_on(source)
    assert rest.wheres == ["campaign_views 2"]
    assert read_on(source).wheres == ["campaign_views 3", "bounces 1"]
    source.close()


def test_tables_that_begin_anew_are_read_from_their_start(listmonk: ListmonkTables) -> None:
    ann, spring = listmonk.subscriber("ann@shop.example"), listmonk.campaign("Spring 26")
    for _ in range(3):
        listmonk.view(spring, ann)
    saved = read(listmonk.url()).saved
    listmonk.database.run("TRUNCATE campaign_views RESTART IDENTITY")
    listmonk.view(spring, ann)
    assert read(listmonk.url(), saved).wheres == ["campaign_views 1"]


def test_rows_that_name_nobody_are_counted_and_given_to_nobody(listmonk: ListmonkTables) -> None:
    ann, gone = listmonk.subscriber("ann@shop.example"), listmonk.subscriber("gone@shop.example")
    spring, link = listmonk.campaign("Spring 26"), listmonk.link("https://shop.example/a")
    for who in (ann, gone, None, None):
        listmonk.view(spring, who)
    listmonk.click(spring, link, None)
    listmonk.database.run("DELETE FROM subscribers WHERE id = %s", (gone,))
    found = read(listmonk.url())
    assert found.wheres == ["campaign_views 1"]
    assert found.note.startswith("Without a subscriber, so nobody's: 3 views and 1 click (")
    listmonk.view(spring, None)
    assert read(listmonk.url(), found.saved).note.startswith("Without a subscriber, so nobody's: 1 view (")


def test_a_name_that_two_campaigns_share_is_no_key(listmonk: ListmonkTables) -> None:
    ann = listmonk.subscriber("ann@shop.example")
    listmonk.view(listmonk.campaign("Newsletter", uuid=SPRING), ann)
    listmonk.view(listmonk.campaign("NEWSLETTER"), ann)
    assert [(record.campaign == SPRING, record.keys) for record in read(listmonk.url()).records] == [
        (True, ()),
        (False, ()),
    ]


def test_the_campaign_key_that_its_mail_carries_is_a_key_here_too(listmonk: ListmonkTables) -> None:
    ann = listmonk.subscriber("ann@shop.example")
    headers = '[{"X-Campaign-ID": "spring-26"}, {"X-Campaign-Id": "{{ .Campaign.UUID }}"}, {"X-Other": "b"}]'
    listmonk.view(listmonk.campaign("Spring 26", headers=headers), ann)
    assert read(listmonk.url()).records[0].keys == ("spring-26", "Spring 26")


def test_one_campaign_is_read_by_its_name_or_uuid(listmonk: ListmonkTables) -> None:
    ann, list_ = listmonk.subscriber("ann@shop.example"), listmonk.list("All")
    spring, autumn = listmonk.campaign("Spring + 26", uuid=SPRING), listmonk.campaign("Autumn", (list_,))
    link = listmonk.link("https://shop.example/a")
    for campaign in (autumn, spring):
        listmonk.view(campaign, ann)
        listmonk.view(campaign, None)
        listmonk.click(campaign, link, ann)
        listmonk.bounce(campaign, ann)
    listmonk.bounce(None, ann)
    leaver = listmonk.subscriber("leaver@shop.example", lists=(list_,))
    listmonk.unsubscribe(leaver, list_)
    expected = ["campaign_views 3", "link_clicks 2", "bounces 2"]
    for name in ("spring + 26", SPRING.upper()):
        found = read(listmonk.url(campaign=name))
        assert found.wheres == expected
        assert found.note.startswith("Without a subscriber, so nobody's: 1 view (")
    assert read(listmonk.url(campaign="Autumn")).wheres[-1] == f"subscriber_lists {leaver} {list_}"


def test_an_unknown_campaign_is_answered_with_near_names(listmonk: ListmonkTables) -> None:
    with pytest.raises(BadInput, match=r"has no campaign “Spring”; it has none yet\."):
        read(listmonk.url(campaign="Spring"))
    for name in ("Spring 26", "Autumn"):
        listmonk.campaign(name)
    with pytest.raises(BadInput, match=r"has no campaign “Sprung 26”; is it “Spring 26”\?"):
        read(listmonk.url(campaign="Sprung 26"))
    with pytest.raises(BadInput, match=r"has no campaign “zzz”; the last are “Spring 26”, “Autumn”\."):
        read(listmonk.url(campaign="zzz"))


def test_a_name_of_several_campaigns_is_not_chosen_from(listmonk: ListmonkTables) -> None:
    listmonk.campaign("Spring 26", uuid=SPRING)
    listmonk.campaign("spring 26")
    with pytest.raises(BadInput, match=rf"has 2 campaigns “Spring 26”; give the uuid: {SPRING}, "):
        read(listmonk.url(campaign="Spring 26"))


def test_what_happened_before_a_day_is_left_out(listmonk: ListmonkTables) -> None:
    ann, list_ = listmonk.subscriber("ann@shop.example"), listmonk.list("All")
    spring = listmonk.campaign("Spring 26", (list_,))
    listmonk.view(spring, ann, "2026-03-02T23:59:59Z")
    listmonk.view(spring, ann, "2026-03-03T00:00:00Z")
    listmonk.view(spring, None, "2026-03-02T23:59:59Z")
    listmonk.bounce(spring, ann)
    leaver = listmonk.subscriber("leaver@shop.example", lists=(list_,))
    listmonk.unsubscribe(leaver, list_, "2026-03-02T12:00:00Z")
    found = read(listmonk.url(since="2026-03-03T00:00:00Z"))
    assert (found.wheres, found.note) == (["campaign_views 2"], "")


def test_a_time_that_cannot_be_is_a_defect(listmonk: ListmonkTables) -> None:
    ann, spring = listmonk.subscriber("ann@shop.example"), listmonk.campaign("Spring 26")
    for at in ("infinity", "0044-03-15 BC", None, SENT):
        listmonk.insert("campaign_views", campaign_id=spring, subscriber_id=ann, created_at=at)
    listmonk.bounce(spring, ann, created_at=None)
    found = read(listmonk.url())
    assert found.wheres == ["campaign_views 4"]
    assert [defect.where for defect in found.defects] == [*(f"campaign_views {n}" for n in (1, 2, 3)), "bounces 1"]


class TestUnsubscriptions:
    def test_belong_to_the_last_campaign_that_went_to_the_list(self, listmonk: ListmonkTables) -> None:
        news, other = listmonk.list("News"), listmonk.list("Other")
        listmonk.campaign("Before", (news,), started_at="2026-02-20T08:00:00Z")
        listmonk.campaign("Spring 26", (news,), SPRING)
        listmonk.campaign("Elsewhere", (other,), started_at="2026-03-03T08:00:00Z")
        listmonk.campaign("After", (news,), started_at="2026-03-04T08:00:00Z")
        listmonk.campaign("Please confirm", (news,), started_at="2026-03-03T09:00:00Z", type="optin")
        ann = listmonk.subscriber("ann@shop.example", "Ann", (news, other))
        listmonk.unsubscribe(ann, news)
        (record,) = read(listmonk.url()).records
        assert (record.type, record.campaign, record.keys) == (EventType.UNSUBSCRIBED, SPRING, ("Spring 26",))
        assert (record.address, record.ts) == ("ann@shop.example", 1_772_532_000_000)
        assert record.attribution is Attribution.INFERRED

    def test_from_all_lists_of_a_mail_are_one(self, listmonk: ListmonkTables) -> None:
        lists = (listmonk.list("News"), listmonk.list("Offers"))
        listmonk.campaign("Spring 26", lists)
        ann = listmonk.subscriber("ann@shop.example", lists=lists)
        for list_ in lists:
            listmonk.unsubscribe(ann, list_)
        first, second = read(listmonk.url()).records
        assert (first.ts, first.identity, first.address) == (second.ts, second.identity, second.address)

    def test_without_a_campaign_before_are_counted_for_none(self, listmonk: ListmonkTables) -> None:
        news = listmonk.list("News")
        listmonk.campaign("Long ago", (news,), started_at="2026-01-20T08:00:00Z")
        late = listmonk.subscriber("late@shop.example")
        listmonk.campaign("Spring 26", (news,))
        listmonk.insert("subscriber_lists", subscriber_id=late, list_id=news, created_at="2026-03-02T20:00:00Z")
        ann = listmonk.subscriber("ann@shop.example", lists=(news,))
        listmonk.unsubscribe(ann, news, "2026-02-25T08:00:00Z")
        listmonk.unsubscribe(late, news)
        found = read(listmonk.url())
        assert found.records == []
        assert found.note == "Without a campaign before, so of none: 2 unsubscriptions."

    def test_of_the_blocklisted_say_nothing(self, listmonk: ListmonkTables) -> None:
        news = listmonk.list("News")
        listmonk.campaign("Spring 26", (news,))
        ann = listmonk.subscriber("ann@shop.example", lists=(news,), status="blocklisted")
        listmonk.unsubscribe(ann, news)
        found = read(listmonk.url())
        assert (found.records, found.note) == ([], "")

    def test_are_found_when_they_come_later_and_only_once(self, listmonk: ListmonkTables) -> None:
        news = listmonk.list("News")
        listmonk.campaign("Spring 26", (news,))
        ann, bo = (listmonk.subscriber(f"{name}@shop.example", lists=(news,)) for name in ("ann", "bo"))
        listmonk.unsubscribe(ann, news)
        first = read(listmonk.url())
        assert first.wheres == [f"subscriber_lists {ann} {news}"]
        listmonk.unsubscribe(bo, news)
        second = read(listmonk.url(), first.saved)
        assert second.wheres == [f"subscriber_lists {bo} {news}"]
        assert read(listmonk.url(), second.saved).wheres == []
