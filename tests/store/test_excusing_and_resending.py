"""Excusing what is ours, deleting addresses, putting off; and the list of those who are sent to again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.actions import contacts, lists, resends, triage
from store.actions.undo import redo, undo
from store.database import Store, open_store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.queries.lists import find_list, list_lists
from store.queries.resends import resend_counts
from store.vocabulary import BlockReason, BounceKind, Decision, Delivery, EventType, ListKind, Triage
from tests.store.plan import counters_are_right, happen, plan

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
ANN, BO = Operator("ann", "10.0.0.1"), Operator("bo", "10.0.0.2")
PEOPLE = ("a", "b", "c", "d")


@pytest.fixture
def world(tmp_path: Path) -> Store:
    return open_store(tmp_path / "s.db")


def bounced(store: Store, campaign: str = "Spring", kind: BounceKind = BounceKind.BLOCK) -> dict[str, int]:
    """Plan a campaign in which everybody bounces; return the recipients' ids by name."""
    found = plan(store, campaign, [f"{name}@x.example" for name in PEOPLE])
    for id_ in found.values():
        happen(store, id_, EventType.BOUNCED, kind=kind, reason="authfailure", status="5.7.26")
    return {address[0]: id_ for address, id_ in found.items()}


def snapshot(store: Store) -> list[list[tuple[object, ...]]]:
    tables = ("recipient", "contact", "campaign_stat")
    addresses = "SELECT * FROM address WHERE consecutive OR blocked_at OR last_bounce_at"
    members = (
        "SELECT m.* FROM list_member AS m JOIN mail_list AS l ON l.id = m.list_id WHERE l.deleted_at IS NULL ORDER BY 1"
    )
    return [
        *(sorted(store.rows(f"SELECT * FROM {table}"), key=repr) for table in tables),
        sorted(store.rows("SELECT contact_id, rtrim(s) FROM contact_search")),
        sorted(store.rows(addresses), key=repr),
        sorted(store.rows(members), key=repr),
        [(row.name, row.members) for row in list_lists(store)],
    ]


def members(store: Store, name: str = "Resend · Spring") -> list[str]:
    found = store.rows(
        "SELECT c.name FROM list_member AS m JOIN contact AS c ON c.id = m.contact_id WHERE m.list_id = ? ORDER BY 1",
        (find_list(store, name).id,),
    )
    return [name.lower() for (name,) in found]


def state(store: Store, id_: int) -> tuple[Delivery, Triage, Decision | None]:
    found = store.row("SELECT delivery, triage, decision FROM recipient WHERE id = ?", (id_,))
    assert found
    return Delivery.of(found[0]), Triage.of(found[1]), Decision.of(found[2]) if found[2] else None


def test_excusing_puts_people_on_the_resend_list_and_undo_takes_all_of_it_back(world: Store) -> None:
    ids = bounced(world, kind=BounceKind.HARD)
    before = snapshot(world)
    change = triage.excuse(world, [ids["a"], ids["b"]], ANN, NOW)
    assert change.sentence == "2 recipients excused, 2 on the list “Resend · Spring”"
    assert state(world, ids["a"]) == (Delivery.BOUNCED, Triage.DONE, Decision.EXCUSED)
    assert members(world) == ["a", "b"]
    found = find_list(world, "Resend · Spring")
    assert (found.kind, found.campaign, change.list_id) == (ListKind.RESEND, "Spring", found.id)
    assert world.rows("SELECT key FROM address WHERE blocked_at IS NOT NULL ORDER BY 1") == [
        ("c@x.example",),
        ("d@x.example",),
    ]
    assert counters_are_right(world)
    undo(world, ANN, NOW + timedelta(days=1))
    assert snapshot(world) == before
    redo(world, ANN, NOW + timedelta(days=2))
    assert members(world) == ["a", "b"]
    assert state(world, ids["a"])[2] is Decision.EXCUSED


def test_undo_leaves_the_list_to_those_whom_somebody_else_put_on_it(world: Store) -> None:
    ids = bounced(world)
    triage.excuse(world, [ids["a"]], ANN, NOW)
    triage.excuse(world, [ids["b"]], BO, NOW)
    change = undo(world, ANN, NOW)
    assert (change.refused, members(world)) == ((), ["b"])


def test_undo_leaves_those_on_the_list_whose_excuse_it_cannot_take_back(world: Store) -> None:
    ids = bounced(world)
    triage.excuse(world, [ids["a"], ids["b"]], ANN, NOW)
    triage.later(world, [ids["a"]], BO, NOW + timedelta(minutes=1))
    triage.excuse(world, [ids["a"]], BO, NOW + timedelta(minutes=2))
    change = undo(world, ANN, NOW + timedelta(minutes=3))
    assert change.refused == ((ids["a"], "bo changed it since, on 2026-03-05 at 08:02 UTC."),)
    assert members(world) == ["a"]


def test_each_campaign_has_a_list_of_its_own(world: Store) -> None:
    spring, autumn = bounced(world), bounced(world, "Autumn")
    change = triage.excuse(world, [spring["a"], autumn["a"], autumn["b"]], ANN, NOW)
    assert change.sentence == "3 recipients excused, 3 on 2 resend lists"
    assert change.list_id is None
    assert members(world, "Resend · Autumn") == ["a", "b"]
    assert members(world, "Resend · Spring") == ["a"]


def test_what_is_no_failure_or_excused_already_is_refused(world: Store) -> None:
    ids = bounced(world)
    happen(world, ids["b"], EventType.OPENED, minutes=5)
    change = triage.excuse(world, list(ids.values()), ANN, NOW)
    assert change.refused == ((ids["b"], "There is no bounce to excuse."),)
    again = triage.excuse(world, [ids["a"]], ANN, NOW)
    assert (again.count, again.journal_id, again.sentence) == (0, None, "It is excused already.")
    assert triage.excuse(world, [999], ANN, NOW).sentence == "It is no longer there."


def test_nobody_who_must_not_be_written_to_comes_on_the_list(world: Store) -> None:
    ids = bounced(world)
    old = plan(world, "Winter", ["a@x.example", "b@x.example"])
    happen(world, old["a@x.example"], EventType.UNSUBSCRIBED)
    triage.block(world, [old["b@x.example"]], ANN, NOW)
    world.run(lambda: world.execute("UPDATE contact SET former = TRUE WHERE name = 'C'"))
    change = triage.excuse(world, list(ids.values()), ANN, NOW)
    assert change.sentence == (
        "4 recipients excused, 1 on the list “Resend · Spring”; left out: 1 unsubscribed, 1 blocked, 1 former employee"
    )
    assert members(world) == ["d"]


def test_an_excuse_for_people_nobody_may_write_to_makes_no_list(world: Store) -> None:
    ids = bounced(world)
    world.run(lambda: world.execute("UPDATE contact SET consent = FALSE"))
    change = triage.excuse(world, [ids["a"]], ANN, NOW)
    assert change.sentence == "1 recipient excused, nobody of them is to be sent to again; left out: 1 no consent"
    assert list_lists(world) == ()


def test_the_resend_list_holds_the_fixed_and_lets_those_go_whom_the_mail_reached(world: Store) -> None:
    ids = bounced(world, kind=BounceKind.HARD)
    spring = find_campaign_id(world)
    triage.excuse(world, [ids["a"], ids["b"]], ANN, NOW)
    contacts.fix(world, ids["c"], "c@y.example", ANN, NOW)
    happen(world, ids["b"], EventType.OPENED, minutes=60 * 24 * 30)
    counts = resend_counts(world, spring)
    assert (counts.excused, counts.fixed, counts.coming, counts.going) == (1, 1, 1, 1)
    assert counts.left_out == {"reached since": 1}
    before = snapshot(world)
    change = resends.resend(world, spring, ANN, NOW)
    assert change.sentence == "List “Resend · Spring” refreshed with 2 people (1 came on, 1 went off)"
    assert members(world) == ["a", "c"]
    after = resend_counts(world, spring)
    assert (after.coming, after.going, after.total) == (0, 0, 2)
    undo(world, ANN, NOW)
    assert snapshot(world) == before
    redo(world, ANN, NOW)
    assert members(world) == ["a", "c"]


def test_a_resend_list_can_be_made_anew_and_says_so_when_there_is_nothing_to_do(world: Store) -> None:
    ids = bounced(world)
    spring = find_campaign_id(world)
    with pytest.raises(Refused, match="Nobody is excused or fixed"):
        resends.resend(world, spring, ANN, NOW)
    with pytest.raises(NotFound):
        resends.resend(world, 999, ANN, NOW)
    contacts.fix(world, ids["c"], "c@y.example", ANN, NOW)
    made = resends.resend(world, spring, ANN, NOW)
    assert made.sentence == "List “Resend · Spring” made with 1 person"
    again = resends.resend(world, spring, ANN, NOW)
    assert (again.journal_id, again.sentence) == (None, "The list “Resend · Spring” is up to date: 1 person")
    undo(world, ANN, NOW)
    assert list_lists(world) == ()


def test_who_failed_again_or_waits_is_left_out_until_that_is_settled(world: Store) -> None:
    ids = bounced(world)
    spring = find_campaign_id(world)
    triage.excuse(world, list(ids.values()), ANN, NOW)
    happen(world, ids["a"], EventType.BOUNCED, minutes=60 * 24 * 30, kind=BounceKind.SOFT)
    assert resend_counts(world, spring).left_out == {"failed again, nobody has decided yet": 1}


def test_a_contact_with_two_addresses_stands_on_the_list_once(world: Store) -> None:
    ids = bounced(world)
    world.run(lambda: world.execute("UPDATE recipient SET contact_id = 1 WHERE id = ?", (ids["b"],)))
    change = triage.excuse(world, [ids["a"], ids["b"]], ANN, NOW)
    assert change.sentence.endswith("1 on the list “Resend · Spring”; left out: 1 second address")


def test_a_deleted_address_is_gone_from_the_contact_and_blocked(world: Store) -> None:
    ids = bounced(world, kind=BounceKind.HARD)
    before = snapshot(world)
    change = triage.delete(world, [ids["a"]], ANN, NOW)
    assert change.sentence == "Address of 1 recipient deleted"
    assert state(world, ids["a"]) == (Delivery.BOUNCED, Triage.DONE, Decision.DELETED)
    assert world.row("SELECT email, email_key FROM contact WHERE name = 'A'") == ("", "")
    assert world.row("SELECT block_reason FROM address WHERE key = 'a@x.example'") == (BlockReason.DELETED.code,)
    assert world.row("SELECT s FROM contact_search WHERE contact_id = 1") == ("a  ",)
    undo(world, ANN, NOW)
    assert snapshot(world) == before
    redo(world, ANN, NOW)
    assert world.row("SELECT email FROM contact WHERE name = 'A'") == ("",)


def test_only_the_address_the_contact_has_can_be_deleted(world: Store) -> None:
    ids = bounced(world)
    contacts.fix(world, ids["a"], "a@y.example", ANN, NOW)
    triage.delete(world, [ids["b"]], ANN, NOW)
    change = triage.delete(world, [ids["a"], ids["b"], ids["c"]], ANN, NOW)
    assert change.refused == (
        (ids["a"], "The contact has another address by now, a@y.example."),
        (ids["b"], "The contact has no address any more."),
    )


def test_deleting_a_blocked_address_says_so_and_undo_leaves_it_blocked(world: Store) -> None:
    ids = bounced(world)
    triage.block(world, [ids["a"]], BO, NOW)
    before = snapshot(world)
    triage.delete(world, [ids["a"]], ANN, NOW)
    reason = "SELECT block_reason FROM address WHERE key = 'a@x.example'"
    assert world.row(reason) == (BlockReason.DELETED.code,)
    undo(world, ANN, NOW)
    assert world.row(reason) == (BlockReason.OPERATOR.code,)
    assert snapshot(world) == before


def test_what_is_put_off_stays_undecided(world: Store) -> None:
    ids = bounced(world)
    before = snapshot(world)
    change = triage.later(world, [ids["a"]], ANN, NOW)
    assert change.sentence == "1 recipient put off"
    assert state(world, ids["a"]) == (Delivery.BOUNCED, Triage.LATER, Decision.LATER)
    assert triage.later(world, [ids["a"]], ANN, NOW).sentence == "It is put off already."
    undo(world, ANN, NOW)
    assert snapshot(world) == before
    happen(world, ids["b"], EventType.OPENED, minutes=5)
    assert triage.later(world, [ids["b"]], ANN, NOW).sentence == "There is no bounce to put off."


def test_a_list_of_another_name_is_not_the_resend_list(world: Store) -> None:
    ids = bounced(world)
    lists.add(world, [ids["b"]], ListKind.RESEND, "By hand", ANN, NOW, campaign_id=find_campaign_id(world))
    triage.excuse(world, [ids["a"]], ANN, NOW)
    assert members(world) == ["a"]
    assert members(world, "By hand") == ["b"]


def find_campaign_id(store: Store) -> int:
    found = store.row("SELECT id FROM campaign WHERE name = 'Spring'")
    assert found
    return int(found[0])
