"""Marking, clearing, blocking, former employees, fixing; and taking it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.actions import contacts, lists, triage
from store.actions.undo import redo, undo
from store.database import Store, open_store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.vocabulary import BounceKind, Decision, Delivery, EventType, ListKind, Triage
from tests.store.plan import counters_are_right, happen, plan

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
ANN, BO = Operator("ann", "10.0.0.1"), Operator("bo", "10.0.0.2")


@pytest.fixture
def world(tmp_path: Path) -> Store:
    return open_store(tmp_path / "s.db")


def facets(store: Store, id_: int) -> tuple[Delivery, Triage, Decision | None]:
    found = store.row("SELECT delivery, triage, decision FROM recipient WHERE id = ?", (id_,))
    assert found
    return Delivery.of(found[0]), Triage.of(found[1]), Decision.of(found[2]) if found[2] else None


def snapshot(store: Store) -> list[list[tuple[object, ...]]]:
    tables = ("recipient", "contact", "contact_search", "campaign_stat", "list_member")
    addresses = store.rows(
        "SELECT key, consecutive, blocked_at, operator_blocked_at FROM address WHERE consecutive OR blocked_at"
    )
    return [*(sorted(store.rows(f"SELECT * FROM {table}"), key=repr) for table in tables), sorted(addresses, key=repr)]


def test_marking_hard_blocks_the_address_and_undo_takes_both_back(world: Store) -> None:
    ids = plan(world, "Spring", ["a@x.example", "b@x.example"])
    happen(world, ids["a@x.example"], EventType.DELIVERED)
    before = snapshot(world)
    change = triage.mark_hard(world, [ids["a@x.example"]], ANN, NOW)
    assert change.count == 1
    assert facets(world, ids["a@x.example"]) == (Delivery.BOUNCED, Triage.DONE, Decision.MARKED_HARD)
    assert world.row("SELECT key FROM address WHERE blocked_at IS NOT NULL") == ("a@x.example",)
    assert counters_are_right(world)
    undone = undo(world, ANN, NOW + timedelta(days=1))
    assert "marked as bounced hard" in undone.sentence
    assert snapshot(world) == before
    redo(world, ANN, NOW + timedelta(days=2))
    assert facets(world, ids["a@x.example"])[0] is Delivery.BOUNCED
    assert counters_are_right(world)


def test_a_cleared_bounce_no_longer_counts_but_a_later_one_does(world: Store) -> None:
    ids = plan(world, "Spring", ["a@x.example"])
    one = ids["a@x.example"]
    happen(world, one, EventType.BOUNCED, kind=BounceKind.HARD)
    assert facets(world, one) == (Delivery.BOUNCED, Triage.OPEN, None)
    triage.clear(world, [one], ANN, NOW)
    assert facets(world, one) == (Delivery.DELIVERED, Triage.DONE, Decision.CLEARED)
    assert world.row("SELECT blocked_at FROM address") == (None,)
    happen(world, one, EventType.BOUNCED, minutes=10, kind=BounceKind.HARD)
    assert facets(world, one)[0] is Delivery.DELIVERED, "that bounce is older than the clearing"
    happen(world, one, EventType.BOUNCED, minutes=60 * 24 * 30, kind=BounceKind.SOFT)
    assert facets(world, one) == (Delivery.BOUNCED, Triage.OPEN, Decision.CLEARED)


def test_marking_again_after_clearing_holds(world: Store) -> None:
    ids = plan(world, "Spring", ["a@x.example"])
    one = ids["a@x.example"]
    happen(world, one, EventType.DELIVERED)
    triage.mark_soft(world, [one], ANN, NOW)
    triage.clear(world, [one], ANN, NOW)
    assert facets(world, one)[0] is Delivery.DELIVERED
    triage.mark_hard(world, [one], ANN, NOW)
    assert facets(world, one) == (Delivery.BOUNCED, Triage.DONE, Decision.MARKED_HARD)


def test_what_cannot_be_done_is_refused_with_the_reason(world: Store) -> None:
    ids = plan(world, "Spring", ["a@x.example", "b@x.example"])
    happen(world, ids["a@x.example"], EventType.BOUNCED, kind=BounceKind.SOFT)
    change = triage.clear(world, list(ids.values()), ANN, NOW)
    assert change.count == 1
    assert change.refused == ((ids["b@x.example"], "There is no bounce to clear."),)
    again = triage.clear(world, list(ids.values()), ANN, NOW)
    assert (again.count, again.journal_id) == (0, None)


def test_undo_leaves_rows_alone_that_somebody_changed_since(world: Store) -> None:
    ids = plan(world, "Spring", ["a@x.example", "b@x.example"])
    a, b = ids.values()
    triage.mark_hard(world, [a, b], ANN, NOW)
    triage.clear(world, [a], BO, NOW + timedelta(minutes=1))
    change = undo(world, ANN, NOW + timedelta(minutes=2))
    assert change.count == 1
    assert change.refused == ((a, "bo changed it since, on 2026-03-05 at 08:01 UTC."),)
    assert facets(world, b)[0] is Delivery.READY
    with pytest.raises(Refused, match="nothing of ann's to undo"):
        undo(world, ANN, NOW + timedelta(minutes=3))


def test_everybody_undoes_only_their_own(world: Store) -> None:
    ids = plan(world, "Spring", ["a@x.example", "b@x.example"])
    a, b = ids.values()
    triage.mark_hard(world, [a], ANN, NOW)
    triage.mark_hard(world, [b], BO, NOW)
    undo(world, ANN, NOW)
    assert facets(world, a)[0] is Delivery.READY
    assert facets(world, b)[0] is Delivery.BOUNCED


def test_blocking_holds_over_all_campaigns_and_can_be_taken_back(world: Store) -> None:
    ids = plan(world, "Spring", ["a@x.example"])
    before = snapshot(world)
    change = triage.block(world, list(ids.values()), ANN, NOW)
    assert change.sentence == "Address of 1 recipient blocked"
    assert world.row("SELECT operator_blocked_by, block_reason FROM address") == ("ann", 4)
    assert triage.block(world, list(ids.values()), ANN, NOW).count == 0
    undo(world, ANN, NOW)
    assert snapshot(world) == before


def test_a_former_employee_is_a_fact_of_the_contact(world: Store) -> None:
    ids = plan(world, "Spring", ["a@x.example"])
    triage.former(world, list(ids.values()), ANN, NOW)
    assert world.row("SELECT former FROM contact") == (1,)
    undo(world, ANN, NOW)
    assert world.row("SELECT former FROM contact") == (0,)


def test_fixing_moves_the_contact_and_the_block_stays_with_the_old_address(world: Store) -> None:
    ids = plan(world, "Spring", ["a@gamil.example", "b@x.example"])
    one = ids["a@gamil.example"]
    happen(world, one, EventType.BOUNCED, kind=BounceKind.HARD)
    before = snapshot(world)
    change = contacts.fix(world, one, " a@gmail.example ", ANN, NOW)
    assert change.sentence == "a@gamil.example corrected to a@gmail.example"
    assert world.row("SELECT email, email_key FROM contact WHERE id = 1") == ("a@gmail.example", "a@gmail.example")
    assert world.row("SELECT s FROM contact_search WHERE contact_id = 1") == ("a a@gmail.example ",)
    assert world.row("SELECT address FROM address WHERE blocked_at IS NOT NULL") == ("a@gamil.example",)
    assert facets(world, one) == (Delivery.BOUNCED, Triage.DONE, Decision.FIXED)
    undo(world, ANN, NOW)
    after = snapshot(world)
    assert after[0] == before[0]
    assert after[1] == before[1]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "An address is needed"),
        ("nobody", "is no address"),
        ("a@x.example\r\nBcc: all@x.example", "is no address"),
        ("b@x.example", "belongs to B"),
        ("A@X.example", "is the address already"),
    ],
)
def test_a_wrong_fix_is_refused_with_the_reason(world: Store, address: str, why: str) -> None:
    ids = plan(world, "Spring", ["a@x.example", "b@x.example"])
    with pytest.raises(Refused, match=why):
        contacts.fix(world, ids["a@x.example"], address, ANN, NOW)


def test_fixing_nobody_says_so(world: Store) -> None:
    plan(world, "Spring", ["a@x.example"])
    with pytest.raises(NotFound):
        contacts.fix(world, 99, "z@x.example", ANN, NOW)


def test_five_campaigns_in_a_row_without_success_block_and_one_success_frees(world: Store) -> None:
    last = 0
    for number in range(5):
        assert world.row("SELECT count(*) FROM address WHERE blocked_at IS NOT NULL") == (0,)
        last = plan(world, f"c{number}", ["a@x.example"])["a@x.example"]
        happen(world, last, EventType.BOUNCED, minutes=number * 1000, kind=BounceKind.SOFT)
    assert world.row("SELECT consecutive, block_reason FROM address") == (5, 2)
    six = plan(world, "c6", ["a@x.example"])["a@x.example"]
    happen(world, six, EventType.DELIVERED, minutes=9000)
    assert world.row("SELECT consecutive, blocked_at FROM address") == (0, None)


def test_a_complaint_blocks_and_withdraws_consent(world: Store) -> None:
    one = plan(world, "Spring", ["a@x.example"])["a@x.example"]
    happen(world, one, EventType.COMPLAINED, minutes=5)
    assert world.row("SELECT consent FROM contact") == (0,)
    assert world.row("SELECT block_reason FROM address WHERE blocked_at IS NOT NULL") == (3,)


def test_a_contact_stands_on_a_list_once_and_adding_can_be_undone(world: Store) -> None:
    ids = list(plan(world, "Spring", ["a@x.example", "b@x.example"]).values())
    more = list(plan(world, "Summer", ["a@x.example", "c@x.example"]).values())
    made = lists.add(world, ids, ListKind.SELECTION, "Berlin", ANN, NOW)
    assert made.sentence == "2 added to new selection “Berlin”"
    second = lists.add(world, more, ListKind.SELECTION, "Berlin", ANN, NOW)
    assert second.count == 1
    assert second.refused == ((more[0], "It is on the list already."),)
    undo(world, ANN, NOW)
    assert world.row("SELECT count(*) FROM list_member") == (2,)
    undo(world, ANN, NOW)
    assert world.row("SELECT deleted_at IS NOT NULL FROM mail_list") == (1,)
    redo(world, ANN, NOW)
    redo(world, ANN, NOW)
    assert world.row("SELECT count(*), min(deleted_at) FROM list_member, mail_list") == (3, None)


def test_a_newer_action_ends_what_can_be_redone_even_in_the_same_millisecond(world: Store) -> None:
    a, b = plan(world, "Spring", ["a@x.example", "b@x.example"]).values()
    triage.mark_hard(world, [a], ANN, NOW)
    undo(world, ANN, NOW)
    triage.mark_hard(world, [b], ANN, NOW)
    with pytest.raises(Refused, match="nothing of ann's to redo"):
        redo(world, ANN, NOW)


def test_a_list_that_somebody_filled_since_is_not_undone(world: Store) -> None:
    a, b = plan(world, "Spring", ["a@x.example", "b@x.example"]).values()
    lists.add(world, [a], ListKind.PROJECT, "Calls", ANN, NOW)
    lists.add(world, [b], ListKind.PROJECT, "Calls", BO, NOW)
    with pytest.raises(Refused, match="bo added to the list"):
        undo(world, ANN, NOW)


def test_a_list_is_not_redone_over_another_of_its_name(world: Store) -> None:
    a, _ = plan(world, "Spring", ["a@x.example", "b@x.example"]).values()
    lists.add(world, [a], ListKind.PROJECT, "Calls", ANN, NOW)
    undo(world, ANN, NOW + timedelta(minutes=1))
    lists.add(world, [a], ListKind.PROJECT, "Calls", BO, NOW + timedelta(minutes=2))
    with pytest.raises(Refused, match="another list of that name"):
        redo(world, ANN, NOW + timedelta(minutes=3))


def test_ten_thousand_rows_are_marked_and_undone_whole(world: Store) -> None:
    ids = list(plan(world, "Big", [f"p{n}@x.example" for n in range(10_000)]).values())
    before = snapshot(world)
    assert triage.mark_hard(world, ids, ANN, NOW).count == 10_000
    assert world.row("SELECT n FROM campaign_stat") == (10_000,)
    assert undo(world, ANN, NOW).count == 10_000
    assert snapshot(world) == before
