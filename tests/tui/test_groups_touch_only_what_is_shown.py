"""Whatever happens between looking and deciding, a decision in the inbox changes only what was shown and chosen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.actions import triage
from store.actions.undo import undo
from store.asking import Grouping, Selection
from store.database import Store, open_store
from store.errors import Refused
from store.journal import Operator
from store.queries.bounces import BounceView
from store.vocabulary import BounceKind, EventType
from tests.store.plan import happen, plan
from tui.panes.advice import Advice
from tui.panes.inbox import InboxPane
from tui.panes.inbox_rows import GroupRows, SingleRows, chosen_ids

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)
ANN, BO = Operator("ann", "desk-1"), Operator("bo", "desk-2")
WHAT = (("authfailure", BounceKind.BLOCK), ("userunknown", BounceKind.HARD), ("mailboxfull", BounceKind.SOFT))
VERBS = ("clear", "excuse", "block", "former", "delete", "later", "mark_hard", "mark_soft")
PEOPLE = 12

others = st.lists(
    st.tuples(st.sampled_from([*VERBS, "bounce"]), st.integers(0, PEOPLE + 3), st.integers(0, 2)), max_size=5
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, list[int]]:
    store = open_store(tmp_path_factory.mktemp("inbox") / "s.db")
    store.execute("PRAGMA synchronous = off")
    ids = list(plan(store, "Spring", [f"p{number}@d{number % 3}.example" for number in range(PEOPLE + 4)]).values())
    for number, id_ in enumerate(ids[:PEOPLE]):
        reason, kind = WHAT[number % 3]
        happen(store, id_, EventType.BOUNCED, number, kind, reason=reason, diagnostic=reason)
    return store, ids


def decisions(store: Store) -> dict[int, tuple[object, ...]]:
    found = store.rows("SELECT id, decision, decided_at, decided_by, override, cleared_at FROM recipient")
    return {row[0]: row[1:] for row in found}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    by=st.sampled_from(list(Grouping)),
    rows=st.sets(st.integers(0, PEOPLE - 1), max_size=4),
    inverted=st.booleans(),
    verb=st.sampled_from(VERBS),
    meanwhile=others,
)
def test_only_what_was_shown_and_chosen_is_decided(
    world: tuple[Store, list[int]],
    by: Grouping,
    rows: set[int],
    inverted: bool,
    verb: str,
    meanwhile: list[tuple[str, int, int]],
) -> None:
    store, ids = world
    view = BounceView(store)
    view.build(None, by)
    advice = Advice(InboxPane(None))
    source = SingleRows(view, None, advice) if by is Grouping.NONE else GroupRows(view, advice)
    shown = source.page(0, PEOPLE + 9)
    marked = {row.id for number, row in enumerate(shown) if number in rows}
    chosen = {row.id for row in shown if (row.id in marked) != inverted}
    allowed = chosen
    if by is not Grouping.NONE:
        members = {
            number: set(view.ids_between(first, first + count - 1))
            for number in chosen
            for first, count in [view.span(number)]
        }
        allowed = set().union(*members.values()) if members else set()
    for other, at, what in meanwhile:
        if other == "bounce":
            reason, kind = WHAT[what]
            happen(store, ids[at], EventType.BOUNCED, 50, kind, reason=reason, diagnostic=reason)
        else:
            getattr(triage, other)(store, [ids[at]], BO, NOW)
    before = decisions(store)
    picked = chosen_ids(view, source, Selection(frozenset(marked), inverted))
    assert set(picked) <= allowed
    change = getattr(triage, verb)(store, picked, ANN, NOW)
    after = decisions(store)
    assert {id_ for id_ in after if after[id_] != before[id_]} <= allowed
    if change.journal_id is not None:
        undo(store, ANN, NOW)
        assert decisions(store) == before
    view.close()
    while True:
        try:
            undo(store, BO, NOW)
        except Refused:
            break
