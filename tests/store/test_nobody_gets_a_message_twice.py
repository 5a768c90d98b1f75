"""Whatever was sent, fixed, taken back and sent again: whom a message has reached never gets it once more."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.actions import triage
from store.actions.contacts import fix
from store.actions.relays import set_relay
from store.actions.resending import Resend, send_again
from store.actions.undo import undo
from store.database import Store, open_store
from store.errors import Refused, StoreError
from store.feeds.record import Record
from store.journal import Operator
from store.landing import event_row, insert_events
from store.matching import Match
from store.outbox.claimant import Claimant, myself
from store.outbox.content import Message
from store.outbox.control import stop
from store.outbox.ledger import Ledger, Settlement, Verdict
from store.outbox.outcome import Ending, Outcome
from store.outbox.relay import relay_at
from store.queries.campaigns import list_campaigns
from store.queries.unreached import GROUPS, Sought, Wanted, named, unreached
from store.times import to_ms
from store.vocabulary import Attribution, BounceKind, Delivery, EventType, OutboxState, Source
from tests.store.building import careless
from tests.store.plan import counters_are_right, plan

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
ANN = Operator("ann", "desk")
MESSAGE = Message("News", "Ann <ann@news.example>", "What is new.")
PEOPLE = [f"{name}@shop.example" for name in ("ann", "bo", "cy", "dee", "eve", "fay")]


@dataclass(slots=True)
class World:
    """A campaign that was sent elsewhere, its resends, and what truly became of every mail."""

    store: Store
    now: datetime = START
    arrived: dict[int, set[tuple[int, str]]] = field(default_factory=dict)
    """Recipient id -> contact and address key of a mail that truly arrived, or of which nobody can tell."""
    cleared: set[int] = field(default_factory=set)
    """Recipients of whom an operator said that the bounce was none, unless that was taken back."""
    claimant: Claimant = field(default_factory=myself)
    numbers: int = 0

    @property
    def root(self) -> int:
        return int(self.store.rows("SELECT min(id) FROM campaign")[0][0])

    def later(self) -> datetime:
        self.now += timedelta(minutes=7)
        return self.now

    def recipients(self) -> list[int]:
        return [id_ for (id_,) in self.store.rows("SELECT id FROM recipient ORDER BY id")]

    def event(self, recipient: int, type_: EventType, kind: BounceKind | None = None) -> None:
        campaign, address, key, mail = self.store.rows(
            "SELECT r.campaign_id, r.address, r.address_key, o.mail_id FROM recipient AS r LEFT JOIN outbox AS o"
            " ON o.recipient_id = r.id WHERE r.id = ?",
            (recipient,),
        )[0]
        record = Record(
            type_, to_ms(self.later()), address, Source.POSTFIX, kind=kind, message_id=mail or f"{recipient}@ours"
        )
        row = event_row(record, Match(recipient, campaign, key, Attribution.EXACT), None, None)
        self.store.run(lambda: insert_events(self.store, [row]))
        if type_ in {EventType.DELIVERED, EventType.OPENED, EventType.COMPLAINED}:
            self._arrives(recipient)
        elif type_ is EventType.BOUNCED:
            self.arrived.pop(recipient, None)

    def _arrives(self, recipient: int) -> None:
        contact, key = self.store.rows("SELECT contact_id, address_key FROM recipient WHERE id = ?", (recipient,))[0]
        self.arrived[recipient] = {(contact, key)}

    def sent_mail(self, recipient: int) -> bool:
        """Tell whether a mail of this recipient's has left at all."""
        state = self.store.rows("SELECT state FROM outbox WHERE recipient_id = ?", (recipient,))
        delivery = self.store.rows("SELECT delivery FROM recipient WHERE id = ?", (recipient,))[0][0]
        return delivery not in {Delivery.READY.code, Delivery.SKIPPED.code} or (
            bool(state) and state[0][0] in {OutboxState.ACCEPTED.code, OutboxState.UNSURE.code}
        )

    def has_it(self, contact: int, key: str, but: int) -> bool:
        said = self.store.rows(
            "SELECT contact_id, address_key FROM recipient WHERE delivery = ?"
            " AND id IN (SELECT value FROM json_each(?))",
            (Delivery.DELIVERED.code, json.dumps(sorted(self.cleared - {but}))),
        )
        return any(contact == one or key == other for one, other in said) or any(
            contact == one or key == other
            for recipient, found in self.arrived.items()
            for one, other in found
            if recipient != but and recipient not in self._marked()
        )

    def _marked(self) -> set[int]:
        """Return the recipients of whom an operator says that their mail bounced, whatever the servers said."""
        return {
            id_ for (id_,) in self.store.rows("SELECT id FROM recipient WHERE override IS NOT NULL AND delivery = 60")
        }

    def send(self, chance: random.Random) -> None:
        """Send some of what waits, and check each mail at the moment at which it may leave."""
        store = self.store
        for (message_id,) in store.rows("SELECT id FROM message WHERE state <> 4 ORDER BY id"):
            ledger = Ledger(store, message_id, relay_at("ours", "smtp://127.0.0.1:25"), self.claimant)

            def open_(ledger: Ledger = ledger) -> None:
                try:
                    ledger.begin(self.now, 0)
                    ledger.start(self.now, ANN)
                except Refused:
                    pass

            store.run(open_)
            for waiting in store.run(lambda ledger=ledger: ledger.waiting(self.later(), 3, "[]")):  # type: ignore[misc]
                granted = store.run(lambda ledger=ledger, waiting=waiting: ledger.claim([waiting.id], self.now))  # type: ignore[misc]
                if granted.get(waiting.id) is not Verdict.GRANTED:
                    continue
                recipient = waiting.person.recipient_id
                self.is_right(recipient)
                ending = chance.choice([Ending.ACCEPTED, Ending.ACCEPTED, Ending.ACCEPTED, Ending.UNSURE])
                one = Settlement(waiting, Outcome(ending, "DATA", 250 if ending is Ending.ACCEPTED else None, "said"))
                store.run(lambda ledger=ledger, one=one: ledger.settle([one], self.now))  # type: ignore[misc]
                self._arrives(recipient)
                if ending is Ending.ACCEPTED:
                    self.event(recipient, EventType.SENT)
                    fate = chance.random()
                    if fate < 0.5:
                        self.event(recipient, EventType.DELIVERED)
                    elif fate < 0.8:
                        kind = BounceKind.HARD if fate < 0.65 else BounceKind.SOFT
                        self.event(recipient, EventType.BOUNCED, kind)

            def close(ledger: Ledger = ledger) -> None:
                ledger.end(self.now)

            store.run(close)

    def is_right(self, recipient: int) -> None:
        """Say whether this mail may leave."""
        contact, key, former, blocked, complained, unsubscribed = self.store.rows(
            "SELECT r.contact_id, r.address_key, c.former, a.blocked_at, a.complained_at, a.unsubscribed_at"
            " FROM recipient AS r JOIN contact AS c ON c.id = r.contact_id LEFT JOIN address AS a"
            " ON a.key = r.address_key WHERE r.id = ?",
            (recipient,),
        )[0]
        assert not self.has_it(contact, key, recipient), "it has reached them already"
        assert (bool(former), blocked, complained, unsubscribed) == (False, None, None, None)


def act(world: World, chance: random.Random) -> None:
    """Let one thing happen."""
    store, what = world.store, chance.randrange(12)
    ids = world.recipients()
    one = chance.choice(ids)
    try:
        if what < 3:
            sought = chance.choice([Sought.FIXED, Sought.NOT_REACHED, None])
            some = tuple(chance.sample(ids, min(3, len(ids)))) if sought is None else ()
            wanted = Wanted(chance.choice([world.root, *(row.id for row in list_campaigns(store))]), sought, some)
            send_again(store, Resend(wanted, MESSAGE), ANN, world.later())
        elif what < 6:
            world.send(chance)
        elif what == 6:
            world.numbers += 1
            new = chance.choice([f"new{world.numbers}@shop.example", chance.choice(PEOPLE)])
            fix(store, one, new, ANN, world.later())
        elif what == 7:
            (message_id,) = chance.choice(store.rows("SELECT id FROM message") or [(0,)])
            stop(store, message_id, ANN, world.later())
        elif what == 8:
            decide = chance.choice([triage.excuse, triage.block, triage.former, triage.clear, triage.mark_soft])
            before = store.rows("SELECT delivery FROM recipient WHERE id = ?", (one,))
            decide(store, [one], ANN, world.later())
            after = store.rows("SELECT delivery FROM recipient WHERE id = ?", (one,))
            if before != after and after[0][0] == Delivery.DELIVERED.code:
                world.cleared.add(one)
        elif what == 9:
            undo(store, ANN, world.later())
        elif world.sent_mail(one):
            type_ = chance.choice([EventType.OPENED, EventType.COMPLAINED, EventType.UNSUBSCRIBED, EventType.BOUNCED])
            world.event(one, type_, BounceKind.SOFT if type_ is EventType.BOUNCED else None)
    except StoreError:
        pass


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a campaign of which some arrived and some bounced, and a relay."""
    path = tmp_path_factory.mktemp("twice") / "begun.db"
    store = open_store(path)
    plan(store, "Spring", PEOPLE)
    set_relay(store, relay_at("ours", "smtp://127.0.0.1:25"), ANN, START)
    store.close()
    return path


@contextmanager
def world_of(begun: Path, path: Path) -> Iterator[World]:
    copy(begun, path)
    store = open_store(path)
    careless(store)
    world = World(store)
    fates: list[Callable[[int], None]] = [
        lambda id_: world.event(id_, EventType.DELIVERED),
        lambda id_: world.event(id_, EventType.BOUNCED, BounceKind.HARD),
        lambda id_: world.event(id_, EventType.BOUNCED, BounceKind.SOFT),
        lambda id_: world.event(id_, EventType.DEFERRED),
        lambda id_: world.event(id_, EventType.BOUNCED, BounceKind.BLOCK),
        lambda id_: None,
    ]
    for id_, fate in zip(world.recipients(), fates, strict=True):
        fate(id_)
    try:
        yield world
    finally:
        store.close()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 30))
def test_nobody_gets_it_twice_and_nobody_who_must_not_gets_it(begun: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / f"{seed}.db"
    with world_of(begun, path) as world:
        for _ in range(25):
            act(world, chance)
        assert counters_are_right(world.store)
        assert all(row.adds_up for row in list_campaigns(world.store))
    for left in tmp_path.glob(f"{seed}.db*"):
        left.unlink()


def test_everybody_is_told_by_why_they_get_it_or_not(begun: Path, tmp_path: Path) -> None:
    with world_of(begun, tmp_path / "world.db") as world:
        store = world.store
        by_address = dict(store.rows("SELECT address, id FROM recipient"))
        fix(store, by_address["bo@shop.example"], "bob@shop.example", ANN, world.later())
        triage.excuse(store, [by_address["eve@shop.example"]], ANN, world.later())
        found = unreached(store, Wanted(world.root, Sought.NOT_REACHED))
        assert found.groups == {GROUPS[0]: 1, GROUPS[1]: 1, GROUPS[2]: 1}
        assert found.left_out == {"reached": 1, "on its way": 1, "nothing is known of their mail": 1}
        assert unreached(store, Wanted(world.root, Sought.FIXED)).groups == {GROUPS[0]: 1}
        (row,) = named(store, Wanted(world.root, Sought.FIXED), left_out=False)
        assert (row.old, row.address, row.because) == ("bo@shop.example", "bob@shop.example", GROUPS[0])


def test_a_resend_is_a_child_whose_people_are_on_their_way_and_not_sent_again(begun: Path, tmp_path: Path) -> None:
    with world_of(begun, tmp_path / "world.db") as world:
        store = world.store
        made = send_again(store, Resend(Wanted(world.root, Sought.NOT_REACHED), MESSAGE), ANN, world.later())
        assert (made.campaign, made.count) == ("Spring · again", 2)
        spring, again = list_campaigns(store)
        assert (spring.name, again.parent, again.follow_up, again.depth) == ("Spring", "Spring", "resend", 1)
        with pytest.raises(Refused, match="has reached everybody of them who may get it"):
            send_again(store, Resend(Wanted(again.id, Sought.NOT_REACHED), MESSAGE), ANN, world.later())
        stop(store, made.message_id, ANN, world.later())
        second = send_again(store, Resend(Wanted(again.id, Sought.NOT_REACHED), MESSAGE), ANN, world.later())
        assert (second.campaign, second.count) == ("Spring · again 2", 2)
        assert store.rows("SELECT message_id, count(*) FROM outbox GROUP BY 1") == [(second.message_id, 2)]
        first = next(row for row in list_campaigns(store) if row.id == made.campaign_id)
        assert (first.skipped, first.ready, first.adds_up) == (2, 0, True)
