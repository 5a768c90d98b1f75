"""What follows a campaign up stands below it, with figures of its own."""

from __future__ import annotations

from typing import Any

import pytest

from store.database import Store
from store.exports.json import campaign_object
from store.queries.campaigns import find_campaign, list_campaigns
from store.vocabulary import Delivery, FollowUp
from tests.store.building import BASE, DAY, Builder
from tui.present.campaigns import name_cell


@pytest.fixture
def family(store: Store) -> Store:
    made = Builder(store)
    spring = made.campaign("Spring", started_at=BASE)
    made.campaign("Summer", started_at=BASE + 5 * DAY)
    again = made.campaign("Spring again", made_at=BASE + DAY)
    erratum = made.campaign("Erratum", started_at=BASE + 9 * DAY)
    repeated = made.campaign("Erratum again", made_at=BASE + 2 * DAY)
    follow(store, again, spring, FollowUp.RESEND)
    follow(store, erratum, spring, FollowUp.ERRATUM)
    follow(store, repeated, erratum, FollowUp.RESEND)
    contact = made.contact("ann@shop.example")
    made.recipient(spring, contact, delivery=Delivery.BOUNCED.code)
    made.recipient(again, contact, delivery=Delivery.DELIVERED.code)
    return store


def follow(store: Store, child: int, parent: int, what: FollowUp) -> None:
    values: tuple[Any, ...] = (parent, what.code, child)
    store.run(lambda: store.execute("UPDATE campaign SET parent_id = ?, follow_up = ? WHERE id = ?", values))


def test_children_stand_below_their_parent_and_the_newest_places_them_all(family: Store) -> None:
    rows = list_campaigns(family)
    assert [(row.name, row.depth) for row in rows] == [
        ("Spring", 0),
        ("Spring again", 1),
        ("Erratum", 1),
        ("Erratum again", 2),
        ("Summer", 0),
    ]
    assert [name_cell(row)[0] for row in rows][1:4] == ["└ Spring again", "└ Erratum", "  └ Erratum again"]


def test_a_child_tells_its_parent_also_as_json(family: Store) -> None:
    row = find_campaign(family, "spring again")
    assert (row.parent, row.follow_up) == ("Spring", FollowUp.RESEND)
    told = campaign_object(row)
    assert (told["parent"], told["follow_up"]) == ("Spring", "resend")
    assert campaign_object(find_campaign(family, "summer"))["parent"] is None
    assert "depth" not in told
