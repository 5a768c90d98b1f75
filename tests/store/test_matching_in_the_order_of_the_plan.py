"""Where mail goes out in the order of the plan its recipients are expected; who is found is the same as ever."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from store.actions.imports import import_recipients
from store.database import Store
from store.feeds.record import Record
from store.journal import Operator
from store.matching import Matcher
from store.vocabulary import EventType, Source

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
WHO = Operator("ann", "desk")
BASE = 1_772_438_400_000
MANY, PART = 3000, 400


def planned(store: Store, folder: Path) -> dict[tuple[str, str], int]:
    """Plan two campaigns to the same people, one of whom stands in the list twice; return the first row of each."""
    path = folder / "list.csv"
    people = [f"p{number:04}@x{number % 7}.example" for number in random.Random(3).sample(range(MANY), MANY)]
    path.write_text("E-mail\n" + "".join(f"{one}\n" for one in [*people, people[5]]), encoding="utf-8")
    for name in ("Spring", "Autumn"):
        import_recipients(store, path, name, WHO, NOW)
    sql = (
        "SELECT p.key, r.address_key, min(r.id) FROM recipient AS r JOIN campaign AS p ON p.id = r.campaign_id"
        " GROUP BY p.key, r.address_key"
    )
    return {(key, address): id_ for key, address, id_ in store.rows(sql)}


def records(keys: list[tuple[str, str]]) -> list[Record]:
    return [Record(EventType.SENT, BASE, address, Source.EVENTS, campaign=key) for key, address in keys]


def found(matcher: Matcher, asked: list[tuple[str, str]]) -> list[int | None]:
    return [match.recipient_id if match else None for match in matcher.exact(records(asked))]


def lookups(store: Store, monkeypatch: pytest.MonkeyPatch, matcher: Matcher, asked: list[tuple[str, str]]) -> int:
    """Return how many values a part looks up in the index on addresses."""
    looked_up: list[int] = []
    kind = type(store)
    among = kind.among

    def watched(self: Store, sql: str, values: Sequence[Any], before: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        looked_up.append(len(values))
        return among(self, sql, values, before)

    with monkeypatch.context() as patch:
        patch.setattr(kind, "among", watched)
        found(matcher, asked)
    return sum(looked_up)


def test_everybody_is_found_in_any_order_and_in_both_campaigns(store: Store, tmp_path: Path) -> None:
    rows = planned(store, tmp_path)
    dice = random.Random(5)
    for stirred in (0, 3, 200, len(rows)):
        order = sorted(rows, key=lambda key: (rows[key], key))
        order.sort(key=lambda key: rows[key] + dice.uniform(0, stirred))
        asked = [key for pair in zip(order, order, strict=True) for key in pair]
        for number in range(0, len(asked), 50):
            asked[number] = ("spring", f"stranger{number}@x.example")
        matcher = Matcher(store)
        for first in range(0, len(asked), PART):
            some = asked[first : first + PART]
            assert found(matcher, some) == [rows.get(key) for key in some]


def test_those_who_come_next_need_no_lookup(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = planned(store, tmp_path)
    order = sorted((key for key in rows if key[0] == "spring"), key=lambda key: rows[key])
    matcher = Matcher(store)
    assert lookups(store, monkeypatch, matcher, order[:PART]) == PART
    assert lookups(store, monkeypatch, matcher, order[PART : 2 * PART]) == 0
    # From somewhere else one part is looked up again, and nothing is missed.
    assert lookups(store, monkeypatch, matcher, order[5 * PART : 6 * PART]) == PART
    assert lookups(store, monkeypatch, matcher, order[6 * PART : 7 * PART]) == 0


def test_random_recipients_are_looked_up(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = planned(store, tmp_path)
    order = random.Random(7).sample(sorted(rows), len(rows))
    matcher = Matcher(store)
    assert [lookups(store, monkeypatch, matcher, order[at : at + PART]) for at in (0, PART, 2 * PART)] == [PART] * 3


def test_who_was_taken_out_since_is_not_found(store: Store, tmp_path: Path) -> None:
    rows = planned(store, tmp_path)
    order = sorted((key for key in rows if key[0] == "spring"), key=lambda key: rows[key])
    matcher = Matcher(store)
    found(matcher, order[:PART])
    gone = order[PART + 7]
    store.execute("UPDATE recipient SET address_key = 'other@x.example' WHERE id = ?", (rows[gone],))
    assert found(matcher, order[PART : 2 * PART])[7] is None
