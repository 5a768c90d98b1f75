"""Any entry of the journal can be taken back, by anybody, unless something was done since on which it would tread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.actions import contacts, lists, triage
from store.actions.exports import note_export
from store.actions.undo import redo, undo
from store.database import Store, open_store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.queries.journal import journal, journal_entry
from store.vocabulary import EventType, ListKind
from tests.store.plan import counters_are_right, happen, plan

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANN, BO = Operator("ann", "10.0.0.1"), Operator("bo", "10.0.0.2")


@pytest.fixture
def world(tmp_path: Path) -> Store:
    store = open_store(tmp_path / "s.db")
    for id_ in plan(store, "Spring", [f"{name}@x.example" for name in "abc"]).values():
        happen(store, id_, EventType.DELIVERED)
    return store


def dump(store: Store) -> list[list[tuple[object, ...]]]:
    tables = ("recipient", "contact", "campaign_stat", "list_member", "address")
    return [sorted(store.rows(f"SELECT * FROM {table}"), key=repr) for table in tables]


def number(change: object) -> int:
    found = getattr(change, "journal_id")  # noqa: B009
    assert isinstance(found, int)
    return found


def test_an_entry_in_the_middle_is_taken_back_and_done_again(world: Store) -> None:
    triage.mark_hard(world, [1], ANN, NOW)
    before = dump(world)
    middle = number(triage.mark_hard(world, [2], ANN, NOW + MINUTE))
    after = dump(world)
    last = number(triage.former(world, [3], ANN, NOW + 2 * MINUTE))
    change = undo(world, ANN, NOW + 3 * MINUTE, middle)
    assert change.sentence == "Undone: 1 recipient marked as bounced hard"
    undo(world, ANN, NOW + 4 * MINUTE, last)
    assert [row for row in dump(world)[0] if row[0] == 2] == [row for row in before[0] if row[0] == 2]
    redo(world, ANN, NOW + 5 * MINUTE, middle)
    assert dump(world)[:4] == after[:4]
    assert counters_are_right(world)


def test_somebody_elses_entry_is_taken_back_and_the_journal_says_whose_it_was(world: Store) -> None:
    entry = number(triage.block(world, [1], BO, NOW))
    change = undo(world, ANN, NOW + MINUTE, entry)
    assert change.sentence == "Undone (bo's): Address of 1 recipient blocked"
    newest = journal(world).rows[0]
    assert (newest.operator, newest.verb, newest.sentence) == ("ann", "undo", change.sentence)
    assert (journal_entry(world, entry).undone_at, journal_entry(world, entry).undone_by) == (NOW + MINUTE, "ann")
    assert redo(world, BO, NOW + 2 * MINUTE, entry).sentence == "Redone: Address of 1 recipient blocked"


def test_an_entry_on_which_a_later_one_builds_is_refused_with_who_and_when(world: Store) -> None:
    entry = number(contacts.fix(world, 1, "b2@x.example", ANN, NOW))
    later = number(contacts.fix(world, 1, "b3@x.example", BO, NOW + MINUTE))
    before = dump(world)
    with pytest.raises(Refused, match="bo changed it since, on 2026-03-05 at 08:01 UTC"):
        undo(world, ANN, NOW + 2 * MINUTE, entry)
    assert dump(world) == before
    undo(world, ANN, NOW + 3 * MINUTE, later)
    undo(world, ANN, NOW + 4 * MINUTE, entry)
    assert world.row("SELECT email FROM contact WHERE id = 1") == ("a@x.example",)


def test_a_value_that_came_back_by_later_actions_does_not_hide_them(world: Store) -> None:
    first = number(triage.mark_hard(world, [1], ANN, NOW))
    triage.clear(world, [1], BO, NOW + MINUTE)
    triage.mark_hard(world, [1], BO, NOW + 2 * MINUTE)
    with pytest.raises(Refused, match="bo changed it since, on 2026-03-05 at 08:02 UTC"):
        undo(world, ANN, NOW + 3 * MINUTE, first)


def test_rows_that_moved_on_are_left_alone_and_the_others_go_back(world: Store) -> None:
    entry = number(triage.mark_hard(world, [1, 2, 3], ANN, NOW))
    triage.clear(world, [2], BO, NOW + MINUTE)
    change = undo(world, ANN, NOW + 2 * MINUTE, entry)
    assert change.count == 2
    assert change.sentence.endswith("(1 left alone: bo changed it since, on 2026-03-05 at 08:01 UTC.)")


def test_other_columns_of_a_row_may_have_changed_since(world: Store) -> None:
    entry = number(triage.former(world, [1], ANN, NOW))
    world.run(lambda: world.execute("UPDATE contact SET company = 'New' WHERE id = 1"))
    assert undo(world, ANN, NOW + MINUTE, entry).count == 1


def test_a_list_goes_only_when_nobody_was_put_on_it_since(world: Store) -> None:
    made = number(lists.add(world, [1], ListKind.PROJECT, "Fair", ANN, NOW))
    lists.add(world, [2], ListKind.PROJECT, "Fair", BO, NOW + MINUTE)
    with pytest.raises(Refused, match="bo added to the list"):
        undo(world, ANN, NOW + 2 * MINUTE, made)
    undo(world, BO, NOW + 3 * MINUTE)
    undo(world, ANN, NOW + 4 * MINUTE, made)
    assert world.rows("SELECT 1 FROM mail_list WHERE deleted_at IS NULL") == []


def test_what_cannot_be_undone_says_why(world: Store) -> None:
    note_export(world, 3, "a.csv", "Spring", ANN, NOW)
    with pytest.raises(Refused, match="has left the house"):
        undo(world, ANN, NOW, journal(world).rows[0].id)
    with pytest.raises(NotFound, match="no entry 99"):
        undo(world, ANN, NOW, 99)
    entry = number(triage.former(world, [1], ANN, NOW))
    with pytest.raises(Refused, match="stands"):
        redo(world, ANN, NOW, entry)
    undo(world, BO, NOW + MINUTE, entry)
    with pytest.raises(Refused, match="was undone already, by bo on 2026-03-05 at 08:01 UTC"):
        undo(world, ANN, NOW + 2 * MINUTE, entry)


def test_redo_of_an_entry_leaves_alone_what_was_changed_since(world: Store) -> None:
    entry = number(triage.mark_hard(world, [1], ANN, NOW))
    undo(world, ANN, NOW + MINUTE, entry)
    triage.mark_soft(world, [1], BO, NOW + 2 * MINUTE)
    with pytest.raises(Refused, match="cannot be redone: bo changed it since"):
        redo(world, ANN, NOW + 3 * MINUTE, entry)
