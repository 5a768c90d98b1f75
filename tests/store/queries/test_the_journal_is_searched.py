"""The journal narrowed down, and the rows of an entry in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.actions import contacts, lists, strangers, triage
from store.actions.policy import set_policy
from store.actions.undo import undo
from store.asking import JournalFilter
from store.database import Store, open_store
from store.journal import Operator
from store.landing import insert_strangers, stranger_row
from store.queries.journal import JournalView, newer_entries
from store.queries.journal_lines import EntryLines
from store.rows import ColumnChange, JournalLineRow
from store.vocabulary import EventType, ListKind
from tests.store.plan import happen, plan
from tests.tui.conftest import stray

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANN, BO = Operator("ann", "10.0.0.1"), Operator("Böll", "desk")


@pytest.fixture
def world(tmp_path: Path) -> Store:
    store = open_store(tmp_path / "s.db")
    for name in ("Spring", "Autumn"):
        for id_ in plan(store, name, ["a@x.example", "b@x.example"]).values():
            happen(store, id_, EventType.DELIVERED)
    triage.mark_hard(store, [1], ANN, NOW)
    contacts.fix(store, 4, "b2@x.example", BO, NOW + MINUTE)
    lists.add(store, [1], ListKind.PROJECT, "Fair", ANN, NOW + 2 * MINUTE, campaign_id=1)
    undo(store, ANN, NOW + 3 * MINUTE)
    return store


def found(store: Store, **wanted: object) -> list[str]:
    view = JournalView(store)
    try:
        total = view.build(JournalFilter(**wanted))  # type: ignore[arg-type]
        rows = view.page(0, 100)
        assert len(rows) == total
        return [row.verb for row in rows]
    finally:
        view.close()


def lines(store: Store, entry: int) -> tuple[JournalLineRow, ...]:
    rows = EntryLines(store, entry)
    assert len(rows.page(0, 100)) == rows.total
    return rows.page(0, 100)


def test_the_newest_entry_stands_first(world: Store) -> None:
    assert found(world) == ["undo", "add", "fix", "mark-hard"]


@pytest.mark.parametrize(
    ("wanted", "verbs"),
    [
        ({"operator": "ann"}, ["undo", "add", "mark-hard"]),
        ({"verb": "fix"}, ["fix"]),
        ({"since": NOW + 2 * MINUTE}, ["undo", "add"]),
        ({"standing": True}, ["undo", "fix", "mark-hard"]),
        ({"text": "boll"}, ["fix"]),
        ({"text": "FIX corrected"}, ["fix"]),
        ({"text": "b2@x.example"}, ["fix"]),
        ({"text": "hard ann"}, ["mark-hard"]),
        ({"text": "hard boll"}, []),
        ({"text": "autumn"}, ["fix"]),
        ({"text": "spring"}, ["add", "mark-hard"]),
        ({"text": "spring fair"}, ["add"]),
        ({"campaign_id": 1}, ["add", "mark-hard"]),
        ({"campaign_id": 2}, ["fix"]),
        ({"campaign_id": 2, "operator": "ann"}, []),
        ({"text": "%"}, []),
    ],
)
def test_it_is_narrowed_by_operator_verb_words_campaign_and_time(
    world: Store, wanted: dict[str, object], verbs: list[str]
) -> None:
    assert found(world, **wanted) == verbs


def test_newer_entries_are_counted(world: Store) -> None:
    view = JournalView(world)
    view.build(JournalFilter(verb="fix"))
    assert newer_entries(world, view.newest) == 0
    triage.former(world, [2], ANN, NOW)
    assert newer_entries(world, view.newest) == 1
    view.close()


def test_the_rows_of_an_entry_have_addresses_and_words(world: Store) -> None:
    (line,) = lines(world, 1)
    assert (line.kind, line.name, line.of, line.recipient_id) == ("recipient", "a@x.example", "A · Spring", 1)
    assert line.changes == (
        ColumnChange("override", None, "hard"),
        ColumnChange("decision", None, "marked hard"),
        ColumnChange("decided_at", None, NOW),
        ColumnChange("decided_by", None, "ann"),
    )
    contact, recipient = lines(world, 2)
    assert (contact.kind, contact.name, contact.recipient_id) == ("contact", "b2@x.example", 4)
    assert contact.changes == (ColumnChange("email", "b@x.example", "b2@x.example"),)
    assert recipient.of == "B · Autumn"
    assert recipient.changes[0] == ColumnChange("decision", None, "fixed")


def test_lists_and_their_members_come_and_go(world: Store) -> None:
    (made,) = lines(world, 3)
    assert (made.kind, made.name, made.of, made.came, made.changes) == ("list", "Fair", "project", True, ())
    lists.add(world, [1], ListKind.SELECTION, "Two", ANN, NOW)
    entry = lists.add(world, [2], ListKind.SELECTION, "Two", ANN, NOW).journal_id
    assert entry is not None
    (member,) = lines(world, entry)
    assert (member.kind, member.name, member.of, member.came) == ("member", "b2@x.example", "B · selection Two", True)


def test_settings_strangers_and_whom_they_were_given_to(world: Store) -> None:
    entry = set_policy(world, {"block-after": "7"}, ANN, NOW).journal_id
    assert entry is not None
    (setting,) = lines(world, entry)
    assert (setting.kind, setting.name, setting.recipient_id) == ("setting", "block-after", None)
    assert [change.after for change in setting.changes] == ["7"]
    world.run(lambda: insert_strangers(world, [stranger_row(stray("s@x.example"), None, None)]))
    entry = strangers.assign(world, [1], 1, ANN, NOW).journal_id
    assert entry is not None
    assigned, stranger = lines(world, entry)
    assert (assigned.kind, assigned.name, assigned.came) == ("assigned", "a@x.example", False)
    assert (stranger.kind, stranger.name, stranger.of) == ("stranger", "s@x.example", "bounced")


def test_hostile_text_in_an_entry_is_made_harmless(world: Store) -> None:
    world.run(
        lambda: world.execute("UPDATE contact SET name = 'E\x1b[31mve', email = 'e\u202e@x.example' WHERE id = 2")
    )
    contact, recipient = lines(world, 2)
    assert not any(char in contact.name + recipient.of for char in "\x1b\u202e")
