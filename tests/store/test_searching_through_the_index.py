"""Whoever is found by reading everything is found through the index, too, whatever was changed since it was made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import searching
from store.actions.contacts import index_contacts
from store.actions.imports import import_recipients
from store.asking import RecipientFilter, Sort
from store.database import Store, open_store
from store.journal import Operator
from store.queries import view as view_module
from store.queries.view import RecipientView
from store.recompute import differences
from store.searching import index_new, narrowing
from store.vocabulary import Delivery, State
from tests.store.building import Builder

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
WHO = Operator("ann", "desk")
TERMS = [
    "lange",
    "LANGE",
    "zoe",
    "grün",
    "x",
    "le",
    "old",
    "bücher",
    "xn--bcher",
    "100%",
    "a_b",
    "lange old",
    "gmb werf",
    'a"b',
    "*",
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "aftersend.db")) as store:
        yield store


def ids(store: Store, wanted: RecipientFilter, sort: Sort) -> list[int]:
    with closing(RecipientView(store)) as view:
        view.build(wanted, sort)
        return [row.id for row in view.page(0, 1000)]


def ids_read_through(store: Store, wanted: RecipientFilter, sort: Sort) -> list[int]:
    """Search by reading everything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view_module, "TRIGRAMS", "none")
        return ids(store, wanted, sort)


def found(store: Store, text: str, campaign: int | None = 1) -> list[int]:
    return ids(store, RecipientFilter(campaign, text=text), Sort())


def read_through(store: Store, text: str, campaign: int | None = 1) -> list[int]:
    return ids_read_through(store, RecipientFilter(campaign, text=text), Sort())


def check(store: Store) -> None:
    for term in TERMS:
        for campaign in (1, 2, None):
            assert found(store, term, campaign) == read_through(store, term, campaign), term


def people(build: Builder, campaign: int) -> list[int]:
    return [
        build.contact("ida@lange.example", "Ida Krüger", "Werft GmbH"),
        build.contact("bo@shop.example", "Bo Lange", "100% Lange"),
        build.contact("zoe@bücher.example", "Zoé Grün", "a_b"),
        build.contact("axb@shop.example", "", "Lange & Söhne"),
    ]


def test_each_state_of_the_index_finds_the_same(store: Store) -> None:
    build = Builder(store)
    first, second = build.campaign("Spring"), build.campaign("Autumn")
    contacts = people(build, first)
    for contact in contacts:
        build.recipient(first, contact)
    build.recipient(second, contacts[0], "ida@old.example")
    build.recipient(second, contacts[3], "lange@old.example")
    build.count()
    check(store)
    assert index_new(store) == 4
    assert store.rows("SELECT id FROM elsewhere ORDER BY id") == [(3,), (5,), (6,)]
    check(store)
    for contact in people(build, second):
        build.recipient(second, contact)
    check(store)
    assert index_new(store) == 4
    assert index_new(store) == 0
    check(store)


def test_changed_contacts_and_ids_that_are_given_anew_are_found(store: Store) -> None:
    build = Builder(store)
    first = build.campaign("Spring")
    contacts = people(build, first)
    ids = [build.recipient(first, contact) for contact in contacts]
    build.count()
    index_new(store)
    store.run(lambda: store.execute("UPDATE contact SET name = 'Old Name', email = '' WHERE id = ?", (contacts[1],)))
    store.run(lambda: index_contacts(store, [contacts[1]]))
    check(store)
    assert found(store, "bo@shop") == [ids[1]]
    store.run(lambda: store.execute("DELETE FROM recipient WHERE id = ?", (ids[-1],)))
    store.run(lambda: store.execute("DELETE FROM contact_search WHERE contact_id = ?", (contacts[-1],)))
    store.run(lambda: store.execute("DELETE FROM contact WHERE id = ?", (contacts[-1],)))
    check(store)
    again = build.contact("cy@harbour.example", "Cy Old")
    assert build.recipient(first, again, "cy@lange.example") == ids[-1]
    check(store)
    assert found(store, "lange") == [ids[0], ids[1], ids[-1]]
    store.run(lambda: store.execute("UPDATE recipient SET address_key = 'x@old.example' WHERE id = ?", (ids[0],)))
    check(store)
    assert found(store, "x@old") == [ids[0]]


def test_what_many_have_is_found_by_reading(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Builder(store)
    first = build.campaign("Spring")
    for contact in people(build, first):
        build.recipient(first, contact)
    build.count()
    index_new(store)
    monkeypatch.setattr(searching, "_FEWEST", 1)
    with closing(store.connection()) as connection:
        assert narrowing(connection, ["lange"]) is None
        assert narrowing(connection, ["zo"]) is None
        assert narrowing(connection, ["a_b"]) is None
        assert narrowing(connection, ["werft"]) == '"wer" AND "erf" AND "rft"'
        assert narrowing(connection, ["krug", "ft"]) == '"kru" AND "rug"'
    check(store)


def test_only_what_is_rare_is_looked_up(store: Store) -> None:
    build = Builder(store)
    first = build.campaign("Spring")
    for number in range(60):
        build.recipient(first, build.contact(f"a{number}@firma{number}.example"))
    build.count()
    index_new(store)
    with closing(store.connection()) as connection:
        assert narrowing(connection, ["firma57."]) == '"57." AND "a57"'
        assert narrowing(connection, ["firma"]) == '"fir" AND "irm" AND "rma"'
    assert found(store, "firma57.") == [58]
    assert len(found(store, "firma")) == 60


def test_a_search_is_narrowed_and_sorted_as_without_the_index(store: Store) -> None:
    build = Builder(store)
    first, second = build.campaign("Spring"), build.campaign("Autumn")
    people(build, first)
    contacts = people(build, first)
    deliveries = [Delivery.DELIVERED, Delivery.READY, Delivery.DELIVERED, Delivery.SENT]
    for contact, delivery in zip(contacts, deliveries, strict=True):
        build.recipient(first, contact, delivery=delivery.code)
    for campaign in (first, second, first):
        build.recipient(campaign, contacts[1], occurrence=campaign + len(found(store, "", None)))
    build.count()
    index_new(store)
    for wanted in (
        RecipientFilter(first, text="lange"),
        RecipientFilter(second, text="lange"),
        RecipientFilter(None, text="lange"),
        RecipientFilter(first, text="lange", states=frozenset({State.DELIVERED})),
        RecipientFilter(None, text="lange", states=frozenset({State.DELIVERED})),
        RecipientFilter(first, text="lange", without=("gmb",)),
        RecipientFilter(first, text="lange", company="Werft GmbH"),
    ):
        for sort in (Sort(), Sort(reverse=True), Sort("name"), Sort("opened"), Sort("state", reverse=True)):
            assert ids(store, wanted, sort) == ids_read_through(store, wanted, sort), (wanted, sort)


def test_a_store_without_the_module_is_searched_by_reading(store: Store) -> None:
    build = Builder(store)
    build.recipient(build.campaign("Spring"), build.contact("bo@shop.example", "Bo Lange"))
    build.count()
    for trigger in ("contact_search_changed", "contact_search_gone", "contact_search_back"):
        store.execute(f"DROP TRIGGER {trigger}")
    store.run(lambda: store.execute("DROP TABLE contact_trigram"))
    assert index_new(store) == 0
    assert found(store, "lange") == [1]


LINES = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["lange", "old", "zoé", "grün", "x"]), st.sampled_from("ab")),
    min_size=1,
    max_size=6,
    unique_by=lambda line: line[0],
)


def triggers(store: Store) -> set[tuple[str, str]]:
    return {(name, sql) for name, sql in store.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")}


def test_ids_that_a_long_list_is_given_anew_are_found(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_MANY", 0)
    (tmp_path / "list.csv").write_text("email\nann@lange.example\nbo@grün.example\n", encoding="utf-8")
    import_recipients(store, tmp_path / "list.csv", "Spring", WHO, NOW)
    index_new(store)
    before = triggers(store)
    for table in ("recipient", "contact_search", "contact"):
        store.run(lambda: store.execute(f"DELETE FROM {table}"))  # noqa: B023
    (tmp_path / "list.csv").write_text("email\nzoe@old.example\ncy@lange.example\nxi@shop.example\n", encoding="utf-8")
    import_recipients(store, tmp_path / "list.csv", "Spring", WHO, NOW)
    check(store)
    index_new(store)
    check(store)
    assert triggers(store) == before
    assert len(found(store, "lange")) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    many=st.sampled_from([0, 5000]),
    lists=st.lists(st.tuples(LINES, st.sampled_from(["Spring", "Autumn"]), st.booleans()), min_size=1, max_size=4),
)
def test_lists_that_move_and_rename_people(
    tmp_path: Path, many: int, lists: list[tuple[list[tuple[int, str, str]], str, bool]]
) -> None:
    for old in tmp_path.glob("s.db*"):
        old.unlink()
    with closing(open_store(tmp_path / "s.db")) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "_MANY", many)
        before = triggers(store)
        for lines, campaign, index in lists:
            rows = "".join(f"{n},{word} {n},{word}{letter}{n}@{word}.example\n" for n, word, letter in lines)
            (tmp_path / "list.csv").write_text(f"id,name,email\n{rows}", encoding="utf-8")
            import_recipients(store, tmp_path / "list.csv", campaign, WHO, NOW)
            if index:
                index_new(store)
            check(store)
            assert list(differences(store)) == []
        assert triggers(store) == before


HARD_TEXT = st.text(alphabet="abA\"'*:^-+(){} .%_ß\u0130\u017fΣςÅ\u0301\U0001d400ﬁ", min_size=1, max_size=9)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(HARD_TEXT, min_size=1, max_size=5), terms=st.lists(HARD_TEXT, min_size=1, max_size=5))
def test_whatever_is_asked_for_is_found_as_by_reading(tmp_path: Path, names: list[str], terms: list[str]) -> None:
    for old in tmp_path.glob("s.db*"):
        old.unlink()
    with closing(open_store(tmp_path / "s.db")) as store:
        build = Builder(store)
        first = build.campaign("Spring")
        for number, name in enumerate(names):
            build.recipient(first, build.contact(f"{number}@shop.example", name))
        build.count()
        index_new(store)
        for text in (*terms, *(name[:4] for name in names), *(name[-3:] for name in names)):
            assert found(store, text) == read_through(store, text), text
