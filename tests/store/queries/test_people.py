from __future__ import annotations

import json
from datetime import datetime

import pytest

from store.actions import contacts, lists
from store.database import Store
from store.errors import NotFound
from store.exports.json import person_history_object
from store.journal import Operator
from store.queries.people import PeopleView, newest_rows
from store.queries.person import person
from store.rows import EventRow, JournalRow
from store.rows.people import PersonRow
from store.vocabulary import BounceKind, EventType, ListKind
from tests.store.building import BASE, DAY, Builder
from tests.store.plan import happen, plan

ANN = Operator("ann", "desk-1")


def find(store: Store, text: str) -> list[PersonRow]:
    view = PeopleView(store)
    try:
        view.build(text)
        return list(view.page(0, 100))
    finally:
        view.close()


@pytest.fixture
def world(store: Store, clock: datetime) -> dict[str, int]:
    """Two campaigns; Anna bounced in the second one and was corrected; the recipients of the second by address."""
    old = plan(store, "Spring", ["anna@gamil.example", "bert@north.example"])
    happen(store, old["anna@gamil.example"], EventType.DELIVERED, 1)
    found = plan(store, "Autumn", ["anna@gamil.example", "cora@south.example"])
    happen(store, found["anna@gamil.example"], EventType.BOUNCED, 5000, BounceKind.HARD, reason="userunknown")
    contacts.fix(store, found["anna@gamil.example"], "anna@gmail.example", ANN, clock)
    return found


def test_each_person_stands_once_whichever_campaigns_they_are_in(store: Store, world: dict[str, int]) -> None:
    people = find(store, "")
    assert sorted(row.address for row in people) == ["anna@gmail.example", "bert@north.example", "cora@south.example"]
    (anna,) = find(store, "anna")
    assert (anna.campaigns, anna.earlier, anna.last_campaign, anna.last_event) == (
        2,
        ("anna@gamil.example",),
        "Autumn",
        "bounced",
    )
    assert anna.newest is not None
    assert anna.newest.campaign == "Autumn"


def test_a_person_is_found_by_an_address_of_earlier_and_by_words_spread_over_name_and_address(
    store: Store, world: dict[str, int]
) -> None:
    assert [row.address for row in find(store, "gamil")] == ["anna@gmail.example"]
    assert [row.address for row in find(store, "gamil anna")] == ["anna@gmail.example"]
    assert find(store, "gamil bert") == []
    assert find(store, "100%_\0") == []


def test_an_address_corrected_before_any_plan_had_it_is_found_in_the_journal(
    store: Store, world: dict[str, int], clock: datetime
) -> None:
    contacts.fix(store, world["anna@gamil.example"], "anna@third.example", ANN, clock)
    (anna,) = find(store, "gmail.example")
    assert (anna.address, anna.earlier) == ("anna@third.example", ("anna@gamil.example", "anna@gmail.example"))


def test_what_stands_against_writing_to_somebody_is_told(store: Store) -> None:
    build = Builder(store)
    campaign = build.campaign("Spring")
    contact = build.contact("eve@example.org", "Eve Gray", former=True, consent=False)
    build.delivered(campaign, contact, complained_at=BASE + DAY, unsubscribed_at=BASE + DAY)
    build.address("eve@example.org", blocked_at=BASE, block_reason=1)
    (eve,) = find(store, "gray")
    assert (eve.former, eve.blocked, eve.complained, eve.unsubscribed, eve.consent) == (True, True, True, True, False)
    build.contact("fred@example.org", "Fred")
    (fred,) = find(store, "fred")
    assert (fred.campaigns, fred.newest, fred.last) == (0, None, None)
    assert newest_rows(store, [fred.id, eve.id]) == [eve.newest.id if eve.newest else 0]


def test_whose_name_has_the_words_stands_before_those_who_have_them_elsewhere(store: Store) -> None:
    build = Builder(store)
    build.contact("a.alt@lange.example", "Anna Alt", "Lange GmbH")
    build.contact("x@example.org", "Zoe Lange")
    build.contact("lange@example.org", "Bo Ek")
    assert [row.name for row in find(store, "LANGE")] == ["Zoe Lange", "Anna Alt", "Bo Ek"]
    view = PeopleView(store)
    try:
        assert [row.name for row in view.first("lange", 2, patience_s=60)] == ["Zoe Lange", "Anna Alt"]
    finally:
        view.close()


def test_the_first_people_are_the_same_as_those_of_the_whole_order(store: Store, world: dict[str, int]) -> None:
    view = PeopleView(store)
    try:
        first = view.first("example", 2, patience_s=60)
        view.build("example")
        assert first == view.page(0, 2)
        assert view.first("", 3, patience_s=60) == tuple(find(store, ""))
        assert view.first("example", 2, patience_s=-1) in ((), first)
    finally:
        view.close()


def test_the_timeline_names_the_campaign_of_each_event_and_holds_fixes_and_lists(
    store: Store, world: dict[str, int], clock: datetime
) -> None:
    id_ = world["anna@gamil.example"]
    lists.add(store, [id_], ListKind.PROJECT, "Calls", ANN, clock)
    (anna,) = find(store, "anna")
    found = person(store, anna.id)
    told = [
        (happening.campaign, happening.what.type if isinstance(happening.what, EventRow) else happening.what.verb)
        for happening in found.happened
    ]
    assert told == [("Spring", "delivered"), ("Autumn", "bounced"), ("Autumn", "fix"), ("", "add")]
    assert [(member.kind, member.name) for member in found.lists] == [(ListKind.PROJECT, "Calls")]
    assert [(standing.row.address, standing.today) for standing in found.addresses] == [
        ("anna@gmail.example", True),
        ("anna@gamil.example", False),
    ]
    assert found.addresses[1].by == "Autumn"
    assert all(isinstance(happening.what, EventRow | JournalRow) for happening in found.happened)


def test_a_person_as_json_has_rows_addresses_lists_and_one_timeline(store: Store, world: dict[str, int]) -> None:
    (anna,) = find(store, "anna")
    told = json.loads(json.dumps(person_history_object(person(store, anna.id))))
    assert [row["campaign"] for row in told["campaigns"]] == ["Spring", "Autumn"]
    assert [step.get("type") or step["verb"] for step in told["timeline"]] == ["delivered", "bounced", "fix"]
    assert [address["blocked_by"] for address in told["addresses"]] == [None, "Autumn"]


def test_somebody_who_is_not_there_is_a_sentence(store: Store) -> None:
    with pytest.raises(NotFound, match="no longer there"):
        person(store, 7)
