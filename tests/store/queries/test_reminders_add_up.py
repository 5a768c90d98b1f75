"""Who is reminded: the counts add up to the plan, and the list holds exactly those who are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.actions import lists
from store.asking import Unread
from store.database import Store, open_store
from store.errors import Refused
from store.journal import Operator
from store.queries.reminders import ReminderView, member_sql, reminder_counts
from store.vocabulary import BounceKind, Delivery, SkipReason
from tests.store.building import BASE, DAY, Builder

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
SENT = BASE - DAY


@pytest.fixture
def build(store: Store) -> Builder:
    return Builder(store)


def reasons(build: Builder, campaign: int, days: int = 3) -> dict[str, int]:
    build.count()
    counts = reminder_counts(build.store, campaign, days, NOW)
    planned = build.store.rows("SELECT count(*) FROM recipient WHERE campaign_id = ?", (campaign,))[0][0]
    assert counts.total + sum(counts.left_out.values()) == planned
    shown = {"not read": counts.not_read, "unknown": counts.unknown, "machine": counts.machine, **counts.left_out}
    return {reason: number for reason, number in shown.items() if number}


@pytest.mark.parametrize(
    ("recipient", "contact", "reason"),
    [
        ({}, {}, "not read"),
        ({}, {"tracking_consent": False}, "unknown"),
        ({"machine_opened_at": BASE}, {"tracking_consent": False}, "unknown"),
        ({"machine_opened_at": BASE}, {}, "machine"),
        ({"machine_clicked_at": BASE}, {}, "machine"),
        ({"opened_at": BASE}, {}, "read"),
        ({"opened_at": BASE, "clicked_at": BASE}, {}, "clicked"),
        ({"clicked_at": BASE, "replied_at": BASE}, {}, "replied"),
        ({"replied_at": BASE, "unsubscribed_at": BASE}, {}, "unsubscribed"),
        ({"unsubscribed_at": BASE, "complained_at": BASE}, {}, "complained"),
        ({"delivery": Delivery.BOUNCED.code, "bounce_kind": BounceKind.SOFT.code}, {}, "bounced"),
        ({"delivery": Delivery.EXPIRED.code}, {}, "bounced"),
        ({"delivery": Delivery.REJECTED.code}, {}, "bounced"),
        ({"delivery": Delivery.DEFERRED.code}, {}, "not delivered yet"),
        ({"delivery": Delivery.READY.code}, {}, "not delivered yet"),
        ({"delivery": Delivery.SKIPPED.code, "skip_reason": SkipReason.NO_CONSENT.code}, {}, "skipped"),
        ({}, {"former": True}, "former employee"),
        ({}, {"consent": False}, "no consent"),
        ({"address": "a@x.example"}, {"email": "", "email_key": ""}, "no address any more"),
        ({"sent_at": BASE + 1}, {}, "sent less than 3 days ago"),
        ({"sent_at": BASE}, {}, "not read"),
        ({"sent_at": None, "delivered_at": BASE + 1}, {}, "sent less than 3 days ago"),
        ({"sent_at": None, "delivered_at": None}, {}, "sent less than 3 days ago"),
        ({"sent_at": SENT, "delivered_at": BASE + 1}, {}, "sent less than 3 days ago"),
    ],
)
def test_each_recipient_has_one_reason(
    build: Builder, recipient: dict[str, Any], contact: dict[str, Any], reason: str
) -> None:
    campaign = build.campaign("Spring")
    build.delivered(campaign, build.contact(**{"email": "a@x.example"} | contact), SENT, **recipient)
    assert reasons(build, campaign) == {reason: 1}


@pytest.mark.parametrize(("fact", "reason"), [("blocked_at", "blocked"), ("complained_at", "complained")])
@pytest.mark.parametrize("which", ["used@x.example", "today@x.example"])
def test_what_is_known_of_the_address_used_or_of_todays_leaves_out(
    build: Builder, fact: str, reason: str, which: str
) -> None:
    campaign = build.campaign("Spring")
    build.delivered(campaign, build.contact("today@x.example"), SENT, address="used@x.example")
    build.address(which, **{fact: BASE})
    assert reasons(build, campaign) == {reason: 1}


def test_who_unsubscribed_under_an_earlier_address_is_not_reminded(build: Builder) -> None:
    earlier, campaign = build.campaign("Winter"), build.campaign("Spring")
    contact = build.contact("new@x.example")
    build.delivered(earlier, contact, SENT, address="old@x.example", unsubscribed_at=SENT)
    build.address("old@x.example", unsubscribed_at=SENT)
    build.delivered(campaign, contact, SENT)
    assert reasons(build, campaign) == {"unsubscribed": 1}


def test_a_person_with_two_addresses_is_reminded_once_or_not_at_all(build: Builder) -> None:
    campaign = build.campaign("Spring")
    twice, reader = build.contact("a@x.example"), build.contact("b@x.example")
    build.delivered(campaign, twice, SENT)
    build.delivered(campaign, twice, SENT, address="a2@x.example")
    build.delivered(campaign, reader, SENT)
    build.delivered(campaign, reader, SENT, address="b2@x.example", clicked_at=BASE)
    assert reasons(build, campaign) == {"not read": 1, "second address": 1, "clicked": 2}


def test_repeated_addresses_count_as_skipped(build: Builder) -> None:
    campaign = build.campaign("Spring")
    contact = build.contact("a@x.example")
    build.delivered(campaign, contact, SENT)
    build.skipped(campaign, contact, SkipReason.DUPLICATE, occurrence=1)
    assert reasons(build, campaign) == {"not read": 1, "skipped": 1}


def test_one_day_is_called_one_day(build: Builder) -> None:
    campaign = build.campaign("Spring")
    build.delivered(campaign, build.contact("a@x.example"), BASE + 3 * DAY)
    assert reasons(build, campaign, 1) == {"sent less than 1 day ago": 1}
    assert reasons(build, campaign, 10**9) == {"sent less than 1000000000 days ago": 1}


def test_whoever_clicked_without_an_opening_that_could_be_seen_has_images_off(build: Builder) -> None:
    earlier, campaign = build.campaign("Winter"), build.campaign("Spring")
    blind, seeing, reader = (build.contact(f"{name}@x.example") for name in ("blind", "seeing", "reader"))
    build.delivered(earlier, blind, SENT, clicked_at=SENT + 1)
    build.delivered(earlier, seeing, SENT, opened_at=SENT, clicked_at=SENT + 1)
    for contact in (blind, seeing, reader):
        build.delivered(campaign, contact, SENT)
    assert reasons(build, campaign) == {"not read": 2, "unknown": 1}
    assert reminder_counts(build.store, campaign, 3, NOW).why_unknown == {"images off": 1}
    build.delivered(build.campaign("Summer"), blind, SENT, opened_at=SENT)
    assert reasons(build, campaign) == {"not read": 3}


def test_where_no_opening_of_anybody_was_seen_a_click_says_nothing_of_images(build: Builder) -> None:
    earlier, campaign = build.campaign("Winter"), build.campaign("Spring")
    contact = build.contact("a@x.example")
    build.delivered(earlier, contact, SENT, clicked_at=SENT + 1)
    build.delivered(campaign, contact, SENT)
    assert reasons(build, campaign) == {"not read": 1}
    assert not reminder_counts(build.store, campaign, 3, NOW).seen


def test_those_left_out_are_named_by_reason_and_those_reminded_by_group(build: Builder) -> None:
    campaign = build.campaign("Spring")
    build.delivered(campaign, build.contact("quiet@x.example"), SENT)
    build.delivered(campaign, build.contact("shy@x.example", tracking_consent=False), SENT)
    build.delivered(campaign, build.contact("reader@x.example"), SENT, opened_at=BASE)
    build.delivered(campaign, build.contact("late@x.example"), BASE + DAY)

    def named(reason: str = "", groups: frozenset[Unread] = frozenset(Unread)) -> dict[str, str]:
        view = ReminderView(build.store)
        try:
            total = view.build(campaign, 3, NOW, reason=reason, groups=groups)
            rows = view.page(0, 100)
            assert len(rows) == total
            return {row.recipient.address.partition("@")[0]: row.reason for row in rows}
        finally:
            view.close()

    left = {"reader": "read", "late": "sent less than 3 days ago"}
    assert named() == left
    assert named(groups=frozenset({Unread.NOT_READ})) == {"shy": "unknown: no consent to track", **left}
    assert named("read") == {"reader": "read"}
    assert named("sent less than 3 days ago") == {"late": "sent less than 3 days ago"}
    assert named(Unread.NOT_READ) == {"quiet": "not read"}
    assert named(Unread.UNKNOWN) == {"shy": "unknown: no consent to track"}
    assert named(Unread.MACHINE) == {}


def test_a_group_that_is_taken_out_is_not_on_the_list(build: Builder) -> None:
    campaign = build.campaign("Spring")
    quiet = build.delivered(campaign, build.contact("quiet@x.example"), SENT)
    shy = build.delivered(campaign, build.contact("shy@x.example", tracking_consent=False), SENT)
    build.count()
    ann = Operator("ann", "here")
    change = lists.remind(build.store, campaign, "Sure", 3, ann, NOW, frozenset({Unread.NOT_READ}))
    assert change.sentence == "Reminder list “Sure” made with 1 person, without unknown and machine"
    other = lists.remind(build.store, campaign, "Rest", 3, ann, NOW, frozenset({Unread.UNKNOWN, Unread.MACHINE}))
    found = build.store.rows("SELECT list_id, recipient_id FROM list_member ORDER BY 1")
    assert found == [(change.list_id, quiet), (other.list_id, shy)]
    with pytest.raises(Refused, match="Nobody is left"):
        lists.remind(build.store, campaign, "None", 3, ann, NOW, frozenset({Unread.MACHINE}))


def test_the_reminder_action_makes_the_list_that_was_counted(build: Builder) -> None:
    campaign = build.campaign("Spring")
    people = [build.contact(f"p{n}@x.example", tracking_consent=n != 1) for n in range(4)]
    ids = [
        build.delivered(campaign, contact, SENT, clicked_at=BASE if n == 3 else None)
        for n, contact in enumerate(people)
    ]
    counts = reminder_counts(build.store, campaign, 3, NOW)
    change = lists.remind(build.store, campaign, "Again", 3, Operator("ann", "here"), NOW)
    assert change.count == counts.total == 3
    members = build.store.rows("SELECT recipient_id FROM list_member WHERE list_id = ?", (change.list_id,))
    assert {id_ for (id_,) in members} == set(ids[:3])


TIMES = st.sampled_from([None, None, None, BASE])
RECIPIENTS = st.fixed_dictionaries({
    "delivery": st.sampled_from([0, 1, 10, 20, 30, 30, 30, 40, 50, 60]),
    "sent_at": st.sampled_from([None, SENT, SENT, BASE + 1]),
    **{
        name: TIMES
        for name in ("opened_at", "machine_opened_at", "clicked_at", "replied_at", "complained_at", "unsubscribed_at")
    },
})
CONTACTS = st.fixed_dictionaries({
    "former": st.booleans(),
    "consent": st.sampled_from([None, True, False]),
    "tracking_consent": st.sampled_from([None, True, False]),
})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(st.tuples(RECIPIENTS, st.integers(0, 3)), min_size=1, max_size=12),
    contacts=st.lists(CONTACTS, min_size=4, max_size=4),
    blocked=st.frozensets(st.integers(0, 11)),
    days=st.integers(0, 5),
)
def test_counts_add_up_and_equal_the_members(
    tmp_path_factory: pytest.TempPathFactory,
    plan: list[tuple[dict[str, Any], int]],
    contacts: list[dict[str, Any]],
    blocked: frozenset[int],
    days: int,
) -> None:
    store = open_store(Path(tmp_path_factory.mktemp("r")) / "s.db")
    build = Builder(store)
    with store.db.atomic():
        campaign, other = build.campaign("Spring"), build.campaign("Autumn")
        people = [build.contact(f"c{n}@x.example", **columns) for n, columns in enumerate(contacts)]
        for n, (columns, person) in enumerate(plan):
            build.recipient(campaign, people[person], f"r{n}@x.example", delivered_at=SENT, **columns)
            build.recipient(other, people[person], f"r{n}@x.example", delivered_at=SENT, **columns)
        for n in blocked:
            build.address(f"r{n}@x.example", blocked_at=BASE)
    counts = reminder_counts(store, campaign, days, NOW)
    assert counts.total + sum(counts.left_out.values()) == len(plan)
    store.run(lambda: store.execute(*member_sql(7, campaign, days, NOW)))
    members = store.rows("SELECT recipient_id FROM list_member")
    assert len(members) == counts.total
    latest = int((NOW - timedelta(days=days)).timestamp() * 1000)
    silent = "coalesce(r.opened_at, r.clicked_at, r.replied_at, r.complained_at, r.unsubscribed_at) IS NULL"
    fitting = store.rows(
        "SELECT r.id FROM recipient AS r JOIN contact AS c ON c.id = r.contact_id WHERE r.campaign_id = ?"
        f" AND r.delivery = 30 AND {silent} AND NOT c.former AND c.consent IS NOT FALSE"
        " AND coalesce(r.sent_at, r.delivered_at) <= ? AND r.address_key NOT IN (SELECT key FROM address)",
        (campaign, latest),
    )
    assert set(members) <= set(fitting)
    store.close()
