"""Old events are folded into others, and nothing that follows from events is another one afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.actions.forgetting import forget
from store.actions.imports import import_recipients
from store.actions.retention import preview, run, set_rules
from store.actions.triage import clear, mark_hard
from store.actions.undo import undo
from store.database import Store
from store.errors import BadInput
from store.feeds.record import Record
from store.fold import Happening, Marks, fold
from store.folding import Event, fold_events
from store.journal import Operator
from store.landing import land
from store.matching import Matcher
from store.queries.identity import who_is
from store.queries.reconciliation import reconcile
from store.queries.retention import due
from store.recompute import differences
from store.rows import Change
from store.vocabulary import Actor, BounceKind, EventType, Source
from tests.rights.test_forgetting_leaves_nothing_behind import numbers

WHO = Operator("ann", "desk")
BASE = 1_772_438_400_000
NOW = datetime(2027, 3, 5, 8, tzinfo=UTC)
TYPES = (
    *(EventType.SENT, EventType.DELIVERED, EventType.DEFERRED, EventType.BOUNCED, EventType.OPENED),
    *(EventType.CLICKED, EventType.REPLIED, EventType.AUTOREPLIED, EventType.UNSUBSCRIBED, EventType.QUEUED),
)
HAPPENINGS = st.lists(
    st.tuples(st.sampled_from(TYPES), st.integers(0, 40), st.booleans(), st.sampled_from((1, 2))), max_size=25
)
MARKS = st.sampled_from((Marks(), Marks(override=BounceKind.HARD, override_at=20_000), Marks(cleared_at=25_000)))


def happened(told: list[tuple[EventType, int, bool, int]], start: int) -> dict[int, tuple[Event, Happening]]:
    found = {}
    for number, (type_, ts, machine, link) in enumerate(told, start):
        actor = Actor.MACHINE if machine else Actor.HUMAN
        kind = BounceKind.SOFT if type_ is EventType.BOUNCED else None
        key = number.to_bytes(16, "big")
        event = Event(number, 1, type_.code, ts * 1000, actor.code, link, 1, None, key, 100)
        found[number] = event, Happening(type_, ts * 1000, key, kind=kind, actor=actor)
    return found


@given(HAPPENINGS, HAPPENINGS, MARKS)
@settings(max_examples=300, deadline=None)
def test_the_state_is_the_same_whatever_comes_later(
    old: list[tuple[EventType, int, bool, int]], later: list[tuple[EventType, int, bool, int]], marks: Marks
) -> None:
    before, after = happened(old, 1), happened(later, 1000)
    found = fold_events([event for event, _ in before.values()], several=False)
    gone = {event.id for event in found.gone}
    stays = [
        Happening(h.type, h.ts, h.dedupe, kind=h.kind, actor=h.actor, times=found.times.get(id_, 1))
        for id_, (_, h) in before.items()
        if id_ not in gone
    ]
    more = [happening for _, happening in after.values()]
    assert fold([*stays, *more], marks) == fold([*(h for _, h in before.values()), *more], marks)
    again = fold_events([before[h.dedupe[-1] | h.dedupe[-2] << 8][0] for h in stays], several=False)
    assert again.gone == ()


def records(folder: Path) -> list[Record]:
    """Return what happened to three people: one reads and clicks a lot, one bounces, one got two mails."""
    told: list[Record] = []
    for name in ("bo", "cy", "dy"):
        address = f"{name}@example.org"
        told.append(Record(EventType.SENT, BASE, address, Source.POSTFIX, campaign="spring", message_id=f"{name}@m"))
        told += [
            Record(
                EventType.DEFERRED, BASE + 1000 * n, address, Source.POSTFIX, campaign="spring", message_id=f"{name}@m"
            )
            for n in range(1, 8)
        ]
    told.append(Record(EventType.DELIVERED, BASE + 9000, "bo@example.org", Source.POSTFIX, campaign="spring"))
    told += [
        Record(type_, BASE + 60_000 * n, "bo@example.org", Source.EVENTS, campaign="spring", actor=actor, url=url)
        for n in range(1, 30)
        for type_, actor, url in (
            (EventType.OPENED, Actor.HUMAN, None),
            (EventType.OPENED, Actor.MACHINE, None),
            (EventType.CLICKED, Actor.HUMAN, f"https://example.org/{n % 2}"),
        )
    ]
    told += [
        Record(
            EventType.BOUNCED,
            BASE + 10_000 * n,
            "cy@example.org",
            Source.BOUNCE_MAIL,
            campaign="spring",
            kind=BounceKind.SOFT,
            diagnostic=f"452 full {n}",
            where=f"{n}.eml",
        )
        for n in range(1, 5)
    ]
    told.append(
        Record(EventType.DELIVERED, BASE + 9000, "dy@example.org", Source.POSTFIX, campaign="spring", message_id="x@m")
    )
    told.append(Record(EventType.BOUNCED, BASE, "who@nowhere.example", Source.BOUNCE_MAIL, diagnostic="550 who"))
    return told


def landed(store: Store, told: list[Record]) -> tuple[int, int]:
    found = store.run(lambda: land(store, Matcher(store), {}, None, told))
    return found.new_events, found.strangers


@pytest.fixture
def old(store: Store, tmp_path: Path) -> Store:
    """A store with a campaign of a year ago."""
    path = tmp_path / "list.csv"
    path.write_text("E-mail;Name\nbo@example.org;Bo\ncy@example.org;Cy\ndy@example.org;Dy\n", encoding="utf-8")
    import_recipients(store, path, "Spring", WHO, datetime(2026, 3, 1, tzinfo=UTC))
    landed(store, records(tmp_path))
    return store


def states(store: Store) -> dict[str, object]:
    found = numbers(store)
    del found["events"], found["strangers"]
    return found


def rule(store: Store, **texts: str) -> Change:
    return set_rules(store, {name.replace("_", "-"): text for name, text in texts.items()}, WHO, NOW)


def test_states_and_numbers_stay_and_nothing_is_taken_in_twice(old: Store, tmp_path: Path) -> None:
    rule(old, events_after_months="6")
    before = states(old)
    expected = preview(old, NOW)
    done, going = run(old, WHO, NOW)
    assert going == expected
    assert done.sentence == "Retention: 89 events of 1 campaign folded"
    assert states(old) == before
    assert list(differences(old, thorough=True)) == []
    assert landed(old, records(tmp_path)) == (0, 0)
    assert states(old) == before
    assert all(account.adds_up for account in reconcile(old).campaigns)
    assert run(old, WHO, NOW)[1].count == 0


def test_marks_late_events_and_undo_act_as_if_nothing_was_folded(old: Store, tmp_path: Path) -> None:
    rule(old, events_after_months="6")
    run(old, WHO, NOW)
    before = states(old)
    mark_hard(old, [1], WHO, NOW)
    assert list(differences(old)) == []
    undo(old, WHO, NOW)
    clear(old, [2], WHO, NOW)
    undo(old, WHO, NOW)
    assert states(old) == before
    late = Record(
        EventType.CLICKED, BASE + 50_000_000, "bo@example.org", Source.EVENTS, campaign="spring", actor=Actor.HUMAN
    )
    assert landed(old, [late]) == (1, 0)
    assert old.row("SELECT clicks FROM recipient WHERE id = 1") == (30,)
    assert list(differences(old, thorough=True)) == []


def test_a_run_that_is_broken_off_leaves_a_whole_store_and_goes_on(old: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.queries.retention.SLICE", 1)
    monkeypatch.setattr("store.actions.retention.SLICE", 1)
    rule(old, events_after_months="6", words_after_days="30")
    before = states(old)
    steps = []

    def tell(what: str, done: int, total: int) -> None:
        steps.append(done)
        if len(steps) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(old, WHO, NOW, tell)
    assert states(old) == before
    assert list(differences(old)) == []
    assert old.row("SELECT count(*) FROM journal WHERE verb = 'retention' AND NOT undoable") == (1,)
    going = run(old, WHO, NOW)[1]
    assert 0 < going.events.total() < 89
    assert states(old) == before


@pytest.mark.parametrize("first", ["fold", "forget"])
def test_whose_events_were_folded_may_be_forgotten_and_the_other_way_round(
    old: Store, tmp_path: Path, first: str
) -> None:
    rule(old, events_after_months="6", words_after_days="30")
    if first == "fold":
        run(old, WHO, NOW)
    forget(old, [who_is(old, "bo@example.org")], WHO, NOW)
    forget(
        old, [who_is(old, "who@nowhere.example")] if first == "forget" else [who_is(old, "cy@example.org")], WHO, NOW
    )
    if first == "forget":
        run(old, WHO, NOW)
    before = states(old)
    assert landed(old, records(tmp_path)) == (0, 0)
    assert states(old) == before
    assert list(differences(old, thorough=True)) == []


def test_words_go_and_causes_stay(old: Store, tmp_path: Path) -> None:
    rule(old, words_after_days="30")
    assert due(old, NOW)
    before = states(old)
    run(old, WHO, NOW)
    assert not due(old, NOW)
    assert states(old) == before
    assert old.row("SELECT count(*) FROM event WHERE diagnostic IS NOT NULL OR location <> ''") == (0,)
    assert old.row("SELECT count(*) FROM stranger") == (0,)
    assert landed(old, records(tmp_path)) == (0, 0)


def test_young_campaigns_are_left_alone(old: Store) -> None:
    rule(old, events_after_months="6", words_after_days="300")
    early = datetime(2026, 5, 1, tzinfo=UTC)
    assert not due(old, early)
    assert run(old, WHO, early)[1].count == 0


def test_mails_that_were_read_go_and_the_others_stay(old: Store, tmp_path: Path) -> None:
    import os

    folder = tmp_path / "bounces"
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for name, days in (("1.M1.host", 400), ("2.M2.host", 400), ("3.M3.host", 10)):
        mail = folder / "cur" / f"{name}:2,S"
        mail.write_text("Subject: x\n\n", encoding="utf-8")
        when = (NOW - timedelta(days=days)).timestamp()
        os.utime(mail, (when, when))
    old.run(
        lambda: old.execute(
            "INSERT INTO feed (path, format, inode, size_bytes, mtime_ns, fingerprint, position, records, defects,"
            " read_at) VALUES (?, 'Maildir', 0, 0, 0, '', 0, 0, 0, 0)",
            (str(folder),),
        )
    )
    (feed,) = old.row("SELECT max(id) FROM feed") or (0,)
    old.run(
        lambda: old.execute_many(
            "INSERT INTO feed_piece (feed_id, name) VALUES (?, ?)", [(feed, "1.M1.host"), (feed, "3.M3.host:2,S")]
        )
    )
    rule(old, mails_after_days="30")
    assert preview(old, NOW).mails == 1
    assert run(old, WHO, NOW)[0].sentence == "Retention: 1 mail deleted"
    assert sorted(file.name for file in (folder / "cur").iterdir()) == ["2.M2.host:2,S", "3.M3.host:2,S"]


def test_rules_are_checked_and_taken_back(old: Store) -> None:
    with pytest.raises(BadInput, match="never, or a whole number from 2 to 240"):
        rule(old, events_after_months="1")
    with pytest.raises(BadInput, match="is no rule"):
        rule(old, everything="1")
    assert rule(old, mails_after_days="90").sentence == "Retention: mails-after-days never → 90"
    assert rule(old, mails_after_days="90").count == 0
    undo(old, WHO, NOW)
    assert preview(old, NOW).count == 0
