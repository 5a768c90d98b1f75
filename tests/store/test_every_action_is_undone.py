"""Every action there is: doing and undoing it leaves the store as it was, and what somebody changed since stays."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import actions
from store.actions import (
    blocks,
    consent,
    contacts,
    listkeeping,
    lists,
    policy,
    relays,
    reloading,
    resends,
    retention,
    segments,
    splitting,
    vouching,
    wrong,
)
from store.actions import strangers as stray
from store.actions import tripwires as wires
from store.actions.contacts import index_contacts
from store.actions.lists import Target
from store.actions.marking import COLUMNS, put
from store.actions.triage import block, clear, delete, excuse, former, later, mark_hard, mark_soft
from store.actions.undo import redo, undo
from store.asking import Combining, RecipientFilter, Source
from store.database import Store, open_store
from store.errors import Refused, StoreError
from store.feeds.record import Record
from store.journal import Operator
from store.landing import event_row, insert_events, insert_strangers, link, stranger_row
from store.matching import Match
from store.models import TABLES, Journal, JournalLine
from store.outbox.checks.finding import Finding, Level
from store.outbox.content import Message
from store.outbox.relay import relay_at
from store.queries.wrong import Narrow
from store.rows import Change
from store.vocabulary import Attribution, BounceKind, EventType, ListKind, State
from store.vocabulary import Source as Origin
from tests.store.building import careless
from tests.store.plan import BASE, counters_are_right, happen, plan

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)
ANN, BO = Operator("ann", "desk-1"), Operator("bo", "desk-2")
DAY = 24 * 60
NOT_UNDOABLE = {
    "exports.note_export": "what left the store cannot be called back",
    "forgetting.forget": "whoever is forgotten is gone for ever",
    "forgetting.forget_contacts": "whoever is forgotten is gone for ever",
    "imports.import_recipients": "a list of recipients is evidence, not a decision",
    "pulling.pull": "what was deleted from a mail queue is gone",
    "pulling.release": "what goes on may be delivered at once",
    "resending.send_again": "a send that is ready is stopped, not undone",
    "retention.run": "what went is gone, and what it stood for is kept in another form",
    "undo.undo": "redo takes it back",
    "undo.redo": "undo takes it back",
    "wrong.correct": "a send that is ready is stopped, not undone",
    "wrong.stop_all": "a send that was stopped is resumed",
}
PARTS = {"lists.make", "marking.decide", "pulling.settle", "resending.follow", "resends.join"}
"""What actions are made of; they write no entry of their own."""
_MAIL = Message("subject", "Shop <shop@shop.example>", "text")
ELSEWHERE = {"pulling.hold"}
"""Actions whose undo needs more than a store: test_mails_are_pulled_from_a_queue."""


@dataclass(slots=True)
class World:
    """A small store in which there is something to do for every action."""

    store: Store
    now: datetime = NOW
    number: int = 0

    def __call__(self, *people: str) -> list[int]:
        """Return the recipients' ids of the second letter, by name."""
        sql = (
            "SELECT r.id FROM recipient AS r JOIN contact AS c ON c.id = r.contact_id"
            " WHERE r.campaign_id = 2 AND c.ident LIKE ?"
        )
        return [self.store.rows(sql, (f"mail:{name}@%",))[0][0] for name in people]

    def later(self) -> datetime:
        """Return a moment after the last one."""
        self.now += timedelta(minutes=1)
        return self.now

    def fresh(self, word: str) -> str:
        """Return a name that nothing has yet."""
        self.number += 1
        return f"{word} {self.number}"

    def ids(self, table: str, **columns: object) -> list[int]:
        """Return the ids of the rows that hold these values."""
        where = " AND ".join(f"{name} = ?" for name in columns) or "TRUE"
        found = self.store.rows(f"SELECT id FROM {table} WHERE {where} ORDER BY id", tuple(columns.values()))
        return [id_ for (id_,) in found]

    @property
    def vip(self) -> Source:
        return Source(list_id=1)

    @property
    def check(self) -> Source:
        return Source(list_id=2)

    @property
    def bounced(self) -> Source:
        return Source(segment_id=1)


Act = Callable[[World, Operator], Change]


def to(act: Callable[..., Change], *people: str) -> Act:
    return lambda w, who: act(w.store, w(*people), who, w.later())


CASES: dict[str, Act] = {
    "blocks.clear_block": lambda w, who: blocks.clear_block(
        w.store, w.ids("address", key="anna@x.example") + w.ids("address", key="kim@x.example"), who, w.later()
    ),
    "retention.set_rules": lambda w, who: retention.set_rules(
        w.store, {"mails-after-days": w.fresh("").strip()}, who, w.later()
    ),
    "consent.track": lambda w, who: consent.track(
        w.store, w.ids("contact")[:1], "yes" if w.number % 2 else "no", who, w.later(), w.fresh("call")
    ),
    "contacts.fix": lambda w, who: contacts.fix(
        w.store, w("jo")[0], f"{w.fresh('jo').replace(' ', '')}@x.example", who, w.later()
    ),
    "contacts.accept": lambda w, who: contacts.accept(
        w.store,
        {id_: f"{name}{w.number}@right.example" for name, id_ in zip(("jo", "anna"), w("jo", "anna"), strict=True)},
        who,
        w.later(),
    ),
    "listkeeping.annotate": lambda w, who: listkeeping.annotate(w.store, w.check, w.fresh("note"), who, w.later()),
    "listkeeping.delete": lambda w, who: listkeeping.delete(w.store, [w.vip, w.bounced], who, w.later()),
    "listkeeping.remove": lambda w, who: listkeeping.remove(w.store, 1, w("anna", "dora"), who, w.later()),
    "listkeeping.rename": lambda w, who: listkeeping.rename(w.store, w.bounced, w.fresh("Name"), who, w.later()),
    "lists.add": lambda w, who: lists.add(
        w.store, w("bert", "cora", "emil"), ListKind.SELECTION, "VIP", who, w.later()
    ),
    "lists.add_source": lambda w, who: lists.add_source(
        w.store, [w.check, w.bounced], ListKind.PROJECT, w.fresh("Sources"), who, w.later()
    ),
    "lists.combine": lambda w, who: lists.combine(
        w.store, Combining.UNION, [w.vip, w.check], Target(ListKind.PROJECT, w.fresh("Both")), who, w.later()
    ),
    "lists.remind": lambda w, who: lists.remind(w.store, 2, w.fresh("Reminder"), 1, who, w.later()),
    "policy.set_policy": lambda w, who: policy.set_policy(
        w.store, {"block-after": "2", "stale-after-days": "90"}, who, w.later()
    ),
    "relays.delete_relay": lambda w, who: relays.delete_relay(w.store, "old", who, w.later()),
    "relays.set_relay": lambda w, who: relays.set_relay(
        w.store, replace(relay_at("old", "smtp://relay.example"), user=w.fresh("user")), who, w.later()
    ),
    "reloading.reload": lambda w, who: reloading.reload(w.store, 1, who, w.later()),
    "resends.resend": lambda w, who: resends.resend(w.store, 2, who, w.later()),
    "wrong.wrong": lambda w, who: wrong.wrong(w.store, 2, Narrow(), who, w.later()),
    "segments.save": lambda w, who: segments.save(
        w.store, "Bounced", RecipientFilter(text=w.fresh("x")), who, w.later(), replace=True
    ),
    "splitting.split": lambda w, who: splitting.split(
        w.store, w.check, Target(ListKind.PROJECT, w.fresh("Part")), who, w.later()
    ),
    "strangers.assign": lambda w, who: stray.assign(w.store, w.ids("stranger"), w("ida")[0], who, w.later()),
    "triage.block": to(block, "anna", "emil"),
    "triage.clear": to(clear, "anna", "bert"),
    "triage.delete": to(delete, "anna", "emil"),
    "triage.excuse": to(excuse, "bert", "cora"),
    "triage.former": to(former, "anna", "bert"),
    "triage.later": to(later, "anna", "bert"),
    "triage.mark_hard": to(mark_hard, "bert", "emil"),
    "triage.mark_soft": to(mark_soft, "anna", "emil"),
    "tripwires.acknowledge": lambda w, who: wires.acknowledge(w.store, w.ids("trip"), who, w.later()),
    "tripwires.set_tripwires": lambda w, who: wires.set_tripwires(
        w.store, 2, {"hard": "7%", "least": "9"}, who, w.later()
    ),
    "vouching.override": lambda w, who: vouching.override(
        w.store, _MAIL, (Finding("dates", Level.RED, "wrong"),), "dates", w.fresh("reason"), who, w.later()
    ),
    "vouching.tick": lambda w, who: vouching.tick(
        w.store, replace(_MAIL, subject=w.fresh("subject")), "test-mail", who, w.later()
    ),
}
THEIRS: dict[str, object] = {
    "decided_by": "bo",
    "email": "bo@else.example",
    "former": False,
    "operator_blocked_by": "bo",
    "operator_freed_at": 1,
    "name": "Mine",
    "note": "mine",
    "spec": "{}",
    "value": "4",
    "acked_by": "bo",
    "given_by": "bo",
    "tracking_source": "bo",
    "deleted_at": 1,
    "reloaded_at": 1,
}
"""What somebody else writes into a row, by column."""


def actions_there_are() -> set[str]:
    """Return "module.function" of all public functions that act for an operator at a moment."""
    found = set()
    for module in pkgutil.iter_modules(actions.__path__):
        loaded = importlib.import_module(f"store.actions.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if function.__module__ == loaded.__name__ and not name.startswith("_"):
                if {"store", "who", "now"} <= set(inspect.signature(function).parameters):
                    found.add(f"{module.name}.{name}")
    return found


def build(path: Path) -> None:
    """Make the small world: two letters, failures of all sorts, people who read, complain and leave, lists."""
    store = open_store(path)
    careless(store)
    names = ("anna", "bert", "cora", "dora", "emil", "fred", "gina", "hans", "ida", "kim")
    first = plan(store, "First letter", [f"{name}@x.example" for name in ("anna", "bert", "kim", "lea")])
    second = plan(store, "Second letter", [f"{name}@x.example" for name in names] + ["jo@gamil.example"])
    ids = {address.partition("@")[0]: id_ for address, id_ in second.items()}
    happen(store, first["bert@x.example"], EventType.BOUNCED, 1, BounceKind.SOFT, reason="mailboxfull")
    happen(store, first["kim@x.example"], EventType.BOUNCED, 1, BounceKind.HARD, reason="userunknown")
    for name, kind in (("anna", BounceKind.HARD), ("bert", BounceKind.SOFT), ("cora", BounceKind.BLOCK)):
        happen(store, ids[name], EventType.BOUNCED, DAY, kind, reason="userunknown", diagnostic="550 no")
    happen(store, ids["jo"], EventType.BOUNCED, DAY, BounceKind.HARD, reason="userunknown")
    for name in ("dora", "emil", "fred", "gina", "ida", "kim"):
        happen(store, ids[name], EventType.DELIVERED, DAY)
    happen(store, ids["dora"], EventType.OPENED, DAY + 5)
    clicked = Record(
        EventType.CLICKED, BASE + (DAY + 6) * 60_000, "dora@x.example", Origin.EVENTS, url="https://x.example/"
    )
    match = Match(ids["dora"], 2, "dora@x.example", Attribution.EXACT)
    store.run(lambda: insert_events(store, [event_row(clicked, match, link(store, {}, 2, clicked.url or ""), None)]))
    happen(store, ids["fred"], EventType.COMPLAINED, DAY + 7)
    happen(store, ids["gina"], EventType.UNSUBSCRIBED, DAY + 8)
    lists.add(store, [ids[name] for name in ("anna", "dora", "emil", "ida")], ListKind.SELECTION, "VIP", BO, NOW)
    lists.add(store, [ids[name] for name in ("bert", "cora", "dora")], ListKind.PROJECT, "Check", BO, NOW)
    segments.save(store, "Bounced", RecipientFilter(states=frozenset({State.BOUNCED})), BO, NOW)
    relays.set_relay(store, relay_at("old", "smtp://relay.example"), BO, NOW)
    excuse(store, [ids["cora"]], BO, NOW)
    clear(store, [ids["cora"]], BO, NOW)
    happen(store, ids["ida"], EventType.UNSUBSCRIBED, 20 * DAY)
    told = [
        Record(
            EventType.BOUNCED, BASE + n, f"alias{n}@y.example", Origin.BOUNCE_MAIL, f"mail {n}", kind=BounceKind.HARD
        )
        for n in range(2)
    ]
    store.run(lambda: insert_strangers(store, [stranger_row(record, None, None) for record in told]))
    store.run(
        lambda: store.execute(
            'INSERT INTO trip (campaign_id, wire, subject, part, whole, "limit", tripped_at) VALUES'
            f" (2, 'hard', '', 3, 9, 2000, {BASE}), (2, 'complaints', '', 1, 9, 1, {BASE})"
        )
    )
    store.run(lambda: store.execute("UPDATE contact SET responsible = 'Ida Ek' WHERE email LIKE 'b%'"))
    store.run(lambda: index_contacts(store, [id_ for (id_,) in store.rows("SELECT id FROM contact")]))
    store.close()


@pytest.fixture(scope="module")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "s.db"
    build(path)
    return path


@pytest.fixture
def worlds(_built: Path, tmp_path: Path) -> Iterator[Callable[[], World]]:
    """Makes as many equal worlds as are asked for."""
    made: list[Store] = []

    def another() -> World:
        made.append(open_store(Path(shutil.copy(_built, tmp_path / f"{len(made)}.db"))))
        careless(made[-1])
        return World(made[-1])

    yield another
    for store in made:
        store.close()


@pytest.fixture
def world(worlds: Callable[[], World]) -> World:
    return worlds()


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return all that the store holds but the journal; what is deleted, and rows that say nothing, are not there."""
    whole: dict[str, list[tuple[object, ...]]] = {}
    says = {
        "mail_list": "deleted_at IS NULL",
        "segment": "deleted_at IS NULL",
        "list_member": "list_id IN (SELECT id FROM mail_list WHERE deleted_at IS NULL)",
        "setting": "value IS NOT NULL",
        "tripwire": "value IS NOT NULL",
        "vouch": "given_at IS NOT NULL",
        "campaign_stat": "n > 0",
        "address": (
            "consecutive > 0 OR coalesce(last_bounce_at, blocked_at, operator_blocked_at,"
            " operator_reason, operator_freed_at, unsubscribed_at, complained_at) IS NOT NULL"
        ),
    }
    for model in TABLES:
        if model not in {Journal, JournalLine}:
            table = model._meta.table_name
            rows = store.rows(f"SELECT * FROM {table} WHERE {says.get(table, 'TRUE')}")
            whole[table] = sorted(rows, key=repr)
    return whole


def differences(before: dict[str, list[tuple[object, ...]]], after: dict[str, list[tuple[object, ...]]]) -> list[str]:
    """Return what is only in one of two exports, for people."""
    return [
        f"{table}: {sorted(set(before[table]) ^ set(after[table]), key=repr)}"
        for table in before
        if before[table] != after[table]
    ]


def lines_of(store: Store, entry: int | None) -> list[tuple[str, int, dict[str, object] | None]]:
    """Return (subject, row, what it holds now) of the rows of an entry that somebody else can change."""
    found = store.rows(
        "SELECT subject, subject_id, after FROM journal_line WHERE journal_id = ? ORDER BY 1, 2", (entry,)
    )
    return [
        (subject, id_, json.loads(after) if after else None)
        for subject, id_, after in found
        if subject in COLUMNS or subject.startswith("member:")
    ]


def meddle(store: Store, subject: str, id_: int, after: dict[str, object] | None) -> Callable[[], object]:
    """Change a row as somebody else would; return what asks for it."""
    if subject.startswith("member:"):
        list_id = int(subject.partition(":")[2])
        if after is None:
            recipient = store.rows("SELECT min(id) FROM recipient WHERE contact_id = ?", (id_,))[0][0]
            sql = "INSERT INTO list_member (list_id, contact_id, recipient_id, known) VALUES (?, ?, ?, 0)"
            store.run(lambda: store.execute(sql, (list_id, id_, recipient)))
        else:
            sql = "DELETE FROM list_member WHERE list_id = ? AND contact_id = ?"
            store.run(lambda: store.execute(sql, (list_id, id_)))
        return lambda: store.rows("SELECT * FROM list_member WHERE list_id = ? AND contact_id = ?", (list_id, id_))
    assert after is not None
    column, value = next((name, value) for name, value in THEIRS.items() if name in after and after[name] != value)
    store.run(lambda: put(store, subject, {id_: {column: value}}))
    return lambda: store.rows(f"SELECT {column} FROM {subject} WHERE id = ?", (id_,))


def test_no_action_is_forgotten_here() -> None:
    assert actions_there_are() - set(NOT_UNDOABLE) - PARTS - ELSEWHERE == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_undo_leaves_the_store_as_it_was_and_redo_does_it_again(world: World, name: str) -> None:
    before = everything(world.store)
    change = CASES[name](world, ANN)
    assert change.journal_id is not None, change.sentence
    done = everything(world.store)
    assert differences(before, done) != []
    for _ in range(2):
        undone = undo(world.store, ANN, world.later())
        assert (undone.refused, differences(before, everything(world.store))) == ((), [])
        again = redo(world.store, ANN, world.later())
        assert (again.refused, differences(done, everything(world.store))) == ((), [])
    undo(world.store, ANN, world.later())
    assert differences(before, everything(world.store)) == []
    assert counters_are_right(world.store)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(names=st.lists(st.sampled_from(sorted(CASES)), min_size=2, max_size=6))
def test_whatever_was_done_is_undone_step_by_step(worlds: Callable[[], World], names: list[str]) -> None:
    world = worlds()
    store = world.store
    steps = [everything(store)]
    for name in names:
        try:
            change = CASES[name](world, ANN)
        except StoreError:
            continue
        if change.journal_id is not None:
            steps.append(everything(store))
        else:
            assert differences(steps[-1], everything(store)) == []
    for before in reversed(steps[:-1]):
        assert undo(store, ANN, world.later()).refused == ()
        assert differences(before, everything(store)) == []
    for done in steps[1:]:
        assert redo(store, ANN, world.later()).refused == ()
        assert differences(done, everything(store)) == []
    with pytest.raises(Refused, match="nothing of ann's to redo"):
        redo(store, ANN, world.later())


@pytest.mark.parametrize("name", CASES)
def test_what_somebody_else_changed_since_is_refused_and_left(worlds: Callable[[], World], name: str) -> None:
    for number in range(_changeable(worlds(), name)):
        world = worlds()
        line = lines_of(world.store, CASES[name](world, ANN).journal_id)[number]
        theirs = meddle(world.store, *line)
        before = theirs()
        assert "It was changed since." in _undone(world), line
        assert theirs() == before, line
        assert counters_are_right(world.store)


def _changeable(world: World, name: str) -> int:
    return len(lines_of(world.store, CASES[name](world, ANN).journal_id))


def _undone(world: World) -> str:
    """Undo and return why something was left alone."""
    try:
        change = undo(world.store, ANN, world.later())
    except Refused as refused:
        return str(refused)
    return change.sentence if change.refused else ""
