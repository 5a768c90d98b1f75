"""Which numbers trip a wire, when it is armed again, and what is written down of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.actions import undo
from store.actions.triage import clear
from store.actions.tripwires import acknowledge, set_tripwires
from store.database import Store
from store.errors import BadInput, NotFound, Refused
from store.journal import Operator
from store.lookout import Lookout
from store.queries.journal import journal
from store.queries.tripwires import load, standing, trips
from store.times import from_ms
from store.tripwires import SETTINGS, Counts, Reading, Tripwires, Wire, percent_text, readings, share_text, why
from store.vocabulary import BounceKind, EventType
from tests.store.plan import BASE, happen, plan

ANN, BERT = Operator("ann", "desk-1"), Operator("bert", "desk-2")
NOW = from_ms(BASE) + timedelta(hours=1)


def read(wires: Tripwires, counts: Counts) -> dict[tuple[Wire, str], Reading]:
    return {(reading.wire, reading.subject): reading for reading in readings(wires, counts)}


def of(settled: int = 0, **more: int) -> Counts:
    known = {"tried": settled, "delivered": settled, "deferred": 0, "complained": 0}
    return Counts(settled=settled, **known | more)


def sent(store: Store, failed: int, others: int, domain: str = "example.org", name: str = "Autumn") -> dict[str, int]:
    """Plan a campaign of which some bounced hard and the others arrived."""
    ids = plan(store, name, [f"p{n}@{domain}" for n in range(failed + others)])
    for n, id_ in enumerate(ids.values()):
        if n < failed:
            happen(store, id_, EventType.BOUNCED, kind=BounceKind.HARD, reason="userunknown")
        else:
            happen(store, id_, EventType.DELIVERED)
    return ids


def small(store: Store, **texts: str) -> None:
    """Let few mails make a share."""
    set_tripwires(store, None, {"least": "4", "domain-least": "4", "domain": "off"} | texts, ANN, NOW)


def look(store: Store, now: datetime = NOW) -> list[str]:
    return [trip.why for trip in Lookout(store, lambda: now, environment={}).look()]


@pytest.mark.parametrize(
    ("hard", "settled", "trips"),
    [(1, 2, False), (50, 99, False), (2, 100, False), (3, 100, True), (20, 1000, False), (21, 1000, True)],
)
def test_a_share_trips_above_its_limit_and_never_of_a_few_mails(hard: int, settled: int, trips: bool) -> None:
    assert read(Tripwires(), of(settled, hard=hard))[Wire.HARD, ""].trips is trips


def test_one_complaint_rings_unless_more_are_allowed() -> None:
    counts = of(1000, complained=1)
    assert read(Tripwires(), counts)[Wire.COMPLAINTS, ""].trips
    assert not read(Tripwires(complaints=2), counts)[Wire.COMPLAINTS, ""].trips
    assert read(Tripwires(complaints=2), of(1000, complained=2))[Wire.COMPLAINTS, ""].trips


def test_complaints_are_a_share_of_the_delivered_too() -> None:
    wires = Tripwires(complaints=None)
    assert not read(wires, of(1000, complained=1))[Wire.COMPLAINT_RATE, ""].trips
    assert read(wires, of(1000, complained=2))[Wire.COMPLAINT_RATE, ""].trips
    assert not read(wires, of(1000, complained=2, delivered=99))[Wire.COMPLAINT_RATE, ""].trips


def test_a_domain_has_a_least_number_of_its_own() -> None:
    counts = Counts(0, 0, 0, 0, 0, 0, {"a.example": (6, 50), "b.example": (5, 50), "c.example": (20, 49)})
    found = read(Tripwires(), counts)
    assert [domain for (wire, domain), reading in found.items() if reading.trips] == ["a.example"]


def test_deferrals_are_a_share_of_what_was_tried() -> None:
    assert read(Tripwires(), of(150, tried=200, deferred=51))[Wire.DEFERRED, ""].trips
    assert not read(Tripwires(), of(150, tried=200, deferred=50))[Wire.DEFERRED, ""].trips


def test_a_wire_that_is_off_says_nothing() -> None:
    wires = Tripwires(hard=None, complaints=None, complaint_rate=None, domain=None, deferred=None)
    assert read(wires, Counts(500, 400, 10, 100, 9, 300, {"a.example": (50, 50)})) == {}


@given(st.integers(0, 2000), st.integers(1, 2000), st.integers(0, 100_000))
def test_a_share_is_never_too_much_and_harmless_at_once(part: int, whole: int, limit: int) -> None:
    part = min(part, whole)
    reading = read(Tripwires(hard=limit, least=1), of(whole, hard=part))[Wire.HARD, ""]
    assert reading.trips == (part / whole * 100_000 > limit + 1e-9)
    assert not (reading.trips and reading.rearms)
    assert reading.rearms == (part * 100_000 <= limit * 4 // 5 * whole)


def test_between_the_limit_and_four_fifths_of_it_a_trip_stands_unless_the_limit_was_changed() -> None:
    reading = read(Tripwires(hard=2_000), of(1000, hard=18))[Wire.HARD, ""]
    assert not reading.trips
    assert not reading.is_over(2_000)
    assert reading.is_over(1_500)
    assert read(Tripwires(hard=2_000), of(1000, hard=16))[Wire.HARD, ""].is_over(2_000)


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("hard", "2%", "2%"),
        ("hard", " 2.5 % ", "2.5%"),
        ("hard", "1.5‰", "0.15%"),
        ("hard", "OFF", "off"),
        ("domain", "100%", "100%"),
        ("domain", "0%", "0%"),
        ("complaints", "12", "12"),
        ("complaints", "off", "off"),
        ("least", "1", "1"),
        ("hook", "/bin/echo 'two words' $HOME", "/bin/echo 'two words' '$HOME'"),
        ("hook", "off", "off"),
        ("hook-timeout", "600", "600"),
    ],
)
def test_settings_are_read_as_operators_write_them(name: str, text: str, written: str) -> None:
    assert Tripwires().with_text(name, text).text(name) == written
    assert Tripwires().with_text(name, written).text(name) == written


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hard", "2"),
        ("hard", "%"),
        ("hard", "101%"),
        ("hard", "-1%"),
        ("hard", "0.0001%"),
        ("hard", "nan%"),
        ("hard", "1e999999999%"),
        ("hard", "٢%"),
        ("complaints", "0"),
        ("complaints", "1.5"),
        ("least", "0"),
        ("least", "off"),
        ("least", "9" * 5000),
        ("days", "-1"),
        ("hook", "page-me"),
        ("hook", "/bin/echo 'open"),
        ("hook-timeout", "0"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(name: str, text: str) -> None:
    with pytest.raises(BadInput, match=f"does not fit {name}; give "):
        Tripwires().with_text(name, text)


def test_there_is_no_tripwire_of_another_name() -> None:
    with pytest.raises(BadInput, match="there are hard, complaints"):
        Tripwires().with_text("soft", "2%")


def test_the_defaults_stand_in_the_settings_and_each_is_explained() -> None:
    for setting in SETTINGS:
        default = getattr(Tripwires(), setting.field)
        assert setting.read(setting.written(default)) == default
        assert setting.help.endswith(".")


def test_trips_are_told_in_words() -> None:
    assert why("hard", "", 71, 2300, 2_000) == "3.1 % bounced hard (71 of 2,300; the limit is 2%)"
    assert why("domain", "gmail.example", 6, 50, 10_000) == "12.0 % failed at gmail.example (6 of 50; the limit is 10%)"
    assert why("complaints", "", 1, 900, 1) == "1 person complained (the limit is 1)"
    assert why("complaint-rate", "", 2, 1000, 150).startswith("0.20 % of the delivered were complained about")
    assert share_text(1, 0) == "0.00 %"
    assert percent_text(33_333) == "33.333%"


def test_a_trip_is_written_down_once_and_is_over_when_the_share_has_fallen(store: Store) -> None:
    small(store, hard="20%")
    ids = sent(store, 3, 7)
    assert look(store) == ["30.0 % bounced hard (3 of 10; the limit is 20%)"]
    assert look(store) == []
    failed = list(ids.values())[:3]
    clear(store, failed[:1], ANN, NOW)
    assert look(store) == []
    assert len(standing(store, NOW)) == 1
    clear(store, failed[1:], ANN, NOW)
    later = NOW + timedelta(minutes=5)
    assert look(store, later) == []
    assert standing(store, later) == ()
    assert [trip.over_at for trip in trips(store)] == [later]
    undo.undo(store, ANN, NOW)
    undo.undo(store, ANN, NOW)
    assert look(store, later) == ["30.0 % bounced hard (3 of 10; the limit is 20%)"]
    assert len(trips(store)) == 2


def test_a_limit_that_is_raised_ends_a_trip_and_one_that_is_switched_off_too(store: Store) -> None:
    small(store, hard="20%")
    sent(store, 3, 7)
    look(store)
    set_tripwires(store, None, {"hard": "30%"}, ANN, NOW)
    assert look(store) == []
    assert standing(store, NOW) == ()
    set_tripwires(store, None, {"hard": "20%"}, ANN, NOW)
    assert len(look(store)) == 1
    set_tripwires(store, None, {"hard": "off"}, ANN, NOW)
    look(store)
    assert standing(store, NOW) == ()


def test_domains_are_counted_as_one_would_by_hand(store: Store) -> None:
    set_tripwires(store, None, {"domain-least": "4", "hard": "off"}, ANN, NOW)
    sent(store, 2, 8, "a.example", "Autumn")
    campaign = store.rows("SELECT id FROM campaign")[0][0]
    set_tripwires(store, campaign, {"domain": "10%"}, ANN, NOW)
    sent(store, 3, 20, "b.example", "Winter")
    sent(store, 1, 2, "c.example", "Spring")
    assert sorted(look(store)) == [
        "13.0 % failed at b.example (3 of 23; the limit is 10%)",
        "20.0 % failed at a.example (2 of 10; the limit is 10%)",
    ]
    happening = plan(store, "Late", [f"x{n}@a.example" for n in range(4)])
    assert look(store) == []
    for id_ in happening.values():
        happen(store, id_, EventType.BOUNCED, kind=BounceKind.SOFT)
    assert look(store) == ["100.0 % failed at a.example (4 of 4; the limit is 10%)"]


def test_a_domain_is_judged_by_what_it_has_now_not_by_an_earlier_pass(store: Store) -> None:
    set_tripwires(store, None, {"domain-least": "4", "hard": "off", "complaints": "off"}, ANN, NOW)
    ids = list(plan(store, "Autumn", [f"p{n}@a.example" for n in range(40)]).values())
    lookout = Lookout(store, lambda: NOW, environment={})
    for count, id_ in enumerate(ids, start=1):
        kind = BounceKind.HARD if count % 10 == 0 else None
        happen(store, id_, EventType.BOUNCED if kind else EventType.DELIVERED, kind=kind)
        assert lookout.look() == ()
    happen(store, plan(store, "More", ["q@a.example"])["q@a.example"], EventType.DELIVERED)
    for id_ in ids[-5:]:
        happen(store, id_, EventType.BOUNCED, 1, kind=BounceKind.SOFT)
        found = lookout.look()
        if found:
            break
    assert [trip.why for trip in found] == ["12.5 % failed at a.example (5 of 40; the limit is 10%)"]


def test_what_was_sent_long_ago_rings_no_more(store: Store) -> None:
    small(store, hard="20%")
    sent(store, 3, 7)
    assert look(store, NOW + timedelta(days=4)) == []
    assert len(look(store, NOW + timedelta(days=2))) == 1
    assert standing(store, NOW + timedelta(days=4)) == ()


def test_a_campaign_has_its_own_and_otherwise_what_holds_for_all(store: Store) -> None:
    plan(store, "Autumn", ["a@example.org"])
    plan(store, "Winter", ["a@example.org"])
    (first,), (second,) = store.rows("SELECT id FROM campaign ORDER BY id")
    set_tripwires(store, None, {"hard": "5%", "days": "9"}, ANN, NOW)
    set_tripwires(store, first, {"hard": "1%"}, ANN, NOW)
    held = load(store)
    assert (held.of(first).text("hard"), held.of(second).text("hard"), held.of(first).days) == ("1%", "5%", 9)
    said = set_tripwires(store, first, {"hard": "default"}, ANN, NOW).sentence
    assert said == "Tripwires of Autumn: hard 1% → 5% (default)"
    assert load(store).of(first).text("hard") == "5%"
    assert set_tripwires(store, first, {"hard": "default"}, ANN, NOW).count == 0
    with pytest.raises(NotFound):
        set_tripwires(store, 99, {"hard": "1%"}, ANN, NOW)


def dump(store: Store) -> list[object]:
    tables = ("campaign", "recipient", "campaign_stat", "address", "setting")
    return [store.rows(f"SELECT * FROM {table}") for table in tables] + [
        store.rows("SELECT campaign_id, name, value FROM tripwire WHERE value IS NOT NULL"),
        store.rows("SELECT * FROM trip"),
    ]


def test_settings_and_acknowledgements_are_undone_and_done_again(store: Store) -> None:
    sent(store, 3, 7)
    before = dump(store)
    small(store, hard="20%")
    undo.undo(store, ANN, NOW)
    assert dump(store) == before
    undo.redo(store, ANN, NOW)
    look(store)
    rung = dump(store)
    trip = standing(store, NOW)[0]
    change = acknowledge(store, [trip.id], ANN, NOW)
    assert change.sentence == "1 tripwire acknowledged: Autumn: hard"
    assert not standing(store, NOW)[0].rings
    assert (standing(store, NOW)[0].acked_by, standing(store, NOW)[0].acked_at) == ("ann", NOW)
    undo.undo(store, ANN, NOW)
    assert dump(store) == rung
    undo.redo(store, ANN, NOW)
    assert not standing(store, NOW)[0].rings
    assert [entry.verb for entry in journal(store).rows][:3] == ["redo", "undo", "acknowledge"]


def test_a_trip_is_acknowledged_once_and_not_when_it_is_over(store: Store) -> None:
    small(store, hard="20%")
    sent(store, 3, 7)
    look(store)
    trip = standing(store, NOW)[0]
    acknowledge(store, [trip.id], ANN, NOW)
    again = acknowledge(store, [trip.id, 77], BERT, NOW)
    assert again.count == 0
    assert set(again.refused) == {(77, "It is no longer there."), (trip.id, "ann has acknowledged it already.")}
    set_tripwires(store, None, {"hard": "off"}, ANN, NOW)
    look(store)
    assert acknowledge(store, [trip.id], BERT, NOW).sentence == "It is over."
    with pytest.raises(Refused):
        undo.undo(store, BERT, NOW)


def test_an_acknowledged_trip_rings_again_only_when_it_was_over(store: Store) -> None:
    small(store, hard="20%")
    ids = list(sent(store, 3, 7).values())
    look(store)
    acknowledge(store, [standing(store, NOW)[0].id], ANN, NOW)
    for id_ in ids[3:5]:
        happen(store, id_, EventType.BOUNCED, 1, kind=BounceKind.HARD)
    assert look(store) == []
    assert not any(trip.rings for trip in standing(store, NOW))
    clear(store, ids[:5], ANN, NOW)
    look(store)
    for id_ in ids[5:8]:
        happen(store, id_, EventType.BOUNCED, 90, kind=BounceKind.HARD)
    assert look(store, NOW + timedelta(hours=2)) == ["30.0 % bounced hard (3 of 10; the limit is 20%)"]
