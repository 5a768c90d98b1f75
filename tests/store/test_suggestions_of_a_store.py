"""What a store knows about misspelled addresses, accepting it, and taking that back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.actions import contacts, triage
from store.actions.undo import redo, undo
from store.database import Store, open_store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.queries.corrections import corrections, count_corrections, stream_corrections
from store.queries.resends import resend_counts
from store.queries.suggestions import advice, advised, domain_meant, doubtful, known_domains
from store.rows import AdviceRow
from store.vocabulary import BounceKind, Decision, EventType, Triage
from tests.store.plan import counters_are_right, happen, plan

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
ANN, BO = Operator("ann", "10.0.0.1"), Operator("bo", "10.0.0.2")
MAIN = "north.example"


@pytest.fixture
def world(tmp_path: Path) -> Store:
    return open_store(tmp_path / "s.db")


def campaign(store: Store, name: str = "Spring", *failing: str, reason: str = "hostunknown") -> dict[str, int]:
    """Plan a campaign in which five people at one domain get mail, and others fail; return the ids by address."""
    people = [f"p{number}.{name.lower()}@{MAIN}" for number in range(5)]
    ids = plan(store, name, [*people, *failing])
    for address in people:
        happen(store, ids[address], EventType.DELIVERED)
    for address in failing:
        happen(store, ids[address], EventType.BOUNCED, kind=BounceKind.HARD, reason=reason, status="5.1.2")
    return ids


def person(store: Store, id_: int, **columns: str) -> None:
    """Change what is known of a recipient's contact."""
    sets = ", ".join(f"{column} = ?" for column in columns)
    sql = f"UPDATE contact SET {sets} WHERE id = (SELECT contact_id FROM recipient WHERE id = ?)"
    store.run(lambda: store.execute(sql, (*columns.values(), id_)))


def of(store: Store, id_: int) -> AdviceRow | None:
    return advice(store, [id_], known_domains(store)).get(id_)


def best(store: Store, id_: int) -> str:
    row = of(store, id_)
    return row.best.address if row is not None and row.best is not None else ""


def against(store: Store, id_: int) -> str:
    row = of(store, id_)
    assert row is not None
    assert row.best is None
    return row.choices[0].against


def everything(store: Store) -> list[list[tuple[object, ...]]]:
    """Return every table but the journal; the search text without the blanks at its end."""
    tables = [
        name
        for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        if not name.startswith(("journal", "sqlite_", "contact_search", "contact_trigram", "elsewhere"))
    ]
    found = [sorted(store.rows(f"SELECT * FROM {table}"), key=repr) for table in tables]
    return [*found, sorted(store.rows("SELECT contact_id, rtrim(s) FROM contact_search"))]


def test_a_domain_near_the_one_where_mail_arrives_is_meant(world: Store) -> None:
    ids = campaign(world, "Spring", "anna@nroth.example", "bert@elsewhere.example")
    row = of(world, ids["anna@nroth.example"])
    assert row is not None
    assert row.best is not None
    assert row.best.address == "anna@north.example"
    assert row.best.why == "nroth.example is one swap from north.example, where 5 of your mails arrived."
    assert of(world, ids["bert@elsewhere.example"]) is None


def test_a_failure_that_says_nothing_against_the_address_is_left_alone(world: Store) -> None:
    ids = campaign(world, "Spring", "anna@nroth.example", reason="mailboxfull")
    assert of(world, ids["anna@nroth.example"]) is None
    assert of(world, ids[f"p0.spring@{MAIN}"]) is None


def test_what_is_decided_needs_no_suggestion_once_it_is_fixed(world: Store) -> None:
    ids = campaign(world, "Spring", "anna@nroth.example")
    contacts.fix(world, ids["anna@nroth.example"], "anna@west.example", ANN, NOW)
    assert of(world, ids["anna@nroth.example"]) is None


def test_accepting_is_one_entry_and_undo_leaves_everything_as_it_was(world: Store) -> None:
    ids = campaign(world, "Spring", "anna@nroth.example", "bert@nroth.example")
    wrong = [ids["anna@nroth.example"], ids["bert@nroth.example"]]
    before = everything(world)
    found = advice(world, wrong, known_domains(world))
    change = contacts.accept(world, {id_: found[id_].best.address for id_ in wrong}, ANN, NOW)  # type: ignore[union-attr]
    assert (change.count, change.sentence, change.verb) == (2, "2 addresses corrected", "accept")
    assert world.rows("SELECT email FROM contact WHERE email LIKE 'anna%' OR email LIKE 'bert%' ORDER BY 1") == [
        ("anna@north.example",),
        ("bert@north.example",),
    ]
    marks = world.rows("SELECT DISTINCT triage, decision FROM recipient WHERE address LIKE '%nroth%'")
    assert marks == [(Triage.DONE.code, Decision.FIXED.code)]
    assert world.rows("SELECT key FROM address WHERE blocked_at IS NOT NULL ORDER BY 1") == [
        ("anna@nroth.example",),
        ("bert@nroth.example",),
    ]
    assert counters_are_right(world)
    assert resend_counts(world, 1).fixed == 2
    after = everything(world)
    undo(world, ANN, NOW + timedelta(days=1))
    assert everything(world) == before
    redo(world, ANN, NOW + timedelta(days=2))
    assert everything(world) == after


def test_what_must_not_be_written_to_is_named_and_never_accepted(world: Store) -> None:
    wrong = [f"{name}@nroth.example" for name in ("blocked", "left", "angry", "taken", "twice", "dead")]
    ids = campaign(world, "Spring", *wrong)
    right = [f"{name}@{MAIN}" for name in ("blocked", "left", "angry", "taken", "dead")]
    old = plan(world, "Winter", right)
    triage.block(world, [old[f"blocked@{MAIN}"]], BO, NOW)
    happen(world, old[f"left@{MAIN}"], EventType.UNSUBSCRIBED)
    happen(world, old[f"angry@{MAIN}"], EventType.COMPLAINED)
    happen(world, old[f"dead@{MAIN}"], EventType.BOUNCED, kind=BounceKind.SOFT, reason="mailboxfull")
    for name in ("blocked", "left", "angry", "dead"):
        person(world, old[f"{name}@{MAIN}"], email=f"{name}@moved.example", email_key=f"{name}@moved.example")
    world.run(
        lambda: world.execute(
            "UPDATE recipient SET address = 'twice@north.example', address_key = 'twice@north.example' WHERE id = ?",
            (ids[f"p0.spring@{MAIN}"],),
        )
    )
    said = {name: against(world, ids[f"{name}@nroth.example"]) for name, _, _ in (a.partition("@") for a in wrong)}
    assert said == {
        "blocked": "It is blocked itself.",
        "left": "It is unsubscribed.",
        "angry": "It complained about a mail.",
        "taken": "It belongs to Taken already.",
        "twice": "It gets this campaign already.",
        "dead": "It bounced, too.",
    }
    before = everything(world)
    asked = {ids[f"{name}@nroth.example"]: f"{name}@{MAIN}" for name in said if name != "dead"}
    change = contacts.accept(world, asked, ANN, NOW)
    assert (change.count, len(change.refused)) == (0, 5)
    assert everything(world) == before
    with pytest.raises(Refused, match=r"twice@north\.example gets this campaign already"):
        contacts.fix(world, ids["twice@nroth.example"], f"twice@{MAIN}", ANN, NOW)
    with pytest.raises(Refused, match="is unsubscribed"):
        contacts.fix(world, ids["left@nroth.example"], f"left@{MAIN}", ANN, NOW)


def test_of_two_people_who_would_get_one_address_the_second_is_left_alone(world: Store) -> None:
    ids = campaign(world, "Spring", "anna@nroth.example", "anna@norht.example")
    asked = {ids["anna@nroth.example"]: "anna@north.example", ids["anna@norht.example"]: "anna@north.example"}
    change = contacts.accept(world, asked, ANN, NOW)
    assert change.sentence == (
        "anna@nroth.example corrected to anna@north.example"
        " (1 left alone: anna@north.example is another one's of them by now.)"
    )


def test_the_address_that_the_contact_has_by_now_is_meant_and_moves_nobody(world: Store) -> None:
    spring = campaign(world, "Spring", "anna@old.example")
    summer = plan(world, "Summer", ["anna@old.example"])
    happen(world, summer["anna@old.example"], EventType.BOUNCED, kind=BounceKind.HARD, reason="hostunknown")
    contacts.fix(world, spring["anna@old.example"], "anna@new.example", ANN, NOW)
    assert best(world, summer["anna@old.example"]) == "anna@new.example"
    change = contacts.accept(world, {summer["anna@old.example"]: "anna@new.example"}, ANN, NOW)
    assert change.sentence == "anna@old.example corrected to anna@new.example"
    assert world.rows("SELECT count(*) FROM contact WHERE email = 'anna@new.example'") == [(1,)]
    assert [(row.old, row.new, row.campaign) for row in corrections(world)] == [
        ("anna@old.example", "anna@new.example", "Spring")
    ]


def test_a_suggestion_is_refused_where_the_contact_got_another_address_meanwhile(world: Store) -> None:
    ids = campaign(world, "Spring", "anna@nroth.example")
    person(world, ids["anna@nroth.example"], email="anna@third.example", email_key="anna@third.example")
    change = contacts.accept(world, {ids["anna@nroth.example"]: "anna@north.example"}, ANN, NOW)
    assert change.refused == (
        (ids["anna@nroth.example"], "anna@north.example is not what the contact has by now, anna@third.example."),
    )
    assert contacts.accept(world, {999: "a@b.example"}, ANN, NOW).sentence == "It is no longer there."
    with pytest.raises(NotFound):
        contacts.fix(world, 999, "a@b.example", ANN, NOW)


def test_colleagues_tell_the_domain_and_the_form_of_the_address(world: Store) -> None:
    people = {f"{first}.{last}@{MAIN}": f"{first.title()} {last.title()}" for first, last in PAIRS}
    ids = plan(world, "Spring", [*people, "berg@north.example", "anna.berg@old-name.example"])
    for address, name in people.items():
        person(world, ids[address], name=name, company="Nord", company_key="nord")
        happen(world, ids[address], EventType.DELIVERED)
    for address, reason in (("berg@north.example", "userunknown"), ("anna.berg@old-name.example", "hostunknown")):
        person(world, ids[address], name="Anna Berg", company="Nord", company_key="nord")
        happen(world, ids[address], EventType.BOUNCED, kind=BounceKind.HARD, reason=reason)
    row = of(world, ids["berg@north.example"])
    assert row is not None
    assert row.best is not None
    assert row.best.address == "anna.berg@north.example"
    assert row.best.why == "4 colleagues at north.example have addresses of the form first.last."
    assert best(world, ids["anna.berg@old-name.example"]) == "anna.berg@north.example"
    person(world, ids["berg@north.example"], company_key="another")
    assert best(world, ids["berg@north.example"]) == ""


PAIRS = (("bo", "ek"), ("cleo", "diaz"), ("dan", "fox"), ("eve", "gray"))


def test_an_address_of_the_same_person_that_got_mail_later_is_meant(world: Store) -> None:
    spring = campaign(world, "Spring", "anna@gone.example", reason="userunknown")
    summer = plan(world, "Summer", ["anna.b@south.example"])
    happen(world, summer["anna.b@south.example"], EventType.DELIVERED, minutes=60 * 24 * 30)
    world.run(
        lambda: world.execute(
            "UPDATE recipient SET contact_id = (SELECT contact_id FROM recipient WHERE id = ?) WHERE id = ?",
            (spring["anna@gone.example"], summer["anna.b@south.example"]),
        )
    )
    world.run(lambda: world.execute("DELETE FROM contact WHERE email = 'anna.b@south.example'"))
    assert best(world, spring["anna@gone.example"]) == "anna.b@south.example"


def test_the_server_says_where_somebody_moved(world: Store) -> None:
    ids = plan(world, "Spring", ["bo@north.example"])
    words = "551 User not local; please try <bo.ek@west.example>"
    happen(world, ids["bo@north.example"], EventType.BOUNCED, kind=BounceKind.HARD, reason="hasmoved", diagnostic=words)
    assert best(world, ids["bo@north.example"]) == "bo.ek@west.example"


def test_what_was_no_address_at_all_can_be_accepted_too(world: Store) -> None:
    ids = campaign(world)
    bad = plan(world, "Summer", ["mailto:anna@north.example"])
    one = bad["mailto:anna@north.example"]
    world.run(lambda: world.execute("UPDATE recipient SET delivery = 1, skip_reason = 3 WHERE id = ?", (one,)))
    assert doubtful(world, None) == [one]
    assert best(world, one) == "anna@north.example"
    contacts.accept(world, {one: "anna@north.example"}, ANN, NOW)
    assert doubtful(world, None) == []
    assert ids


def test_only_what_is_undecided_and_in_doubt_is_looked_at(world: Store) -> None:
    spring = campaign(world, "Spring", "anna@nroth.example", "bert@norht.example")
    campaign(world, "Summer", "cora@full.example", reason="mailboxfull")
    triage.clear(world, [spring["bert@norht.example"]], ANN, NOW)
    assert doubtful(world, None) == [spring["anna@nroth.example"]]
    assert doubtful(world, 2) == []
    found = list(advised(world, list(spring.values()), known_domains(world), size=2))
    assert [row.address for row in found] == ["anna@nroth.example"]


def test_the_domains_are_counted_again_only_after_much_has_happened(world: Store) -> None:
    campaign(world)
    first = known_domains(world)
    assert known_domains(world) is first
    campaign(world, "Summer")
    second = known_domains(world)
    assert second is not first
    assert second.delivered(MAIN) == 10


def test_a_domain_alone_is_told_for_groups(world: Store) -> None:
    campaign(world)
    known = known_domains(world)
    assert domain_meant(known, "nroth.example", "hostunknown") == MAIN
    assert domain_meant(known, "nroth.example", "mailboxfull") == ""
    assert domain_meant(known, MAIN, "hostunknown") == ""


def test_corrections_are_those_that_stand_the_newest_first(world: Store) -> None:
    ids = campaign(world, "Spring", "anna@nroth.example", "bert@nroth.example", "cora@nroth.example")
    person(world, ids["anna@nroth.example"], crm_id="C-7", company="Nord \x1b[31m")
    contacts.fix(world, ids["anna@nroth.example"], "anna@west.example", ANN, NOW)
    later = NOW + timedelta(days=2)
    some = {ids[f"{name}@nroth.example"]: f"{name}@north.example" for name in ("bert", "cora")}
    contacts.accept(world, some, BO, later)
    triage.delete(world, [ids[f"p0.spring@{MAIN}"]], ANN, later)
    found = corrections(world)
    assert [(row.old.partition("@")[0], row.operator) for row in found] == [
        ("bert", "bo"),
        ("cora", "bo"),
        ("anna", "ann"),
    ]
    anna = found[-1]
    assert (anna.old, anna.new, anna.crm_id, anna.campaign, anna.at, anna.contact_id > 0) == (
        "anna@nroth.example",
        "anna@west.example",
        "C-7",
        "Spring",
        NOW,
        True,
    )
    assert "\x1b" not in anna.company
    assert [row.old for row in corrections(world, since=later)] == [row.old for row in found[:2]]
    assert count_corrections(world) == len(list(stream_corrections(world))) == 3
    undo(world, BO, later)
    assert [row.new for row in corrections(world)] == ["anna@west.example"]
