"""Who complained, what told it, and whether anything was sent since."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.database import Store, open_store
from store.feeds.record import Record
from store.landing import event_row, insert_events, insert_strangers, stranger_row
from store.matching import Match
from store.queries.complaints import ComplaintsView
from store.rows.complaints import ComplaintRow
from store.times import from_ms
from store.vocabulary import Attribution, EventType, Source
from tests.store.plan import BASE, happen, plan

MINUTE = 60_000


def complain(store: Store, recipient: int, minutes: int, feedback: str | None = "abuse") -> None:
    campaign, address = store.rows("SELECT campaign_id, address FROM recipient WHERE id = ?", (recipient,))[0]
    record = Record(
        EventType.COMPLAINED, BASE + minutes * MINUTE, address, Source.FEEDBACK_LOOP, "mail 3", feedback=feedback
    )
    match = Match(recipient, campaign, address, Attribution.EXACT)
    store.run(lambda: insert_events(store, [event_row(record, match, None, None)]))


@pytest.fixture
def world(tmp_path: Path) -> Store:
    store = open_store(tmp_path / "s.db")
    for name, minutes in (("Spring", 0), ("Autumn", 1000)):
        for id_ in plan(store, name, ["a@x.example", "b@x.example", "c@x.example"]).values():
            happen(store, id_, EventType.DELIVERED, minutes)
    return store


def complaints(store: Store, text: str = "", campaign_id: int | None = None) -> tuple[ComplaintRow, ...]:
    view = ComplaintsView(store)
    try:
        total = view.build(text, campaign_id)
        rows = view.page(0, 100)
        assert len(rows) == total
        assert view.wrong == sum(row.wrong for row in rows)
        return rows
    finally:
        view.close()


def test_a_complaint_withdraws_consent_and_says_who_told_it(world: Store) -> None:
    complain(world, 4, 1100)
    (row,) = complaints(world)
    assert (row.address, row.campaign, row.feedback, row.source) == (
        "a@x.example",
        "Autumn",
        "abuse",
        Source.FEEDBACK_LOOP,
    )
    assert row.at == from_ms(BASE + 1100 * MINUTE)
    assert (row.withdrawn, row.blocked_at, row.wrong) == (True, row.at, False)


def test_mail_that_was_sent_after_a_complaint_is_wrong(world: Store) -> None:
    complain(world, 1, 500)
    complain(world, 6, 1200, feedback="fraud")
    last, first = complaints(world)
    assert (last.address, last.wrong, last.feedback) == ("c@x.example", False, "fraud")
    assert (first.address, first.sent_since, first.sent_last, first.wrong) == ("a@x.example", 1, "Autumn", True)


def test_mail_to_the_same_address_under_another_contact_counts_too(world: Store) -> None:
    complain(world, 1, 500)
    world.run(lambda: world.execute("UPDATE recipient SET contact_id = 2 WHERE id = 4"))
    (row,) = complaints(world)
    assert row.sent_since == 1


def test_consent_that_was_given_again_is_shown(world: Store) -> None:
    complain(world, 4, 1100)
    world.run(lambda: world.execute("UPDATE contact SET consent = TRUE WHERE id = 1"))
    (row,) = complaints(world)
    assert (row.withdrawn, row.wrong) == (False, True)


def test_they_are_narrowed_by_words_and_campaign(world: Store) -> None:
    complain(world, 1, 500)
    complain(world, 6, 1200)
    assert [row.id for row in complaints(world, "c@x")] == [6]
    assert [row.id for row in complaints(world, campaign_id=1)] == [1]
    assert complaints(world, "nobody") == ()


def test_complaints_of_strangers_are_counted_beside(world: Store) -> None:
    record = Record(EventType.COMPLAINED, BASE, "s@y.example", Source.FEEDBACK_LOOP, "mail 9")
    world.run(lambda: insert_strangers(world, [stranger_row(record, None, None)]))
    view = ComplaintsView(world)
    assert (view.build(), view.strangers) == (0, 1)
    view.close()
