"""The view over the tables gives what a plain Python model of filters and orders gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.addresses import address_key, search_fold
from store.asking import RecipientFilter, Selection, Sort
from store.database import Store, open_store
from store.queries import view as view_module
from store.queries.ordering import SORT_COLUMNS
from store.queries.recipients import RecipientView, count_states, stream
from store.rows import RecipientRow
from store.vocabulary import FAILED_DELIVERY, BounceKind, Delivery, SkipReason, State, Triage
from tests.store.building import BASE, Builder

NAMES = ["Anna Berg", "Zoé Grün", "", "100% Öl_AG", "[b]Bo[/b]", "Jürgen Straße", "anna berg"]
COMPANIES = ["", "Nord GmbH", "Süd & Söhne", "nord_ost"]
DOMAINS = ["x.example", "müller.example", "GMAIL.com"]
WORDS = ["anna", "BERG", "zoe", "grün", "nord", "_", "%", "example", "old", "ö", "gmail.com", "nobody", "2"]


def seeded(store: Store) -> None:
    """Fill two campaigns with 60 recipients of every sort."""
    build = Builder(store)
    campaigns = [build.campaign("Spring"), build.campaign("Autumn")]
    lists = [build.insert("mail_list", kind=1, name="VIP", note="", created_at=BASE, created_by="ann")]
    links = [build.link(campaigns[0], "https://a.example/"), build.link(campaigns[0], "https://b.example/")]
    deliveries = list(Delivery)
    for n in range(30):
        email = f"p{n}@{DOMAINS[n % 3]}"
        contact = build.contact(email, NAMES[n % 7], COMPANIES[n % 4], responsible=["", "kim", "Lee"][n % 3])
        for campaign in campaigns:
            delivery = deliveries[(n + campaign * 3) % len(deliveries)]
            failed = delivery in FAILED_DELIVERY
            skipped = delivery is Delivery.SKIPPED
            id_ = build.recipient(
                campaign,
                contact,
                f"old{n}@{DOMAINS[n % 3]}" if n % 5 == 0 else email,
                delivery=delivery.code,
                engagement=[0, 10, 20, 30][n % 4],
                skip_reason=[SkipReason.BLOCKED, SkipReason.NO_CONSENT][n % 2].code if skipped else None,
                bounce_kind=[BounceKind.HARD, BounceKind.SOFT, BounceKind.BLOCK][n % 3].code if failed else None,
                bounced_at=BASE + n % 4 if failed else None,
                reason=["userunknown", None][n % 2] if failed else None,
                triage=[1, 2, 3][n % 3] if failed else 0,
                sent_at=BASE + n % 6 if n % 4 else None,
                opened_at=BASE + n % 3 if n % 4 == 2 else None,
                clicked_at=BASE + n % 2 if n % 4 == 3 else None,
                clicks=n % 3,
                unsubscribed_at=BASE if n % 11 == 0 else None,
                complained_at=BASE if n % 13 == 0 else None,
            )
            if campaign == campaigns[0] and n % 3 == 0:
                build.click(links[n % 2], id_, clicks=n % 2 + (n % 6 == 0), machine=1)
            if n % 4 == 1 and campaign == campaigns[1]:
                build.insert("list_member", list_id=lists[0], contact_id=contact, recipient_id=id_)
        if n % 7 == 0:
            build.address(f"old{n}@{DOMAINS[n % 3]}" if n % 5 == 0 else email, blocked_at=BASE if n % 2 else None)
    build.count()
    build.analyse()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, RecipientView, list[RecipientRow]]]:
    store = open_store(tmp_path_factory.mktemp("view") / "s.db")
    seeded(store)
    view = RecipientView(store)
    view.build(RecipientFilter(), Sort())
    rows = list(view.page(0, 1000))
    assert len(rows) == 60
    yield store, view, rows
    view.close()
    store.close()


STATES: dict[State, Callable[[RecipientRow], bool]] = {
    State.READY: lambda r: r.delivery is Delivery.READY,
    State.SKIPPED: lambda r: r.delivery is Delivery.SKIPPED,
    State.SENT: lambda r: r.delivery not in {Delivery.READY, Delivery.SKIPPED},
    State.DEFERRED: lambda r: r.delivery is Delivery.DEFERRED,
    State.DELIVERED: lambda r: r.delivery is Delivery.DELIVERED,
    State.UNREAD: lambda r: r.delivery is Delivery.DELIVERED and not (r.opened_at or r.clicked_at),
    State.READ: lambda r: bool(r.opened_at or r.clicked_at),
    State.CLICKED: lambda r: r.clicked_at is not None,
    State.BOUNCED: lambda r: r.delivery in FAILED_DELIVERY,
    State.HARD: lambda r: r.delivery in FAILED_DELIVERY and r.bounce_kind is BounceKind.HARD,
    State.SOFT: lambda r: r.delivery in FAILED_DELIVERY and r.bounce_kind is BounceKind.SOFT,
    State.OPEN: lambda r: r.triage in {Triage.OPEN, Triage.LATER},
    State.BLOCKED: lambda r: r.blocked or (r.delivery is Delivery.SKIPPED and r.skip_reason is SkipReason.BLOCKED),
    State.UNSUBSCRIBED: lambda r: r.unsubscribed_at is not None,
    State.COMPLAINED: lambda r: r.complained_at is not None,
}
KEYS: dict[str, Callable[[RecipientRow], Any]] = {
    "plan": lambda r: 0,
    "name": lambda r: search_fold(r.name or r.contact_address),
    "address": lambda r: address_key(r.address),
    "company": lambda r: search_fold(r.company) or None,
    "state": lambda r: (r.delivery.code, r.engagement.code),
    "reason": lambda r: r.reason or (r.skip_reason if r.delivery is Delivery.SKIPPED else None),
    "responsible": lambda r: r.responsible.lower() or None,
    "sent": lambda r: r.sent_at,
    "bounced": lambda r: r.bounced_at,
    "opened": lambda r: r.opened_at,
    "clicked": lambda r: r.clicked_at,
}


def contains(row: RecipientRow, word: str) -> bool:
    term = search_fold(word)
    return term in search_fold(f"{row.name} {row.contact_address} {row.company}") or term in address_key(row.address)


def expected(store: Store, rows: list[RecipientRow], wanted: RecipientFilter, sort: Sort) -> list[int]:
    found = [row for row in rows if wanted.campaign_id in {None, row.campaign_id}]
    if wanted.states:
        found = [row for row in found if any(STATES[state](row) for state in wanted.states)]
    found = [row for row in found if all(contains(row, word) for word in wanted.text.split())]
    found = [row for row in found if not any(contains(row, word) for word in wanted.without)]
    for table, column, value, more in (
        ("clicker", "link_id", wanted.link_id, " AND clicks > 0"),
        ("list_member", "list_id", wanted.list_id, ""),
    ):
        if value is not None:
            ids = {i for (i,) in store.rows(f"SELECT recipient_id FROM {table} WHERE {column} = ?{more}", (value,))}
            found = [row for row in found if row.id in ids]
    valued = [row for row in found if KEYS[sort.column](row) is not None]
    without = [row for row in found if KEYS[sort.column](row) is None]
    valued.sort(key=lambda row: (KEYS[sort.column](row), row.id), reverse=sort.reverse)
    without.sort(key=lambda row: row.id, reverse=sort.reverse)
    return [row.id for row in valued + without]


filters = st.builds(
    RecipientFilter,
    campaign_id=st.sampled_from([None, 1, 2, 1, 99]),
    states=st.frozensets(st.sampled_from(list(State)), max_size=3),
    text=st.lists(st.sampled_from(WORDS), max_size=2).map(" ".join),
    without=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    link_id=st.sampled_from([None, None, 1, 2]),
    list_id=st.sampled_from([None, None, None, 1]),
)
sorts = st.builds(Sort, st.sampled_from(SORT_COLUMNS), st.booleans())
World = tuple[Store, RecipientView, list[RecipientRow]]


@settings(max_examples=250, deadline=None)
@given(wanted=filters, sort=sorts, offset=st.integers(0, 70), limit=st.integers(1, 70))
def test_pages_and_positions_agree_with_the_model(
    world: World, wanted: RecipientFilter, sort: Sort, offset: int, limit: int
) -> None:
    store, view, rows = world
    ids = expected(store, rows, wanted, sort)
    assert view.build(wanted, sort) == view.total == len(ids)
    assert [row.id for row in view.page(offset, limit)] == ids[offset : offset + limit]
    assert [view.position(id_) for id_ in ids] == list(range(len(ids)))
    assert [view.id_at(position) for position in range(len(ids))] == ids
    assert view.id_at(len(ids)) is None
    assert view.position(10_000) is None
    first = view.first(wanted, sort, limit)
    assert [row.id for row in first.rows] == ids[:limit]
    assert len(first.rows) <= first.total <= max(len(ids), len(first.rows))


@settings(max_examples=250, deadline=None)
@given(wanted=filters, sort=sorts, limit=st.integers(1, 20), quick=st.integers(1, 10))
def test_the_first_rows_of_large_campaigns_are_those_at_the_front(
    world: World, wanted: RecipientFilter, sort: Sort, limit: int, quick: int
) -> None:
    store, window, rows = world
    ids = expected(store, rows, wanted, sort)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view_module, "QUICK", quick)
        first = window.first(wanted, sort, limit)
    assert [row.id for row in first.rows] == ids[: len(first.rows)]
    assert len(first.rows) <= min(limit, len(ids))
    if sort.column == "plan" and not wanted.text and not wanted.without:
        assert len(first.rows) == min(limit, len(ids))


@settings(max_examples=100, deadline=None)
@given(
    wanted=filters,
    marked=st.frozensets(st.integers(1, 60)),
    inverted=st.booleans(),
    ends=st.tuples(*[st.integers(0, 60)] * 2),
)
def test_marks_resolve_to_shown_rows_in_order(
    world: World, wanted: RecipientFilter, marked: frozenset[int], inverted: bool, ends: tuple[int, int]
) -> None:
    store, view, rows = world
    sort = Sort("name", True)
    ids = expected(store, rows, wanted, sort)
    view.build(wanted, sort)
    chosen = [id_ for id_ in ids if (id_ in marked) is not inverted]
    assert view.resolve(Selection(marked, inverted)) == chosen
    assert view.resolve(Selection(marked, inverted), 3) == chosen[:3]
    assert view.ids_between(*ends) == frozenset(ids[min(ends) : max(ends) + 1])


@settings(max_examples=100, deadline=None)
@given(
    wanted=filters, text=st.lists(st.sampled_from(WORDS), max_size=2), start=st.integers(0, 60), forward=st.booleans()
)
def test_next_and_previous_find_the_nearest_row(
    world: World, wanted: RecipientFilter, text: list[str], start: int, forward: bool
) -> None:
    store, view, rows = world
    sort = Sort("company")
    ids = expected(store, rows, wanted, sort)
    view.build(wanted, sort)
    by_id = {row.id: row for row in rows}
    hits = [n for n, id_ in enumerate(ids) if text and all(contains(by_id[id_], word) for word in text)]
    nearest = (
        min((n for n in hits if n >= start), default=None)
        if forward
        else max((n for n in hits if n <= start), default=None)
    )
    assert view.find(" ".join(text), start, forward) == nearest


@settings(max_examples=60, deadline=None)
@given(wanted=filters)
def test_states_are_counted_as_the_filter_finds_them(world: World, wanted: RecipientFilter) -> None:
    store, _, rows = world
    every = RecipientFilter(
        wanted.campaign_id, frozenset(), wanted.text, wanted.without, wanted.link_id, wanted.list_id
    )
    fitting = set(expected(store, rows, every, Sort()))
    counted = count_states(store, wanted)
    assert counted == {state: sum(test(r) for r in rows if r.id in fitting) for state, test in STATES.items()}
    assert list(counted) == list(State)


def test_a_stream_has_the_order_of_the_view(world: World) -> None:
    store, view, _ = world
    wanted, sort = RecipientFilter(1), Sort("bounced", True)
    view.build(wanted, sort)
    assert tuple(stream(store, wanted, sort)) == view.page(0, 100)


def test_the_search_ignores_accents_and_takes_wildcards_as_they_are_written(tmp_path: Path) -> None:
    store = open_store(tmp_path / "s.db")
    build = Builder(store)
    campaign = build.campaign("Spring")
    ids = [
        build.recipient(campaign, build.contact(f"p{n}@x.example", name))
        for n, name in enumerate(["Zoé Grün", "100% sure", "a_b", "axb", "\U0001f600"])
    ]
    build.count()
    for text, hits in (
        ("ZOE", [0]),
        ("zoé grun", [0]),
        ("100%", [1]),
        ("a_b", [2]),
        ("\ud800", []),
        ("x" * 60_000, []),
    ):
        found = [row.id for row in stream(store, RecipientFilter(campaign, text=text))]
        assert found == [ids[hit] for hit in hits], text
    store.close()
