"""The fold: any order, repetition or batching of events gives the same row, and SQL gives what Python gives."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import derive
from store.actions import triage
from store.database import Store, open_store
from store.feeds.record import Record
from store.fold import Marks, fold
from store.journal import Operator
from store.landing import event_row, insert_events
from store.matching import Match
from store.vocabulary import Actor, Attribution, BounceKind, Decision, Delivery, Engagement, EventType, Source, Triage

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
BASE = 1_772_000_000_000
WHO = Operator("ann", "desk")

records = st.builds(
    Record,
    type=st.sampled_from(list(EventType)),
    ts=st.integers(0, 12).map(lambda step: BASE + step * 700),
    address=st.sampled_from(["a@x.example", "other@y.example"]),
    source=st.sampled_from([Source.POSTFIX, Source.BOUNCE_MAIL, Source.EVENTS]),
    message_id=st.sampled_from([None, "m1", "m2"]),
    status=st.sampled_from([None, "5.1.1", "4.2.2"]),
    reason=st.sampled_from([None, "userunknown"]),
    kind=st.sampled_from([None, *BounceKind]),
    expired=st.booleans(),
    actor=st.sampled_from(list(Actor)),
).map(lambda record: replace(record, identity=repr(record)))
one_message = records.map(lambda r: replace(r, message_id=None, address="a@x.example", identity=f"one {r.identity}"))


def store_with_one_recipient(path: Path) -> Store:
    store = open_store(path)

    def fill() -> None:
        store.execute(
            "INSERT INTO campaign (id, name, key, subject, keyed, created_at) VALUES (1, 'c', 'c', '', FALSE, 0)"
        )
        store.execute(
            "INSERT INTO contact (id, ident, email, email_key, name, company, language, responsible, former, sort_key,"
            " company_key, created_at, updated_at) VALUES (1, 'mail:a@x.example', 'a@x.example', 'a@x.example', '',"
            " '', '', '', FALSE, '', '', 0, 0)"
        )
        store.execute(
            "INSERT INTO recipient (id, campaign_id, contact_id, address, address_key, occurrence, delivery,"
            " engagement, triage, partly, clicks) VALUES (1, 1, 1, 'a@x.example', 'a@x.example', 0, 0, 0, 0, FALSE, 0)"
        )
        derive.recount(store, 1)

    store.run(fill)
    return store


def empty(store: Store) -> None:
    def wipe() -> None:
        for table in ("event", "clicker", "address", "journal", "journal_line", "mail_list", "list_member"):
            store.execute(f"DELETE FROM {table}")
        store.execute("UPDATE contact SET email = 'a@x.example', email_key = 'a@x.example'")
        store.execute(
            "UPDATE recipient SET delivery = 0, engagement = 0, triage = 0, partly = FALSE, clicks = 0, "
            + ", ".join(f"{c} = NULL" for c in NULLABLE)
        )
        store.execute("UPDATE campaign SET started_at = NULL, ended_at = NULL")
        derive.recount(store, 1)

    store.run(wipe)


NULLABLE = (
    "bounce_kind reason status reply sent_at deferred_at delivered_at bounced_at failed_at opened_at machine_opened_at"
    " clicked_at machine_clicked_at engaged_at replied_at complained_at unsubscribed_at outcome_min outcome_max"
    " override override_at cleared_at decision decided_at decided_by"
).split()


def put(store: Store, batch: list[Record]) -> None:
    match = Match(1, 1, "a@x.example", Attribution.EXACT)
    store.run(lambda: insert_events(store, [event_row(record, match, None, None) for record in batch]))


def row(store: Store) -> dict[str, object]:
    columns = ["delivery", "engagement", "triage", "partly", "clicks", *NULLABLE]
    found = store.row(f"SELECT {', '.join(columns)} FROM recipient WHERE id = 1")
    assert found
    return dict(zip(columns, found, strict=True))


def by_python(store: Store) -> dict[str, object]:
    now = row(store)
    marks = Marks(
        override=BounceKind.of(int(str(now["override"]))) if now["override"] else None,
        override_at=now["override_at"],  # type: ignore[arg-type]
        cleared_at=now["cleared_at"],  # type: ignore[arg-type]
        decision=Decision.of(int(str(now["decision"]))) if now["decision"] else None,
        decided_at=now["decided_at"],  # type: ignore[arg-type]
    )
    state = fold(derive.happenings(store, 1), marks)
    columns = ["delivery", "engagement", "triage", "bounce_kind"]
    folded: dict[str, object] = {name: getattr(state, name) for name in set(now) & set(state.__slots__)}
    for name in columns:
        word = getattr(state, name)
        folded[name] = word.code if word is not None else None
    folded["partly"] = int(state.partly)
    return folded


def agrees(store: Store) -> None:
    in_sql, in_python = row(store), by_python(store)
    assert {name: in_sql[name] for name in in_python} == in_python
    counted = store.rows("SELECT delivery, triage, n FROM campaign_stat")
    assert counted == [(in_sql["delivery"], in_sql["triage"], 1)]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=st.lists(records, max_size=9), seed=st.integers(0, 99))
def test_any_order_repetition_and_batching_gives_the_same_row(
    tmp_path_factory: object, events: list[Record], seed: int
) -> None:
    store = shared(tmp_path_factory)
    empty(store)
    put(store, events)
    first = row(store)
    agrees(store)
    chance = random.Random(seed)
    again = [*events, *events[: len(events) // 2]]
    chance.shuffle(again)
    empty(store)
    while again:
        size = chance.randint(1, len(again))
        put(store, again[:size])
        agrees(store)
        again = again[size:]
    assert row(store) == first


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=st.lists(one_message, max_size=5),
    verbs=st.lists(st.sampled_from(["mark_hard", "mark_soft", "clear", "excuse", "later", "delete"]), max_size=3),
    after=st.lists(records, max_size=4),
)
def test_marks_and_events_together_give_what_the_fold_gives(
    tmp_path_factory: object, before: list[Record], verbs: list[str], after: list[Record]
) -> None:
    store = shared(tmp_path_factory)
    empty(store)
    put(store, before)
    for step, verb in enumerate(verbs):
        now = datetime.fromtimestamp((BASE + 3000 + step * 1500) / 1000, UTC)
        getattr(triage, verb)(store, [1], WHO, now)
        agrees(store)
    put(store, after)
    agrees(store)


_stores: dict[str, Store] = {}


def shared(factory: object) -> Store:
    if "one" not in _stores:
        path = factory.mktemp("fold") / "s.db"  # type: ignore[attr-defined]
        _stores["one"] = store_with_one_recipient(path)
    return _stores["one"]


def event(type_: EventType, step: int, **more: object) -> Record:
    base = Record(type=type_, ts=BASE + step * 10_000, address="a@x.example", source=Source.POSTFIX, message_id="m1")
    return replace(base, **more)  # type: ignore[arg-type]


def test_a_late_bounce_wins_over_the_delivery_and_a_late_deferral_does_not(tmp_path: Path) -> None:
    store = store_with_one_recipient(tmp_path / "s.db")
    put(store, [event(EventType.DELIVERED, 1)])
    put(store, [event(EventType.DEFERRED, 5)])
    assert row(store)["delivery"] == Delivery.DELIVERED.code
    put(store, [event(EventType.BOUNCED, 3, kind=BounceKind.HARD)])
    assert row(store)["delivery"] == Delivery.BOUNCED.code
    assert row(store)["triage"] == Triage.OPEN.code


def test_a_person_who_opens_after_the_bounce_proves_it_false(tmp_path: Path) -> None:
    store = store_with_one_recipient(tmp_path / "s.db")
    put(store, [event(EventType.BOUNCED, 1, kind=BounceKind.HARD)])
    assert store.row("SELECT blocked_at IS NOT NULL FROM address") == (1,)
    put(store, [event(EventType.OPENED, 2, actor=Actor.HUMAN)])
    assert row(store)["delivery"] == Delivery.DELIVERED.code
    assert store.row("SELECT blocked_at FROM address") == (None,)


def test_a_machine_that_opens_after_the_bounce_proves_nothing(tmp_path: Path) -> None:
    store = store_with_one_recipient(tmp_path / "s.db")
    put(store, [event(EventType.BOUNCED, 1), event(EventType.OPENED, 2, actor=Actor.MACHINE)])
    assert row(store)["delivery"] == Delivery.BOUNCED.code


def test_an_alias_with_one_living_target_is_delivered_in_part(tmp_path: Path) -> None:
    store = store_with_one_recipient(tmp_path / "s.db")
    put(
        store,
        [
            event(EventType.DELIVERED, 1, address="bob@y.example"),
            event(EventType.BOUNCED, 2, address="gone@y.example", kind=BounceKind.HARD),
        ],
    )
    assert row(store)["delivery"] == Delivery.DELIVERED.code
    assert row(store)["partly"] == 1
    assert store.row("SELECT count(*) FROM address WHERE blocked_at IS NOT NULL") == (0,)


def test_reasons_that_lie_with_us_never_count_against_a_person(tmp_path: Path) -> None:
    store = store_with_one_recipient(tmp_path / "s.db")
    put(store, [event(EventType.BOUNCED, 1, kind=BounceKind.BLOCK)])
    assert store.row("SELECT consecutive, blocked_at FROM address") == (0, None)


def excused(store: Store, step: int) -> None:
    triage.excuse(store, [1], WHO, datetime.fromtimestamp((BASE + step * 10_000) / 1000, UTC))


def test_an_excused_failure_stays_one_and_counts_for_nothing(tmp_path: Path) -> None:
    store = store_with_one_recipient(tmp_path / "s.db")
    put(store, [event(EventType.BOUNCED, 1, kind=BounceKind.HARD)])
    excused(store, 2)
    assert (row(store)["delivery"], row(store)["triage"]) == (Delivery.BOUNCED.code, Triage.DONE.code)
    assert store.row("SELECT consecutive, blocked_at FROM address") == (0, None)


@pytest.mark.parametrize("message", ["m1", "m2"])
def test_a_failure_after_the_excuse_is_the_one_that_counts_whatever_its_kind(tmp_path: Path, message: str) -> None:
    store = store_with_one_recipient(tmp_path / "s.db")
    put(store, [event(EventType.BOUNCED, 1, kind=BounceKind.HARD)])
    excused(store, 2)
    put(store, [event(EventType.BOUNCED, 3, kind=BounceKind.SOFT, message_id=message)])
    assert (row(store)["bounce_kind"], row(store)["triage"]) == (BounceKind.SOFT.code, Triage.OPEN.code)
    assert store.row("SELECT consecutive, blocked_at FROM address") == (1, None)
    agrees(store)


def test_an_automatic_answer_proves_that_it_was_sent_and_no_more(tmp_path: Path) -> None:
    store = store_with_one_recipient(tmp_path / "s.db")
    put(store, [event(EventType.AUTOREPLIED, 3)])
    agrees(store)
    assert (row(store)["delivery"], row(store)["engagement"]) == (Delivery.SENT.code, Engagement.NONE.code)
    assert store.row("SELECT started_at, ended_at FROM campaign") == (None, None)
    put(store, [event(EventType.BOUNCED, 1, kind=BounceKind.HARD)])
    agrees(store)
    assert row(store)["delivery"] == Delivery.BOUNCED.code
