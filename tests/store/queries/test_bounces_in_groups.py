"""The bounce inbox: groups by cause, domain and time, what is left of them, and that a snapshot stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from store.actions import triage
from store.actions.undo import undo
from store.asking import Grouping
from store.database import Store
from store.errors import NotFound
from store.journal import Operator
from store.queries.bounces import BounceView, group_members
from store.queries.grouping import MANY_PATTERNS
from store.queries.view import Interrupted
from store.rows import BounceGroupRow
from store.vocabulary import BounceKind, Decision, EventType
from tests.store.plan import happen, plan

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
ANN = Operator("ann", "10.0.0.1")
OURS = {
    "kind": BounceKind.BLOCK,
    "reason": "authfailure",
    "status": "5.7.26",
    "reply": 550,
    "diagnostic": "550-5.7.26 Mail from news.x.example did not pass",
}
FULL = {"kind": BounceKind.SOFT, "reason": "mailboxfull", "status": "5.2.2", "reply": 552}

Look = Callable[..., BounceView]


@pytest.fixture
def world(store: Store) -> dict[str, int]:
    """A campaign: four that one provider refused, two full mailboxes, one that was never understood, one delivered."""
    names = ["a@g.example", "b@g.example", "c@g.example", "d@h.example", "e@h.example", "f@i.example", "g@i.example"]
    ids = plan(store, "Spring", [*names, "h@i.example"])
    for minutes, name in enumerate(names[:4]):
        happen(store, ids[name], EventType.BOUNCED, minutes, **OURS)
    for minutes, name in ((5, "e@h.example"), (300, "f@i.example")):
        happen(store, ids[name], EventType.BOUNCED, minutes, **FULL, diagnostic=f"552 5.2.2 <{name}>: mailbox full")
    happen(store, ids["g@i.example"], EventType.BOUNCED, 9, reason="undefined")
    happen(store, ids["h@i.example"], EventType.DELIVERED, 9)
    return {address[0]: id_ for address, id_ in ids.items()}


@pytest.fixture
def look(store: Store) -> Iterator[Look]:
    """Return snapshots, which are closed at the end."""
    views: list[BounceView] = []

    def looked(by: Grouping = Grouping.CAUSE, campaign_id: int | None = None) -> BounceView:
        view = BounceView(store)
        views.append(view)
        view.build(campaign_id, by)
        return view

    yield looked
    for view in views:
        view.close()


def told(row: BounceGroupRow) -> tuple[int, str, str | None, dict[str, int]]:
    return row.n, row.acts, row.reason, dict(row.domains)


def test_a_cause_is_reason_and_words_the_largest_group_first(world: dict[str, int], look: Look) -> None:
    view = look()
    assert [told(row) for row in view.groups(0, 9)] == [
        (4, "us", "authfailure", {"g.example": 3, "h.example": 1}),
        (2, "recipient", "mailboxfull", {"h.example": 1, "i.example": 1}),
        (1, "nobody", "undefined", {"i.example": 1}),
    ]
    first = view.groups(0, 1)[0]
    assert first.words == "550-5.7.26 Mail from HOST did not pass"
    assert (first.status, first.reply, first.kind, first.causes) == ("5.7.26", 550, BounceKind.BLOCK, 1)
    assert (first.last - first.first).total_seconds() == 180
    assert view.groups(1, 1)[0].sample == "552 5.2.2 <e@h.example>: mailbox full"


def test_domains_group_whatever_the_cause(world: dict[str, int], look: Look) -> None:
    rows = look(Grouping.DOMAIN).groups(0, 9)
    assert [(row.domains[0][0], row.n, row.causes, row.acts) for row in rows] == [
        ("g.example", 3, 1, "us"),
        ("h.example", 2, 2, ""),
        ("i.example", 2, 2, ""),
    ]


def test_times_group_a_cause_until_it_pauses_in_the_order_in_which_it_struck(world: dict[str, int], look: Look) -> None:
    rows = look(Grouping.TIME).groups(0, 9)
    assert [(row.reason, row.n) for row in rows] == [
        ("authfailure", 4),
        ("mailboxfull", 1),
        ("undefined", 1),
        ("mailboxfull", 1),
    ]


def test_without_groups_the_failures_stand_by_cause(world: dict[str, int], look: Look) -> None:
    view = look(Grouping.NONE)
    assert [row.recipient.address[0] for row in view.singles(0, 9)] == list("abcdefg")
    assert [row.recipient.address[0] for row in view.singles(5, 1)] == ["f"]
    assert view.singles(0, 1)[0].diagnostic == OURS["diagnostic"]
    assert view.position(world["e"]) == 4
    assert view.position(world["h"]) is None


def test_a_group_is_what_it_was_when_new_failures_come_in(store: Store, world: dict[str, int], look: Look) -> None:
    view = look()
    more = plan(store, "Summer", ["x@g.example", "y@g.example"])
    for id_ in more.values():
        happen(store, id_, EventType.BOUNCED, 2, **OURS)
    assert view.undecided([1]) == [world[name] for name in "abcd"]
    left = view.recount()
    assert (left.n, left.open, left.later, left.new) == (7, 7, 0, 2)
    assert look().groups(0, 1)[0].n == 6


def test_a_group_acts_on_those_that_nobody_decided_about_meanwhile(
    store: Store, world: dict[str, int], look: Look
) -> None:
    view = look()
    triage.clear(store, [world["b"]], ANN, NOW)
    assert view.undecided([1]) == [world[name] for name in "acd"]
    triage.later(store, [world["e"]], ANN, NOW)
    left = view.recount()
    assert (left.open, left.later, left.new) == (5, 1, 0)
    ours, full, _ = view.groups(0, 9)
    assert (ours.open, ours.left, ours.decision) == (3, 3, None)
    assert (full.open, full.later, full.left) == (1, 1, 2)


def test_a_decided_group_says_what_was_decided_and_undo_takes_it_back(
    store: Store, world: dict[str, int], look: Look
) -> None:
    view = look()
    triage.excuse(store, view.undecided([1]), ANN, NOW)
    view.recount()
    done = view.group(1)
    assert done is not None
    assert (done.left, done.decision) == (0, Decision.EXCUSED)
    assert view.undecided([1]) == []
    undo(store, ANN, NOW)
    view.recount()
    again = view.group(1)
    assert again is not None
    assert (again.left, again.decision) == (4, None)


def test_what_was_put_off_stands_behind_in_the_next_snapshot(store: Store, world: dict[str, int], look: Look) -> None:
    triage.later(store, [world[name] for name in "abcd"], ANN, NOW)
    rows = look().groups(0, 9)
    assert [(row.reason, row.open, row.later) for row in rows] == [
        ("mailboxfull", 2, 0),
        ("undefined", 1, 0),
        ("authfailure", 0, 4),
    ]


def test_the_next_undecided_is_found_without_those_just_decided(
    store: Store, world: dict[str, int], look: Look
) -> None:
    view = look()
    assert view.next_group(1) == 1
    assert view.next_group(1, [2]) == 2
    assert view.next_group(3) is None
    triage.later(store, [world["a"]], ANN, NOW)
    assert view.next_single(0, 4) == 1
    assert view.next_single(0, 4, [world["b"]]) == 2
    assert view.next_single(0, 4, later=True) == 0
    assert view.next_single(4, 4) is None


def test_rare_wordings_of_one_reason_are_one_group(store: Store, look: Look) -> None:
    many = MANY_PATTERNS + 5
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    ids = plan(store, "Spring", [f"p{number}@g.example" for number in range(many + 3)])
    for number, id_ in enumerate(ids.values()):
        words = alphabet[number % 26] * (1 + number // 26) if number < many else "the usual words"
        happen(store, id_, EventType.BOUNCED, number, reason="onhold", diagnostic=f"550 {words}")
    rows = look().groups(0, 9)
    assert [(row.n, row.words, row.causes) for row in rows] == [(many, "", many), (3, "550 the usual words", 1)]
    assert len(group_members(store, None, rows[0].key)) == many


def test_hostile_words_are_made_safe(store: Store, look: Look) -> None:
    ids = plan(store, "Spring", ["a@g.example"])
    happen(
        store, ids["a@g.example"], EventType.BOUNCED, reason="userunknown", diagnostic="550 \x1b]0;pwn\x07 \u202e[/x]"
    )
    group = look().groups(0, 1)[0]
    single = look(Grouping.NONE).singles(0, 1)[0]
    for text in (group.words, group.sample, single.diagnostic):
        assert text.isprintable()
        assert "[/x]" in text


def test_a_campaign_has_an_inbox_of_its_own(store: Store, world: dict[str, int], look: Look) -> None:
    other = plan(store, "Summer", ["a@g.example"])
    happen(store, other["a@g.example"], EventType.BOUNCED, **OURS)
    campaign = store.rows("SELECT id FROM campaign WHERE name = 'Summer'")[0][0]
    assert look(campaign_id=campaign).total == 1
    everywhere = look()
    assert everywhere.total == 8
    assert set(everywhere.groups(0, 1)[0].campaigns) == {"Spring", "Summer"}


def test_a_group_is_named_for_commands_as_long_as_it_is_the_same(
    store: Store, world: dict[str, int], look: Look
) -> None:
    name = look().groups(0, 1)[0].key
    assert group_members(store, None, name) == [world[each] for each in "abcd"]
    triage.clear(store, [world["a"]], ANN, NOW)
    assert group_members(store, None, name) == [world[each] for each in "bcd"]
    for wrong in ("", "nonsense", "c0000000"):
        with pytest.raises(NotFound, match="There is no group"):
            group_members(store, None, wrong)


def test_a_closed_snapshot_has_nothing_to_break_off(store: Store) -> None:
    view = BounceView(store)
    view.close()
    view.interrupt()


def test_an_interrupted_or_closed_snapshot_says_so(store: Store, world: dict[str, int]) -> None:
    view = BounceView(store)
    view.interrupt()
    with pytest.raises(Interrupted):
        view.build(None, Grouping.CAUSE)
    view.close()
    with pytest.raises(Interrupted):
        view.groups(0, 1)


def test_nothing_undecided_is_an_empty_inbox(store: Store, look: Look) -> None:
    view = look()
    assert (view.total, view.group_count, view.groups(0, 9), view.group(1)) == (0, 0, (), None)
    assert view.recount().open == 0
    assert view.span(1) == (0, 0)
