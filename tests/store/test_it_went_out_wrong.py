"""Whoever got a wrong mail is told, whoever did not gets the right one, and nobody else gets anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.actions import triage
from store.actions.relays import set_relay
from store.actions.undo import undo
from store.actions.wrong import Correction, correct, stop_all, wrong
from store.addresses import address_key
from store.asking import RecipientFilter, Source
from store.database import Store
from store.errors import Refused
from store.feeds.record import Record
from store.journal import Operator
from store.landing import event_row, insert_events, link
from store.matching import Match
from store.outbox.content import Message
from store.outbox.preparing import Draft, prepare
from store.outbox.relay import relay_at
from store.outbox.whom import Whom
from store.queries.campaigns import list_campaigns
from store.queries.lists import list_lists
from store.queries.wrong import Narrow, Part, named, wrong_row
from store.times import to_ms
from store.vocabulary import Attribution, BounceKind, EventType, FollowUp, OutboxState, SendState
from store.vocabulary import Source as Origin
from tests.store.plan import counters_are_right, plan

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ANN = Operator("ann", "desk")
WRONG = Message("Prices", "Ann <ann@news.example>", "Everything is free.")
ERRATUM = Message("We were wrong", "Ann <ann@news.example>", "Nothing is free.")
RIGHT = Message("Prices", "Ann <ann@news.example>", "Nothing is free.")

FATES = [
    "delivered",
    "read",
    "clicked",
    "deferred",
    "unsure",
    "bounced",
    "complained",
    "unsubscribed",
    "waiting",
    "late",
]


class World:
    """A send that was stopped half-way: each of its people has another fate."""

    def __init__(self, store: Store) -> None:
        self.store = store
        set_relay(store, relay_at("ours", "smtp://127.0.0.1:25"), ANN, NOW)
        plan(store, "Book", [f"{fate}@shop.example" for fate in FATES])
        made = prepare(store, Draft("Prices", WRONG, Whom(wanted=RecipientFilter(1))), ANN, NOW)
        self.campaign, self.message = made.campaign_id, made.message_id
        self.ids = dict(store.rows("SELECT address, id FROM recipient WHERE campaign_id = ?", (self.campaign,)))
        for fate in FATES[:4] + FATES[5:8]:
            self.state(fate, OutboxState.ACCEPTED)
            self.event(fate, EventType.SENT)
        self.state("unsure", OutboxState.UNSURE)
        for fate in ("delivered", "read", "clicked", "complained", "unsubscribed"):
            self.event(fate, EventType.DELIVERED)
        self.event("read", EventType.OPENED)
        self.event("clicked", EventType.CLICKED, url="https://shop.example/prices")
        self.event("deferred", EventType.DEFERRED)
        self.event("bounced", EventType.BOUNCED, kind=BounceKind.SOFT)
        self.event("complained", EventType.COMPLAINED)
        self.event("unsubscribed", EventType.UNSUBSCRIBED)
        store.run(lambda: store.execute("UPDATE message SET state = ?", (SendState.SENDING.code,)))

    def recipient(self, fate: str) -> int:
        return int(self.ids[f"{fate}@shop.example"])

    def state(self, fate: str, state: OutboxState) -> None:
        values = (state.code, self.recipient(fate))
        self.store.run(lambda: self.store.execute("UPDATE outbox SET state = ? WHERE recipient_id = ?", values))

    def event(self, fate: str, type_: EventType, kind: BounceKind | None = None, url: str | None = None) -> None:
        store, recipient, address = self.store, self.recipient(fate), f"{fate}@shop.example"
        mail = store.rows("SELECT mail_id FROM outbox WHERE recipient_id = ?", (recipient,))[0][0]
        record = Record(type_, to_ms(NOW), address, Origin.POSTFIX, message_id=mail, kind=kind, url=url)
        match = Match(recipient, self.campaign, address_key(address), Attribution.EXACT)

        def land() -> None:
            target = link(store, {}, self.campaign, url) if url else None
            insert_events(store, [event_row(record, match, target, None)])

        store.run(land)

    def sent_to(self, follow_up: FollowUp) -> list[str]:
        sql = (
            "SELECT r.address FROM campaign AS p JOIN recipient AS r ON r.campaign_id = p.id JOIN outbox AS o"
            " ON o.recipient_id = r.id WHERE p.parent_id = ? AND p.follow_up = ? ORDER BY r.address"
        )
        found = self.store.rows(sql, (self.campaign, follow_up.code))
        return [address.partition("@")[0] for (address,) in found]


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def test_everybody_is_in_one_part_and_told_why(world: World) -> None:
    row = wrong_row(world.store, world.campaign, LATER)
    assert (row.left, row.unsure, len(row.sends)) == (2, 1, 1)
    assert row.split.got == {"delivered": 3, "may have got it: on its way, or nobody can tell": 2}
    assert row.split.not_got == {"still waits in our outbox": 2}
    assert row.split.nothing == {"complained": 1, "unsubscribed": 1, "bounced": 1}
    assert row.split.total == len(FATES)
    told = [one.address.partition("@")[0] for one in named(world.store, world.campaign, Part.NOTHING)]
    assert sorted(told) == ["bounced", "complained", "unsubscribed"]


@pytest.mark.parametrize(
    ("narrow", "who"),
    [
        (Narrow(readers=True), ["clicked", "read"]),
        (Narrow(clickers=True), ["clicked"]),
        (Narrow(link_id=1), ["clicked"]),
        (Narrow(segment=RecipientFilter(text="read")), ["read"]),
        (Narrow(readers=True, segment=RecipientFilter(text="deliv")), []),
    ],
    ids=["readers", "clickers", "one link", "a segment", "two at once"],
)
def test_the_erratum_can_go_to_some_of_them_only(world: World, narrow: Narrow, who: list[str]) -> None:
    row = wrong_row(world.store, world.campaign, LATER, narrow)
    assert row.split.erratum == len(who)
    assert row.split.narrowed == 5 - len(who)
    assert row.split.total == len(FATES)
    found = named(world.store, world.campaign, Part.ERRATUM, narrow)
    assert sorted(one.address.partition("@")[0] for one in found) == who


def test_nothing_is_made_ready_while_the_wrong_one_can_still_leave(world: World) -> None:
    correction = Correction(world.campaign, ERRATUM, RIGHT)
    with pytest.raises(Refused, match="can still be sent: stop it first"):
        correct(world.store, correction, ANN, LATER)
    change = stop_all(world.store, world.campaign, ANN, LATER)
    assert "stopped with 2 not sent" in change.sentence
    with pytest.raises(Refused, match="Nothing of “Prices” waits in our outbox"):
        stop_all(world.store, world.campaign, ANN, LATER)


def test_the_two_mails_go_to_the_two_parts_and_nobody_else(world: World) -> None:
    stop_all(world.store, world.campaign, ANN, LATER)
    done = correct(world.store, Correction(world.campaign, ERRATUM, RIGHT), ANN, LATER)
    assert {part: made.count for part, made in done.items()} == {Part.ERRATUM: 5, Part.RIGHT: 2}
    assert world.sent_to(FollowUp.ERRATUM) == ["clicked", "deferred", "delivered", "read", "unsure"]
    assert world.sent_to(FollowUp.RIGHT) == ["late", "waiting"]
    left = world.store.rows(
        "SELECT count(*) FROM outbox WHERE message_id = ? AND state = ?", (world.message, OutboxState.WAITING.code)
    )
    assert left == [(0,)], "the wrong mail can never leave any more"
    rows = {row.name: row for row in list_campaigns(world.store)}
    assert (rows["Prices · erratum"].parent, rows["Prices · right mail"].follow_up) == ("Prices", FollowUp.RIGHT)
    assert all(row.adds_up for row in rows.values())
    assert counters_are_right(world.store)


def test_nobody_is_told_twice(world: World) -> None:
    stop_all(world.store, world.campaign, ANN, LATER)
    correct(world.store, Correction(world.campaign, ERRATUM, None, Narrow(readers=True)), ANN, LATER)
    row = wrong_row(world.store, world.campaign, LATER)
    assert row.split.nothing["told already"] == 2
    assert row.split.erratum == 3
    correct(world.store, Correction(world.campaign, ERRATUM, RIGHT), ANN, LATER)
    assert len(world.sent_to(FollowUp.ERRATUM)) == 5
    with pytest.raises(Refused, match="Nobody is left to be told about “Prices”"):
        correct(world.store, Correction(world.campaign, ERRATUM, RIGHT), ANN, LATER)


def test_what_was_pulled_from_a_queue_counts_as_not_got(world: World) -> None:
    world.event("deferred", EventType.FAILED, kind=BounceKind.BLOCK)
    set_reason = "UPDATE recipient SET reason = 'pulled' WHERE id = ?"
    world.store.run(lambda: world.store.execute(set_reason, (world.recipient("deferred"),)))
    assert wrong_row(world.store, world.campaign, LATER).split.not_got["pulled from the mail queue"] == 1


def test_without_messages_it_makes_two_lists_that_undo_takes_back(world: World) -> None:
    change = wrong(world.store, world.campaign, Narrow(), ANN, LATER)
    assert change.count == 7
    lists = {row.name: row.members for row in list_lists(world.store)}
    assert lists == {"Prices · erratum": 5, "Prices · right mail": 2}
    undo(world.store, ANN, LATER)
    assert list_lists(world.store) == ()


def test_whoever_was_blocked_meanwhile_gets_nothing(world: World) -> None:
    triage.block(world.store, [world.recipient("read"), world.recipient("late")], ANN, LATER)
    row = wrong_row(world.store, world.campaign, LATER)
    assert (row.split.erratum, row.split.right, row.split.nothing["blocked"]) == (4, 1, 2)


def test_a_source_is_a_list(world: World) -> None:
    wrong(world.store, world.campaign, Narrow(), ANN, LATER)
    erratum = next(row.id for row in list_lists(world.store) if row.name.endswith("erratum"))
    made = prepare(world.store, Draft("By list", ERRATUM, Whom(Source(erratum))), ANN, LATER)
    assert made.count == 5
