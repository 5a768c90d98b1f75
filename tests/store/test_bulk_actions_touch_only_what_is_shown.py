"""Whatever happens between looking and acting, an action on many rows changes only rows that were shown and marked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.actions import blocks, contacts, listkeeping, lists, triage
from store.actions.marking import COLUMNS
from store.actions.undo import undo
from store.asking import RecipientFilter, Selection, Sort
from store.database import Store, open_store
from store.errors import Refused
from store.journal import Operator
from store.queries.blocked import GROUPINGS, SORTS, BlockedView, blocked_groups, newest_recipients
from store.queries.ordering import SORT_COLUMNS
from store.queries.recipients import RecipientView
from store.rows import Change
from store.vocabulary import BounceKind, EventType, ListKind, State
from tests.store.building import careless
from tests.store.plan import happen, plan

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)
ANN, BO, CLEO = (Operator(name, "desk") for name in ("ann", "bo", "cleo"))
PEOPLE = 10
VERBS = ("clear", "excuse", "block", "former", "delete", "later", "mark_hard", "mark_soft")
TABLES = ("recipient", "contact", "address")
EVENTS = (EventType.DELIVERED, EventType.BOUNCED, EventType.OPENED, EventType.COMPLAINED, EventType.UNSUBSCRIBED)
Act = Callable[[Store, list[int], Operator], Change]


def accept(store: Store, ids: list[int], who: Operator) -> Change:
    return contacts.accept(store, {id_: f"p{id_}@fixed.example" for id_ in ids}, who, NOW)


def decide(verb: str) -> Act:
    return lambda store, ids, who: getattr(triage, verb)(store, ids, who, NOW)


RECIPIENT_ACTS: dict[str, Act] = {verb: decide(verb) for verb in VERBS} | {
    "accept": accept,
    "add": lambda store, ids, who: lists.add(store, ids, ListKind.SELECTION, "VIP", who, NOW),
    "take off": lambda store, ids, who: listkeeping.remove(store, 1, ids, who, NOW),
}
ADDRESS_ACTS: dict[str, Act] = {
    "free": lambda store, ids, who: blocks.clear_block(store, ids, who, NOW),
    "delete": lambda store, ids, who: triage.delete(store, newest_recipients(store, ids), who, NOW),
    "add": lambda store, ids, who: lists.add(store, newest_recipients(store, ids), ListKind.SELECTION, "VIP", who, NOW),
}
meanwhile = st.lists(
    st.tuples(st.sampled_from([*RECIPIENT_ACTS, *EVENTS]), st.integers(0, 2 * PEOPLE - 1)),
    max_size=5,
)
marks = st.builds(Selection, st.frozensets(st.integers(1, 2 * PEOPLE), max_size=6), st.booleans())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store, list[int]]:
    """Two letters to ten people, a list, blocked addresses; the second store is somebody else's connection."""
    path = tmp_path_factory.mktemp("bulk") / "s.db"
    store = open_store(path)
    careless(store)
    people = [f"p{number}@d{number % 3}.example" for number in range(PEOPLE)]
    ids = [*plan(store, "Spring", people).values(), *plan(store, "Autumn", people).values()]
    for number, id_ in enumerate(ids):
        kind = (BounceKind.HARD, BounceKind.SOFT, BounceKind.BLOCK)[number % 3]
        happen(
            store, id_, EventType.BOUNCED if number % 2 else EventType.DELIVERED, number, kind if number % 2 else None
        )
    lists.add(store, ids[: PEOPLE // 2], ListKind.SELECTION, "VIP", CLEO, NOW)
    triage.block(store, ids[:3], CLEO, NOW)
    return store, open_store(path), ids


def stir(other: Store, ids: list[int], events: list[tuple[str | EventType, int]]) -> None:
    """Let things happen on somebody else's connection."""
    for what, at in events:
        if isinstance(what, EventType):
            happen(other, ids[at], what, 60 + at, BounceKind.HARD if what is EventType.BOUNCED else None)
        else:
            RECIPIENT_ACTS[what](other, [ids[at]], BO)


def held(store: Store) -> dict[tuple[str, int], tuple[object, ...]]:
    """Return what operators decided, by row, and who is on the list, by contact."""
    found = {
        (table, row[0]): row[1:]
        for table in TABLES
        for row in store.rows(f"SELECT id, {', '.join(COLUMNS[table])} FROM {table}")
        if table != "address" or any(row[1:])
    }
    return found | {
        ("member", row[0]): row[1:] for row in store.rows("SELECT contact_id, recipient_id FROM list_member")
    }


def touched(store: Store, before: dict[tuple[str, int], tuple[object, ...]]) -> set[tuple[str, int]]:
    after = held(store)
    return {row for row in before.keys() | after.keys() if before.get(row) != after.get(row)}


def rows_of(store: Store, ids: set[int]) -> set[tuple[str, int]]:
    """Return the rows that a decision about these recipients may change."""
    found = list(
        store.among(
            "SELECT r.id, r.contact_id, a.id FROM recipient AS r LEFT JOIN address AS a"
            " ON a.key = r.address_key WHERE r.id IN ({})",
            list(ids),
        )
    )
    return {
        row
        for recipient, contact, address in found
        for row in (("recipient", recipient), ("contact", contact), ("member", contact), ("address", address))
    }


def take_back(store: Store, who: Operator) -> None:
    while True:
        try:
            undo(store, who, NOW)
        except Refused:
            return


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    asked=st.builds(
        RecipientFilter,
        campaign_id=st.sampled_from([None, 1, 2]),
        states=st.frozensets(st.sampled_from(State), max_size=2),
        text=st.sampled_from(["", "p1", "d2", "p"]),
        list_id=st.sampled_from([None, None, 1]),
    ),
    sort=st.builds(Sort, st.sampled_from(sorted(SORT_COLUMNS)), st.booleans()),
    selection=marks,
    verb=st.sampled_from(sorted(RECIPIENT_ACTS)),
    events=meanwhile,
)
def test_recipients(
    world: tuple[Store, Store, list[int]],
    asked: RecipientFilter,
    sort: Sort,
    selection: Selection,
    verb: str,
    events: list[tuple[str | EventType, int]],
) -> None:
    store, other, ids = world
    view = RecipientView(store)
    view.build(asked, sort)
    shown = {row.id for row in view.page(0, 99)}
    stir(other, ids, events)
    before = held(store)
    chosen = set(view.resolve(selection))
    assert chosen == {id_ for id_ in shown if (id_ in selection.ids) != selection.inverted}
    change = RECIPIENT_ACTS[verb](store, sorted(chosen), ANN)
    assert touched(store, before) <= rows_of(store, chosen)
    assert change.count <= len(chosen)
    if change.journal_id is not None:
        undo(store, ANN, NOW)
        assert touched(store, before) == set()
    view.close()
    take_back(other, BO)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sort=st.builds(Sort, st.sampled_from(sorted(SORTS)), st.booleans()),
    by=st.sampled_from(["", *GROUPINGS]),
    selection=marks,
    verb=st.sampled_from(sorted(ADDRESS_ACTS)),
    events=meanwhile,
)
def test_blocked_addresses(
    world: tuple[Store, Store, list[int]],
    sort: Sort,
    by: str,
    selection: Selection,
    verb: str,
    events: list[tuple[str | EventType, int]],
) -> None:
    store, other, ids = world
    view = BlockedView(store)
    groups = blocked_groups(store, by) if by else ()
    view.build(sort, (by, groups[0].value) if groups else None)
    shown = {row.id for row in view.page(0, 99)}
    stir(other, ids, events)
    before = held(store)
    chosen = set(view.resolve(selection))
    assert chosen <= shown
    keys = {key for (key,) in store.among("SELECT key FROM address WHERE id IN ({})", list(chosen))}
    theirs = {id_ for (id_,) in store.among("SELECT id FROM recipient WHERE address_key IN ({})", list(keys))}
    change = ADDRESS_ACTS[verb](store, sorted(chosen), ANN)
    assert touched(store, before) <= rows_of(store, theirs) | {("address", id_) for id_ in chosen}
    if change.journal_id is not None:
        undo(store, ANN, NOW)
        assert touched(store, before) == set()
    view.close()
    take_back(other, BO)
