"""Mail of strangers is given to a recipient by hand, and taken away again without a trace."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.actions.imports import import_recipients
from store.actions.strangers import assign
from store.actions.triage import clear, mark_hard
from store.actions.undo import redo, undo
from store.database import Store
from store.engines.sqlite import SqliteStore
from store.errors import NotFound, Refused
from store.feeds.record import Record
from store.ingest import ingest
from store.journal import Operator
from store.landing import insert_strangers, stranger_row
from store.queries.addresses import recipients_of_address
from store.queries.history import history
from store.queries.strangers import newest_strangers, records, strangers
from store.vocabulary import (
    Actor,
    Attribution,
    BounceKind,
    Delivery,
    Engagement,
    EventType,
    Source,
    Triage,
)
from tests.store.plan import BASE, counters_are_right, happen

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
WHO = Operator("ann", "desk")
LATER = BASE + 3_600_000
TABLES = (
    "contact",
    "campaign",
    "recipient",
    "event",
    "link",
    "clicker",
    "address",
    "stranger",
    "campaign_stat",
    "list_member",
)


def snapshot(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table; a server gives no id twice, so that rows that come back have others there."""
    found = {table: store.rows(f"SELECT * FROM {table}") for table in TABLES}
    if not isinstance(store, SqliteStore):
        links = {id_: url for id_, _, url in found["link"]}
        found["link"] = [row[1:] for row in found["link"]]
        found["clicker"] = [(campaign, links[link], *rest) for campaign, link, *rest in found["clicker"]]
        found["event"] = [(*row[1:11], links.get(row[11]), *row[12:]) for row in found["event"]]
        found |= {table: [row[1:] for row in found[table]] for table in ("address", "stranger")}
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


def strange(store: Store, *told: Record) -> list[int]:
    """Put records aside as an ingest does and return their numbers."""
    store.run(lambda: insert_strangers(store, [stranger_row(record, None, None) for record in told]))
    return [id_ for (id_,) in store.rows("SELECT id FROM stranger ORDER BY id")][-len(told) :]


def bounce(address: str = "a.berg@inside.example", ts: int = LATER, **more: object) -> Record:
    known = {"kind": BounceKind.HARD, "reason": "userunknown", "status": "5.1.1", "diagnostic": "550 5.1.1 nobody"}
    return Record(EventType.BOUNCED, ts, address, Source.BOUNCE_MAIL, "mail 1", **known | more)  # type: ignore[arg-type]


@pytest.fixture
def ids(store: Store, tmp_path: Path) -> dict[str, int]:
    """Two recipients who got the mail, and one of whom nothing is known."""
    file = tmp_path / "list.csv"
    file.write_text("email,name\nanna@x.example,Anna Berg\nbo@x.example,Bo Ek\ncleo@x.example,Cleo\n")
    import_recipients(store, file, "Spring", WHO, NOW)
    found = {name: recipients_of_address(store, f"{name}@x.example")[0] for name in ("anna", "bo", "cleo")}
    happen(store, found["anna"], EventType.DELIVERED)
    happen(store, found["bo"], EventType.DELIVERED)
    return found


def test_an_assigned_bounce_makes_its_recipient_bounced_and_waits_for_a_decision(
    store: Store, ids: dict[str, int]
) -> None:
    numbers = strange(store, bounce())
    change = assign(store, numbers, ids["anna"], WHO, NOW)
    assert (change.verb, change.count, change.refused) == ("assign", 1, ())
    assert change.sentence == ("1 record of a.berg@inside.example assigned to Anna Berg (anna@x.example) in Spring")
    found = history(store, ids["anna"])
    row = found.recipient
    assert (row.delivery, row.bounce_kind, row.reason, row.triage, row.blocked) == (
        Delivery.BOUNCED,
        BounceKind.HARD,
        "userunknown",
        Triage.OPEN,
        True,
    )
    assert found.events[-1].attribution is Attribution.EXACT
    assert [entry.verb for entry in found.journal] == ["assign"]
    assert list(strangers(store)) == []
    assert counters_are_right(store)


def test_an_alias_of_the_recipients_address_stays_an_alias(store: Store, ids: dict[str, int]) -> None:
    numbers = strange(store, bounce(original="Anna@x.example"))
    assign(store, numbers, ids["anna"], WHO, NOW)
    found = history(store, ids["anna"])
    assert (found.recipient.delivery, found.recipient.partly) == (Delivery.DELIVERED, True)
    assert [outcome.address for outcome in found.outcomes] == ["anna@x.example", "a.berg@inside.example"]


EVERYTHING = (
    (bounce(),),
    (bounce(), bounce("second@inside.example", LATER + 5)),
    (bounce(original="anna@x.example"),),
    (bounce(ts=BASE - 60_000),),
    (bounce(ts=LATER, message_id="other@ours"), bounce(ts=LATER + 9, message_id=None, kind=BounceKind.SOFT)),
    (Record(EventType.DELIVERED, LATER, "a@b.example", Source.POSTFIX, "line 4"),),
    (Record(EventType.COMPLAINED, LATER, "a@b.example", Source.FEEDBACK_LOOP, "mail 4"),),
    (Record(EventType.UNSUBSCRIBED, LATER, "a@b.example", Source.EVENTS, "line 4"),),
    (
        Record(EventType.CLICKED, LATER, "a@b.example", Source.EVENTS, "line 5", url="https://x.example/new"),
        Record(EventType.CLICKED, LATER + 1, "a@b.example", Source.EVENTS, "line 6", url="https://x.example/known"),
        Record(EventType.OPENED, LATER + 2, "a@b.example", Source.EVENTS, "line 7", actor=Actor.MACHINE),
    ),
    (Record(EventType.REPLIED, LATER, "ä@b.example", Source.BOUNCE_MAIL, "mail 9", name="Ä\udce4"),),
)


@pytest.mark.parametrize("told", EVERYTHING)
@pytest.mark.parametrize("name", ["anna", "bo", "cleo"])
def test_undo_leaves_every_table_as_it_was_and_redo_does_it_again(
    store: Store, ids: dict[str, int], told: tuple[Record, ...], name: str
) -> None:
    known = Record(EventType.CLICKED, BASE + 9, "bo@x.example", Source.EVENTS, url="https://x.example/known")
    click = strange(store, known)
    assign(store, click, ids["bo"], Operator("ute", ""), NOW)
    happen(store, ids["bo"], EventType.BOUNCED, 30, BounceKind.SOFT, reason="mailboxfull", status="4.2.2")
    mark_hard(store, [ids["bo"]], Operator("ute", ""), NOW)
    clear(store, [ids["bo"]], Operator("ute", ""), NOW + timedelta(days=2))
    numbers = strange(store, *told)
    before = snapshot(store)
    assign(store, numbers, ids[name], WHO, NOW)
    after = snapshot(store)
    assert after["stranger"] == []
    assert counters_are_right(store)
    undone = undo(store, WHO, NOW)
    assert (undone.count, undone.refused) == (len(told), ())
    assert snapshot(store) == before
    assert counters_are_right(store)
    redo(store, WHO, NOW)
    assert snapshot(store) == after
    undo(store, WHO, NOW)
    assert snapshot(store) == before


@pytest.mark.only_sqlite("A server gives no number twice.")
def test_the_number_of_a_record_that_was_given_away_meanwhile_does_not_matter(
    store: Store, ids: dict[str, int]
) -> None:
    (number,) = strange(store, bounce())
    assign(store, [number], ids["anna"], WHO, NOW)
    assert strange(store, bounce("other@y.example")) == [number]
    undo(store, WHO, NOW)
    found = {row.address: row.ids for row in strangers(store)}
    assert found["other@y.example"] == (number,)
    assert set(found) == {"other@y.example", "a.berg@inside.example"}
    redo(store, WHO, NOW)
    assert [row.address for row in strangers(store)] == ["other@y.example"]


def test_events_that_came_since_stay_when_the_assignment_is_undone(store: Store, ids: dict[str, int]) -> None:
    numbers = strange(store, bounce())
    assign(store, numbers, ids["cleo"], WHO, NOW)
    happen(store, ids["cleo"], EventType.OPENED, 90)
    undo(store, WHO, NOW)
    row = history(store, ids["cleo"]).recipient
    assert (row.delivery, row.engagement, row.bounced_at) == (Delivery.DELIVERED, Engagement.OPENED, None)
    assert counters_are_right(store)


def test_redo_is_refused_where_the_record_has_gone_elsewhere(store: Store, ids: dict[str, int]) -> None:
    numbers = strange(store, bounce())
    assign(store, numbers, ids["anna"], WHO, NOW)
    undo(store, WHO, NOW)
    assign(store, numbers, ids["bo"], Operator("ute", ""), NOW)
    with pytest.raises(Refused, match="It was changed since"):
        redo(store, WHO, NOW)


def test_what_cannot_be_assigned_says_why(store: Store, ids: dict[str, int], tmp_path: Path) -> None:
    numbers = strange(store, bounce())
    change = assign(store, [99], ids["anna"], WHO, NOW)
    assert (change.count, change.journal_id, change.refused) == (0, None, ((99, "It is no longer there."),))
    with pytest.raises(NotFound, match="no recipient with the number 99"):
        assign(store, numbers, 99, WHO, NOW)
    change = assign(store, [*numbers, 99], ids["anna"], WHO, NOW)
    assert (change.count, change.refused) == (1, ((99, "It is no longer there."),))
    again = strange(store, bounce())
    assert assign(store, again, ids["bo"], WHO, NOW).refused == (
        (again[0], "It is known as an event of a recipient already."),
    )
    file = tmp_path / "twice.csv"
    file.write_text("email\nanna@x.example\nanna@x.example\n")
    import_recipients(store, file, "Twice", WHO, NOW)
    (second,) = store.row("SELECT id FROM recipient WHERE occurrence = 1") or ()
    with pytest.raises(Refused, match="stands twice"):
        assign(store, again, second, WHO, NOW)


NOTICE = b"""\
Return-Path: <>
Date: Mon, 2 Mar 2026 09:00:09 +0000
From: MAILER-DAEMON@inside.example
To: news@ours.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn-1@inside.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

could not be delivered
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; inside.example

Final-Recipient: rfc822; a.berg@inside.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b--
"""


def test_a_feed_that_is_read_again_brings_neither_the_stranger_nor_the_event_twice(
    store: Store, ids: dict[str, int], tmp_path: Path
) -> None:
    path = tmp_path / "bounces.eml"
    path.write_bytes(NOTICE)
    (report,) = ingest(store, [path], NOW)
    assert report.strangers == 1
    (row,) = newest_strangers(store, 10).rows
    assign(store, row.ids, ids["anna"], WHO, NOW)
    after = snapshot(store)
    (report,) = ingest(store, [path], NOW, reread=True)
    assert (report.new_events, report.strangers, report.duplicates) == (0, 0, 1)
    assert snapshot(store) == after
    undo(store, WHO, NOW)
    (report,) = ingest(store, [path], NOW, reread=True)
    assert (report.new_events, report.strangers, report.duplicates) == (0, 0, 1)
    assert [found.address for found in strangers(store)] == ["a.berg@inside.example"]


def test_strangers_are_listed_newest_first_with_all_that_is_told_of_them(store: Store) -> None:
    strange(
        store,
        bounce("old@y.example", BASE),
        bounce("new@y.example", LATER, message_id="m1"),
        Record(EventType.COMPLAINED, LATER + 9, "angry@y.example", Source.FEEDBACK_LOOP, "mail 3"),
        Record(EventType.DELIVERED, LATER + 99, "fine@y.example", Source.POSTFIX, "line 3"),
        Record(EventType.OPENED, LATER + 200, "new@y.example", Source.EVENTS, "line 4"),
    )
    found = newest_strangers(store, 10)
    assert found.total == 4
    assert [(row.address, row.delivery, row.engagement, row.source, row.ids) for row in found.rows] == [
        ("fine@y.example", Delivery.DELIVERED, Engagement.NONE, Source.POSTFIX, (4,)),
        ("angry@y.example", Delivery.DELIVERED, Engagement.COMPLAINED, Source.FEEDBACK_LOOP, (3,)),
        ("new@y.example", Delivery.BOUNCED, Engagement.OPENED, Source.BOUNCE_MAIL, (2, 5)),
        ("old@y.example", Delivery.BOUNCED, Engagement.NONE, Source.BOUNCE_MAIL, (1,)),
    ]
    bad = newest_strangers(store, 10, bad=True)
    assert [row.address for row in bad.rows] == ["angry@y.example", "new@y.example", "old@y.example"]
    assert [row.address for row in newest_strangers(store, 2).rows] == ["fine@y.example", "new@y.example"]


def test_every_record_is_dealt_to_exactly_one_row(store: Store) -> None:
    told = [
        bounce("a@y.example", BASE + at, message_id=message, kind=kind)
        for at, (message, kind) in enumerate(
            (message, kind) for message in (None, "m1", "m2") for kind in (BounceKind.HARD, BounceKind.SOFT, None)
        )
    ]
    numbers = strange(store, *told)
    rows = list(strangers(store))
    assert [row.message_id for row in rows] == ["m1", "m2"]
    assert sorted(number for row in rows for number in row.ids) == numbers


def test_a_record_is_shown_whole_and_clean(store: Store) -> None:
    (number,) = strange(store, bounce(diagnostic="550 \x1b[31m no", command="RCPT"))
    (row,) = records(store, [number, 99])
    told = dict(row.fields)
    assert (row.type, row.source, told["command"]) == (EventType.BOUNCED, Source.BOUNCE_MAIL, "RCPT")
    assert told["diagnostic"] == "550 \u241b[31m no"
    assert "url" not in told


def test_the_journal_keeps_the_records_whole(store: Store, ids: dict[str, int]) -> None:
    (number,) = strange(store, bounce())
    (text,) = store.row("SELECT record FROM stranger WHERE id = ?", (number,)) or ()
    change = assign(store, [number], ids["anna"], WHO, NOW)
    (kept,) = store.row(
        "SELECT before FROM journal_line WHERE journal_id = ? AND subject = 'stranger'", (change.journal_id,)
    ) or ("",)
    assert json.loads(kept)["record"] == text
