"""In any world, made by events and by operators, a reminder list holds nobody who must not be reminded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from store.actions import contacts, lists, triage
from store.actions.undo import undo
from store.asking import Unread
from store.database import Store, open_store
from store.errors import Refused, StoreError
from store.feeds.record import Record
from store.journal import Operator
from store.landing import event_row, insert_events
from store.matching import Match
from store.queries.reminders import reminder_counts
from store.vocabulary import Actor, Attribution, BounceKind, Delivery, EventType, Source
from tests.store.building import careless
from tests.store.plan import BASE, plan

DAY_MS = 86_400_000
NOW = datetime.fromtimestamp(BASE / 1000, UTC) + timedelta(days=10)
ANN = Operator("ann", "here")
PEOPLE = 6
CAMPAIGNS = ("Winter", "Spring")
DECISIONS = ("mark_hard", "mark_soft", "clear", "excuse", "block", "former", "delete", "later")
TELLING = {
    EventType.CLICKED: "clicked",
    EventType.REPLIED: "replied",
}
GONE = (EventType.COMPLAINED, EventType.UNSUBSCRIBED)

EVENTS = st.tuples(
    st.integers(0, len(CAMPAIGNS) - 1),
    st.integers(0, PEOPLE - 1),
    st.sampled_from([
        EventType.SENT,
        *[EventType.DELIVERED] * 3,
        EventType.DEFERRED,
        EventType.BOUNCED,
        EventType.OPENED,
        EventType.CLICKED,
        EventType.REPLIED,
        EventType.AUTOREPLIED,
        EventType.COMPLAINED,
        EventType.UNSUBSCRIBED,
    ]),
    st.integers(0, 9),
    st.sampled_from(list(Actor)),
    st.sampled_from(list(BounceKind)),
)
ACTIONS: st.SearchStrategy[tuple[str, int, set[int]]] = st.one_of(
    st.tuples(
        st.sampled_from(DECISIONS), st.integers(0, len(CAMPAIGNS) - 1), st.sets(st.integers(0, PEOPLE - 1), max_size=3)
    ),
    st.tuples(st.just("fix"), st.integers(0, len(CAMPAIGNS) - 1), st.sets(st.integers(0, PEOPLE - 1), max_size=1)),
    st.tuples(st.just("undo"), st.just(0), st.just(set())),
)
CONTACTS = st.tuples(st.sampled_from([None, True, False]), st.sampled_from([None, True, True, False]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(EVENTS, max_size=30),
    actions=st.lists(ACTIONS, max_size=6),
    people=st.lists(CONTACTS, min_size=PEOPLE, max_size=PEOPLE),
    groups=st.frozensets(st.sampled_from(list(Unread)), min_size=1),
    days=st.integers(0, 8),
)
@example(
    events=[
        (0, 0, EventType.BOUNCED, 0, Actor.UNKNOWN, BounceKind.SOFT),
        (1, 0, EventType.DELIVERED, 0, Actor.UNKNOWN, BounceKind.SOFT),
    ],
    actions=[("excuse", 0, {0})],
    people=[(None, None)] * PEOPLE,
    groups=frozenset([Unread.NOT_READ]),
    days=0,
)
def test_nobody_who_must_not_be_reminded_is_on_the_list(
    tmp_path_factory: pytest.TempPathFactory,
    events: list[tuple[int, int, EventType, int, Actor, BounceKind]],
    actions: list[tuple[str, int, set[int]]],
    people: list[tuple[bool | None, bool | None]],
    groups: frozenset[Unread],
    days: int,
) -> None:
    store = open_store(tmp_path_factory.mktemp("r") / "s.db")
    careless(store)
    plans = [list(plan(store, name, [f"p{n}@x.example" for n in range(PEOPLE)]).values()) for name in CAMPAIGNS]
    for n, (tracking, consent) in enumerate(people):
        columns = (tracking, consent, f"p{n}@x.example")
        store.execute("UPDATE contact SET tracking_consent = ?, consent = ? WHERE email = ?", columns)
    for number, event in enumerate(events):
        _happen(store, plans, number, *event)
    for number, action in zip(count(1), actions, strict=False):
        _do(store, plans, number, *action)
    counts = reminder_counts(store, 2, days, NOW)
    assert counts.total + sum(counts.left_out.values()) == PEOPLE
    if not counts.of(groups):
        with pytest.raises(Refused, match="Nobody is left"):
            lists.remind(store, 2, "Again", days, ANN, NOW, groups)
        store.close()
        return
    change = lists.remind(store, 2, "Again", days, ANN, NOW, groups)
    assert change.count == counts.of(groups)
    # Whoever was excused stands on a resend list, by other rules.
    reminder = "SELECT id FROM mail_list WHERE name = 'Again'"
    for recipient, contact in store.rows(
        f"SELECT recipient_id, contact_id FROM list_member WHERE list_id = ({reminder})"
    ):
        _may_be_reminded(store, recipient, contact, days)
    store.close()


def _happen(
    store: Store,
    plans: list[list[int]],
    number: int,
    campaign: int,
    person: int,
    type_: EventType,
    day: int,
    actor: Actor,
    kind: BounceKind,
) -> None:
    recipient = plans[campaign][person]
    acting = type_ in {EventType.OPENED, EventType.CLICKED}
    record = Record(
        type_,
        BASE + day * DAY_MS,
        f"p{person}@x.example",
        Source.EVENTS,
        identity=str(number),
        kind=kind if type_ is EventType.BOUNCED else None,
        actor=actor if acting else Actor.UNKNOWN,
    )
    match = Match(recipient, campaign + 1, f"p{person}@x.example", Attribution.EXACT)
    store.run(lambda: insert_events(store, [event_row(record, match, None, None)]))


def _do(store: Store, plans: list[list[int]], number: int, verb: str, campaign: int, whom: set[int]) -> None:
    at = NOW - timedelta(hours=10 - number)
    try:
        if verb == "undo":
            undo(store, ANN, at)
        elif verb == "fix":
            for person in whom:
                contacts.fix(store, plans[campaign][person], f"new{number}@x.example", ANN, at)
        else:
            getattr(triage, verb)(store, [plans[campaign][person] for person in sorted(whom)], ANN, at)
    except StoreError:
        return  # Refused: the world stays as it is.


def _may_be_reminded(store: Store, recipient: int, contact: int, days: int) -> None:
    """Look at the events themselves, not at what was derived from them."""
    latest = int((NOW - timedelta(days=days)).timestamp() * 1000)
    events = store.rows("SELECT type, ts, actor FROM event WHERE recipient_id = ?", (recipient,))
    human = [(EventType.of(type_), ts) for type_, ts, actor in events if actor != Actor.MACHINE.code]
    assert not {type_ for type_, _ in human} & {*TELLING, EventType.OPENED, *GONE}
    delivery, bounced = store.rows("SELECT delivery, bounced_at FROM recipient WHERE id = ?", (recipient,))[0]
    assert (Delivery.of(delivery), bounced) == (Delivery.DELIVERED, None)
    sendings = [ts for type_, ts in human if type_ in {EventType.SENT, EventType.DELIVERED}]
    assert not sendings or min(sendings) <= latest
    former, consent, key = store.rows("SELECT former, consent, email_key FROM contact WHERE id = ?", (contact,))[0]
    assert not former
    assert consent in {None, 1}
    assert key
    used = {key for (key,) in store.rows("SELECT address_key FROM recipient WHERE contact_id = ?", (contact,))} | {key}
    for (address,) in store.rows("SELECT key FROM address WHERE complained_at IS NOT NULL OR unsubscribed_at NOT NULL"):
        assert address not in used
    own = store.rows("SELECT address_key FROM recipient WHERE id = ?", (recipient,))[0][0]
    for (address,) in store.rows("SELECT key FROM address WHERE blocked_at IS NOT NULL"):
        assert address not in {own, key}
    gone = ", ".join(str(type_.code) for type_ in GONE)
    others = store.rows(
        "SELECT count(*) FROM event AS e JOIN recipient AS r ON r.id = e.recipient_id"
        f" WHERE r.contact_id = ? AND e.type IN ({gone})",
        (contact,),
    )
    assert others == [(0,)]
