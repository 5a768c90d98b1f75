"""The view while others write, when it is broken off, and what its texts look like."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from store.asking import RecipientFilter, Selection, Sort
from store.database import Store
from store.errors import BadInput
from store.queries import view as view_module
from store.queries.recipients import Interrupted, RecipientView, stream
from store.vocabulary import BounceKind, Delivery, Engagement, SkipReason, State
from tests.store.building import BASE, Builder

HOSTILE = "\x1b]0;pwn\x07[red]Bo[/zz]\u202e\x9b2J"


@pytest.fixture
def build(store: Store) -> Builder:
    return Builder(store)


def filled(build: Builder, number: int = 10) -> int:
    campaign = build.campaign("Spring")
    for n in range(number):
        build.delivered(campaign, build.contact(f"p{n}@x.example", f"P{n}"))
    build.count()
    return campaign


def test_escape_sequences_come_out_as_pictures_and_markup_as_it_is(store: Store, build: Builder) -> None:
    campaign = build.campaign(HOSTILE)
    contact = build.contact("bo@x.example", HOSTILE, HOSTILE, language=HOSTILE, responsible=HOSTILE)
    build.recipient(campaign, contact, HOSTILE, reason=HOSTILE, status=HOSTILE)
    (row,) = stream(store, RecipientFilter(campaign))
    for text in (row.campaign, row.name, row.company, row.language, row.responsible, row.address, row.reason):
        assert text == "␛]0;pwn␇[red]Bo[/zz]\ufffd\ufffd2J"


def test_a_row_holds_what_the_tables_hold(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring")
    contact = build.contact("new@x.example", "Ann", "Nord", responsible="Kim")
    build.address("old@x.example", blocked_at=BASE)
    id_ = build.recipient(
        campaign,
        contact,
        "Old@x.example",
        delivery=Delivery.BOUNCED.code,
        engagement=Engagement.OPENED.code,
        bounce_kind=BounceKind.HARD.code,
        reason="userunknown",
        status="5.1.1",
        reply=550,
        partly=True,
        bounced_at=BASE + 120,
    )
    (row,) = stream(store, RecipientFilter(campaign))
    assert (row.id, row.address, row.contact_address, row.name, row.responsible) == (
        id_,
        "Old@x.example",
        "new@x.example",
        "Ann",
        "Kim",
    )
    assert (row.delivery, row.engagement, row.bounce_kind) == (Delivery.BOUNCED, Engagement.OPENED, BounceKind.HARD)
    assert (row.reason, row.status, row.reply, row.partly, row.blocked) == ("userunknown", "5.1.1", 550, True, True)
    assert row.bounced_at == datetime(2026, 3, 2, 8, 0, 0, 120_000, UTC)
    assert row.sent_at is None


def test_the_order_is_a_snapshot_and_the_rows_are_as_they_are_now(store: Store, build: Builder) -> None:
    campaign = filled(build)
    view = RecipientView(store)
    view.build(RecipientFilter(campaign, frozenset({State.DELIVERED})), Sort())
    store.run(lambda: store.execute("UPDATE recipient SET delivery = 60 WHERE id = 3"))
    build.delivered(campaign, build.contact("late@x.example"))
    assert [row.id for row in view.page(0, 100)] == list(range(1, 11))
    assert view.page(2, 1)[0].delivery is Delivery.BOUNCED
    assert view.build(RecipientFilter(campaign, frozenset({State.DELIVERED})), Sort()) == 10
    assert view.position(3) is None
    view.close()


def test_a_view_is_built_while_another_connection_writes(store: Store, build: Builder) -> None:
    campaign = filled(build, 300)
    ready, stop = threading.Event(), threading.Event()

    def write() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            columns = (BASE + turn, Delivery.DELIVERED.code if turn % 2 else Delivery.BOUNCED.code)
            store.run(
                lambda columns=columns: store.execute("UPDATE recipient SET opened_at = ?, delivery = ?", columns)
            )  # type: ignore[misc]
            ready.set()
        store.close()

    writer = threading.Thread(target=write)
    writer.start()
    ready.wait()
    view = RecipientView(store)
    try:
        for _ in range(30):
            total = view.build(RecipientFilter(campaign), Sort("opened"))
            assert total == 300
            assert len({row.id for row in view.page(0, 300)}) == 300
            assert view.build(RecipientFilter(campaign, frozenset({State.BOUNCED})), Sort()) in {0, 300}
    finally:
        stop.set()
        writer.join()
        view.close()


@pytest.mark.only_sqlite("interrupts by SQLite's steps")
def test_an_interrupted_view_keeps_its_old_snapshot(store: Store, build: Builder) -> None:
    campaign = filled(build)
    view = RecipientView(store)
    view.build(RecipientFilter(campaign), Sort())
    view._connection.set_progress_handler(lambda: view.interrupt(), 10)  # type: ignore[arg-type,return-value]
    with pytest.raises(Interrupted):
        view.build(RecipientFilter(campaign), Sort("company"))
    view._connection.set_progress_handler(None, 0)
    assert view.total == 10
    assert [row.id for row in view.page(0, 2)] == [1, 2]
    assert view.position(10) == 9
    assert view.build(RecipientFilter(campaign), Sort("name", True)) == 10
    assert view.id_at(0) == 10
    view.close()


@pytest.mark.only_sqlite("looks at SQLite's log")
def test_a_view_leaves_no_reading_open(store: Store, build: Builder) -> None:
    campaign = filled(build)
    view = RecipientView(store)
    view.build(RecipientFilter(campaign), Sort())
    view.first(RecipientFilter(campaign), Sort(), 5)
    busy, *_ = store.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]
    assert not busy
    view.close()


def test_before_it_is_built_a_view_is_empty(store: Store, build: Builder) -> None:
    filled(build)
    view = RecipientView(store)
    assert (view.total, view.page(0, 9), view.id_at(0), view.position(1)) == (0, (), None, None)
    assert view.resolve(Selection(inverted=True)) == []
    assert set(view.rows_of([2, 1, 77])) == {1, 2}
    view.close()


def test_an_unknown_column_is_a_sentence(store: Store, build: Builder) -> None:
    view = RecipientView(store)
    with pytest.raises(BadInput, match="colour is no column to sort by; there are plan, name"):
        view.build(RecipientFilter(), Sort("colour"))
    assert view.build(RecipientFilter(), Sort()) == 0
    view.close()


def test_the_first_page_knows_how_many_a_campaign_list_or_link_holds(store: Store, build: Builder) -> None:
    campaign = filled(build)
    link = build.link(campaign, "https://x.example/")
    build.click(link, 2)
    build.click(link, 3, clicks=0, machine=2)
    view = RecipientView(store)
    assert view.first(RecipientFilter(campaign), Sort(), 3).total == 10
    assert view.first(RecipientFilter(), Sort(), 3).total == 10
    assert view.first(RecipientFilter(campaign, frozenset({State.DELIVERED})), Sort(), 3).total == 10
    assert view.first(RecipientFilter(campaign, link_id=link), Sort(), 0).total == 1
    view.close()


def test_a_search_for_the_first_rows_looks_at_the_front_only(
    store: Store, build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_module, "QUICK", 4)
    campaign = filled(build)
    view = RecipientView(store)
    assert [row.id for row in view.first(RecipientFilter(campaign, text="p"), Sort(), 9).rows] == [1, 2, 3, 4, 5]
    assert [row.id for row in view.first(RecipientFilter(campaign, text="p"), Sort(reverse=True), 9).rows] == [
        *range(10, 5, -1)
    ]
    view.close()


def test_like_marks_rows_whose_cell_says_the_same(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring")
    nord, sued = ("Nord", "Süd")
    contacts = [build.contact(f"p{n}@x.example", "P", company) for n, company in enumerate([nord, sued, nord])]
    failed = {"delivery": Delivery.BOUNCED.code, "bounced_at": BASE}
    ids = [
        build.recipient(campaign, contacts[0], bounce_kind=BounceKind.HARD.code, reason="a", **failed),
        build.recipient(campaign, contacts[1], bounce_kind=BounceKind.HARD.code, reason="b", **failed),
        build.recipient(campaign, contacts[2], bounce_kind=BounceKind.SOFT.code, reason="a", **failed),
    ]
    skipped = [build.skipped(campaign, contacts[n], why, occurrence=1) for n, why in enumerate(list(SkipReason)[:2])]
    times = [
        build.delivered(campaign, contacts[n], BASE + at, occurrence=2) for n, at in enumerate([0, 59_999, 60_000])
    ]
    view = RecipientView(store)
    view.build(RecipientFilter(campaign), Sort())
    assert view.like(ids[0], "state") == {ids[0], ids[1]}
    assert view.like(ids[0], "reason") == {ids[0], ids[2]}
    assert view.like(skipped[0], "state") == {skipped[0]}
    assert view.like(times[0], "sent") == {times[0], times[1]}
    assert view.like(ids[1], "company") == {ids[1], skipped[1], times[1]}
    assert view.like(ids[1], "plan") == set(range(1, 9))
    assert view.like(ids[1], "no such column") == {ids[1]}
    view.close()
