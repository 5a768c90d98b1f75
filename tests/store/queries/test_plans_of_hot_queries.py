"""SQLite's plans for the queries behind every key, pinned: none reads a whole table where an index serves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sample_data.world import FIXED_NOW
from store.actions.triage import mark_soft
from store.asking import RecipientFilter, Sort
from store.database import Store, open_store
from store.journal import Operator
from store.queries import history
from store.queries.conditions import condition
from store.queries.links import ClickersView
from store.queries.ordering import parts, walk
from store.queries.recipients import RecipientView
from store.vocabulary import State
from tests.store.building import plan_of
from tests.store.queries.explaining import explained
from tests.store.queries.test_view_agrees_with_a_model import seeded

STATISTICS = {
    ("recipient", "recipient_address"): "1899767 2 1 1",
    ("recipient", "recipient_campaign"): "1899767 474942 118736 1",
    ("recipient", "recipient_contact"): "1899767 2",
    ("recipient", "recipient_bounced"): "122872 30718 1",
    ("recipient", "recipient_opened"): "596771 149193 1",
    ("recipient", "recipient_clicked"): "170431 42608 1",
    ("contact", "contact_email"): "1000000 1",
    ("contact", "contact_sort"): "1000000 20 1",
}
"""What ANALYZE of recipient and contact says of four campaigns, one of them of a million recipients."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(tmp_path_factory.mktemp("plans") / "s.db")
    seeded(opened)
    opened.execute("DELETE FROM sqlite_stat1")
    rows = [(table, index, numbers) for (table, index), numbers in STATISTICS.items()]
    opened.execute_many("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
    yield opened
    opened.close()


SPAN = {"low": 1, "high": 60, "limit": 50}


def plans(store: Store, wanted: RecipientFilter, sort: Sort) -> list[str]:
    asked = condition(wanted)
    connection = store.connection()
    try:
        return [plan_of(connection, sql, asked.parameters | SPAN) for sql in parts(asked, sort)]
    finally:
        connection.close()


@pytest.mark.parametrize("reverse", [False, True])
def test_the_first_page_in_plan_order_walks_the_ids_of_the_campaign(store: Store, reverse: bool) -> None:
    (plan,) = plans(store, RecipientFilter(1), Sort(reverse=reverse))
    assert plan == "SEARCH r USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"


def test_bounced_recipients_are_merged_from_the_covering_index_without_a_sort(store: Store) -> None:
    (plan,) = plans(store, RecipientFilter(1, frozenset({State.BOUNCED})), Sort())
    assert plan.count("USING COVERING INDEX recipient_campaign (campaign_id=? AND delivery=?)") == 3
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("column", ["bounced", "opened", "clicked"])
@pytest.mark.parametrize("reverse", [False, True])
def test_sorts_by_time_walk_their_partial_index(store: Store, column: str, reverse: bool) -> None:
    valued, _ = plans(store, RecipientFilter(1), Sort(column, reverse))
    assert f"USING COVERING INDEX recipient_{column} (campaign_id=?" in valued
    assert "TEMP B-TREE" not in valued


def test_the_first_names_and_addresses_come_from_their_index(store: Store) -> None:
    connection = store.connection()
    asked = condition(RecipientFilter(1))
    name = plan_of(connection, walk(asked, Sort("name")), asked.parameters)
    address = plan_of(connection, walk(asked, Sort("address")), asked.parameters)
    connection.close()
    assert name.startswith(
        "SCAN c USING COVERING INDEX contact_sort\nSEARCH r USING INDEX recipient_contact (contact_id=?)"
    )
    assert address.startswith("SCAN r USING COVERING INDEX recipient_address")


def test_clickers_and_blocked_addresses_are_looked_up_not_scanned(store: Store) -> None:
    (clicked,) = plans(store, RecipientFilter(1, link_id=1), Sort())
    assert clicked.startswith("SEARCH r USING INTEGER PRIMARY KEY (rowid=?)")
    assert "SEARCH clicker USING PRIMARY KEY (campaign_id=? AND link_id=?)" in clicked
    (blocked,) = plans(store, RecipientFilter(1, frozenset({State.BLOCKED})), Sort())
    assert blocked.startswith("SEARCH r USING INTEGER PRIMARY KEY (rowid=?)")
    assert "SCAN a USING INDEX address_blocked" in blocked
    assert "SEARCH m USING COVERING INDEX recipient_address (address_key=? AND campaign_id=?)" in blocked


def test_a_page_is_a_range_of_positions_joined_by_primary_keys(store: Store) -> None:
    view = RecipientView(store)
    view.build(RecipientFilter(1), Sort())
    statements: list[str] = []
    view._connection.set_trace_callback(statements.append)
    view.page(3, 10)
    view._connection.set_trace_callback(None)
    plan = plan_of(view._connection, statements[-1]).splitlines()
    view.close()
    assert plan[:4] == [
        "SEARCH v USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH p USING INTEGER PRIMARY KEY (rowid=?)",
    ]
    assert plan[4].startswith("SEARCH a USING")
    assert not any("TEMP B-TREE" in step for step in plan)


def test_a_history_reads_one_recipients_events(store: Store) -> None:
    connection = store.connection()
    plan = plan_of(connection, history._EVENTS, (1,))
    many = plan_of(connection, history._HAPPENINGS, ("[1, 2]",))
    connection.close()
    assert plan.startswith("SEARCH e USING INDEX event_recipient (recipient_id=?)")
    assert "SEARCH e USING INDEX event_recipient (recipient_id=?)" in many
    assert "SCAN e" not in many


def test_clickers_of_a_link_come_from_their_primary_key(store: Store) -> None:
    view = ClickersView(store)
    statements: list[str] = []
    view._connection.set_trace_callback(statements.append)
    view.build(1)
    view.page(3, 10)
    view._connection.set_trace_callback(None)
    filled = next(sql for sql in statements if sql.startswith("INSERT"))
    chosen = plan_of(view._connection, filled.partition("(id) ")[2])
    page = plan_of(view._connection, statements[-1]).splitlines()
    view.close()
    assert "SEARCH k USING PRIMARY KEY (campaign_id=? AND link_id=?)" in chosen
    assert page == [
        "SEARCH v USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH k USING PRIMARY KEY (campaign_id=? AND link_id=? AND recipient_id=?)",
    ]


def test_the_sorted_pages_of_a_path_stay_inside_the_campaign(store: Store, tmp_path: Path) -> None:
    for column in ("name", "company", "sent", "state"):
        first, *_ = plans(store, RecipientFilter(1), Sort(column))
        assert first.startswith("SEARCH r USING"), column


def test_marking_reads_no_more_than_what_is_marked(sample_path: Path) -> None:
    with explained() as seen:
        opened = open_store(sample_path)
        opened.execute("DELETE FROM sqlite_stat1")
        rows = [(table, index, numbers) for (table, index), numbers in STATISTICS.items()]
        opened.execute_many("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
        opened.close()
        opened = open_store(sample_path)
        seen.clear()
        mark_soft(opened, [5, 6, 7], Operator("ann", "desk"), FIXED_NOW)
        opened.close()
    steps = {step for plan in seen for step in plan.splitlines()}
    assert not {step for step in steps if step.startswith(("SCAN recipient", "SCAN event", "SCAN contact"))}
    assert any(step.startswith("SEARCH recipient USING INTEGER PRIMARY KEY") for step in steps)
