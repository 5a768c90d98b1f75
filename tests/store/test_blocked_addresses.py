"""Blocked addresses: in every order and grouping, and freed so that only later failures count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.actions.blocks import clear_block
from store.actions.triage import block, delete
from store.actions.undo import redo, undo
from store.asking import Selection, Sort
from store.database import Store
from store.errors import BadInput
from store.journal import Operator
from store.queries.blocked import GROUPINGS, SORTS, BlockedView, blocked_groups, blocked_ids, newest_recipients
from store.rows import BlockedRow
from store.vocabulary import BlockReason, BounceKind, EventType
from tests.store.plan import BASE, happen, plan

ANNA = Operator("anna", "desk")
NOW = datetime.fromtimestamp(BASE / 1000, UTC) + timedelta(days=5)
DAY = 24 * 60


@pytest.fixture
def ids(store: Store) -> dict[str, int]:
    """Gone is dead since the first letter, ines complained, otto was blocked by hand, bo is fine."""
    people = [f"{name}@shop.example" for name in ("gone", "ines", "bo")] + ["otto@post.example"]
    first = plan(store, "First letter", people)
    happen(store, first["gone@shop.example"], EventType.BOUNCED, DAY, BounceKind.HARD, reason="userunknown")
    happen(store, first["ines@shop.example"], EventType.DELIVERED, DAY)
    happen(store, first["ines@shop.example"], EventType.COMPLAINED, DAY + 60)
    happen(store, first["bo@shop.example"], EventType.DELIVERED, DAY)
    block(store, [first["otto@post.example"]], ANNA, NOW)
    return {address.partition("@")[0]: id_ for address, id_ in first.items()}


def listed(store: Store, sort: str = "address", **more: object) -> list[BlockedRow]:
    view = BlockedView(store)
    try:
        view.build(Sort(sort), **more)  # type: ignore[arg-type]
        return list(view.page(0, 100))
    finally:
        view.close()


def names(rows: list[BlockedRow]) -> list[str]:
    return [row.address.partition("@")[0] for row in rows]


def test_each_blocked_address_says_why_since_when_and_by_what(store: Store, ids: dict[str, int]) -> None:
    gone, ines, otto = listed(store)
    assert (gone.address, gone.reason, gone.by, gone.failures) == (
        "gone@shop.example",
        BlockReason.HARD_BOUNCE,
        "First letter",
        1,
    )
    assert gone.since == datetime.fromtimestamp(BASE / 1000, UTC) + timedelta(days=1)
    assert (ines.reason, ines.by, ines.failures) == (BlockReason.COMPLAINT, "First letter", 0)
    assert ines.last_success_at is not None
    assert (otto.reason, otto.by, otto.recipient_id) == (BlockReason.OPERATOR, "anna", ids["otto"])


@pytest.mark.parametrize("column", SORTS)
@pytest.mark.parametrize("reverse", [False, True])
def test_any_column_sorts_and_no_address_is_lost(store: Store, ids: dict[str, int], column: str, reverse: bool) -> None:
    view = BlockedView(store)
    assert view.build(Sort(column, reverse)) == 3
    rows = view.page(0, 10)
    assert {row.address for row in rows} == {"gone@shop.example", "ines@shop.example", "otto@post.example"}
    assert [view.position(row.id) for row in rows] == [0, 1, 2]
    view.close()


@pytest.mark.parametrize("by", GROUPINGS)
def test_groups_hold_every_address_once(store: Store, ids: dict[str, int], by: str) -> None:
    groups = blocked_groups(store, by)
    members = [name for group in groups for name in names(listed(store, group=(group.by, group.value)))]
    assert sorted(members) == ["gone", "ines", "otto"]
    assert sum(group.n for group in groups) == 3


def test_unknown_orders_and_groupings_are_refused_with_those_there_are(store: Store) -> None:
    with pytest.raises(BadInput, match="“size” is nothing to sort by; there are since"):
        listed(store, "size")
    with pytest.raises(BadInput, match="“size” is nothing to group by; there are reason"):
        blocked_groups(store, "size")


def test_a_freed_address_is_blocked_again_only_by_a_later_failure(store: Store, ids: dict[str, int]) -> None:
    gone = blocked_ids(store, ["GONE@shop.example"])["GONE@shop.example"]
    assert gone is not None
    before = store.rows("SELECT * FROM recipient ORDER BY id")
    assert clear_block(store, [gone], ANNA, NOW).sentence == "1 address freed"
    assert store.rows("SELECT * FROM recipient ORDER BY id") == before
    assert names(listed(store)) == ["ines", "otto"]
    happen(store, ids["gone"], EventType.BOUNCED, DAY + 1, BounceKind.HARD, reason="userunknown")
    assert names(listed(store)) == ["ines", "otto"]
    second = plan(store, "Second letter", ["gone@shop.example"])
    happen(store, second["gone@shop.example"], EventType.BOUNCED, 6 * DAY, BounceKind.HARD, reason="userunknown")
    assert names(listed(store)) == ["gone", "ines", "otto"]


def test_a_block_after_a_complaint_stays(store: Store, ids: dict[str, int]) -> None:
    found = blocked_ids(store, ["ines@shop.example", "otto@post.example", "bo@shop.example"])
    assert found["bo@shop.example"] is None
    change = clear_block(store, [id_ for id_ in found.values() if id_], ANNA, NOW)
    assert change.count == 1
    assert change.refused[0][1].startswith("The person complained")
    assert names(listed(store)) == ["gone", "ines"]


def test_undo_blocks_again_as_it_was_and_redo_frees(store: Store, ids: dict[str, int]) -> None:
    delete(store, [ids["bo"]], ANNA, NOW)
    before = store.rows("SELECT * FROM address ORDER BY id")
    clear_block(store, [row.id for row in listed(store)], ANNA, NOW)
    assert names(listed(store)) == ["ines"]
    undo(store, ANNA, NOW)
    assert store.rows("SELECT * FROM address ORDER BY id") == before
    redo(store, ANNA, NOW)
    assert names(listed(store)) == ["ines"]


def test_marks_become_the_newest_recipients_of_the_addresses(store: Store, ids: dict[str, int]) -> None:
    second = plan(store, "Second letter", ["gone@shop.example"])
    view = BlockedView(store)
    view.build(Sort("address"))
    marked = view.resolve(Selection(frozenset({view.page(1, 1)[0].id}), inverted=True))
    assert newest_recipients(store, marked) == [second["gone@shop.example"], ids["otto"]]
    view.close()


def test_an_address_stands_as_the_first_list_wrote_it_whoever_bounced_first(store: Store) -> None:
    first, second = (
        plan(store, "First letter", ["Ann@Shop.example"]),
        plan(store, "Second letter", ["ann@shop.example"]),
    )
    happen(store, second["ann@shop.example"], EventType.BOUNCED, DAY, BounceKind.HARD, reason="userunknown")
    happen(store, first["Ann@Shop.example"], EventType.DELIVERED)
    assert store.rows("SELECT key, address FROM address") == [("ann@shop.example", "Ann@Shop.example")]
