"""Everybody who would get a message is looked at in the store; ticks and overrides stand in it, and can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.actions.undo import redo, undo
from store.actions.vouching import override, tick
from store.asking import RecipientFilter
from store.database import Store
from store.errors import BadInput, Refused
from store.journal import Operator
from store.models import TABLES
from store.outbox.checks.finding import Audience, Finding, Level
from store.outbox.content import Message
from store.outbox.gate import blocking, gate, open_case
from store.outbox.keeping import keep
from store.outbox.whom import Whom
from store.queries.audience import audience
from store.queries.journal_lines import EntryLines
from store.queries.vouches import vouches
from store.vocabulary import OutboxState, SendState, SkipReason
from tests.outbox.writing import how, message
from tests.store.building import BASE, Builder

NOW = datetime(2027, 2, 20, 9, 0, tzinfo=UTC)
ANNA, BO = Operator("anna", "desk"), Operator("bo", "desk")


def everybody_of(campaign: int) -> Whom:
    return Whom(wanted=RecipientFilter(campaign_id=campaign), words="all of Spring")


def looked(store: Store, campaign: int, made: Message | None = None, own: int = 0) -> Audience:
    made = made or message()
    composer = open_case(made, how(), NOW).composer
    return audience(store, everybody_of(campaign), composer, digest=made.digest, campaign_id=own)


def sent(build: Builder, campaign: int, made: Message) -> int:
    """Write the row of a message that a campaign was sent with."""
    return build.insert(
        "message", **keep(made), campaign_id=campaign, state=SendState.DONE.code, why="", relay="r", made_at=BASE,
        made_by="anna",
    )  # fmt: skip


@pytest.fixture
def build(store: Store) -> Builder:
    return Builder(store)


def test_everybody_is_tried_and_whoever_lacks_something_is_named(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring")
    for number in range(5):
        build.recipient(campaign, build.contact(f"a{number}@shop.example", f"Ann {number}", "Acme"))
    build.recipient(campaign, build.contact("nobody@shop.example", "", "Acme"))
    build.recipient(campaign, build.contact("jörg@shop.example", "Jörg", "Acme"))
    found = looked(store, campaign)
    assert (found.count, found.failed) == (7, 2)
    assert [(one.address, one.sentence[:13], one.where) for one in found.failures] == [
        ("nobody@shop.example", "name is empty", "text.txt, line 1"),
        ("jörg@shop.example", "“jörg@shop.ex", ""),
    ]
    assert found.first is not None
    assert found.first.name == "Ann 0"
    reds = {one.rule for one in gate(open_case(message(), how(), NOW), audience=found) if one.level is Level.RED}
    assert reds == {"fields", "addresses"}


def test_whoever_gets_nothing_is_counted_by_reason_and_named(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring")
    build.recipient(campaign, build.contact("a@shop.example", "Ann", "Acme"))
    build.recipient(campaign, build.contact("a@shop.example", "Ann again", "Acme"), occurrence=1)
    build.recipient(campaign, build.contact("no@shop.example", "No", "Acme", consent=False))
    build.recipient(campaign, build.contact("gone@shop.example", "Gone", "Acme", former=True))
    build.recipient(campaign, build.contact("bad@shop.example", "Bad", "Acme"))
    build.address("bad@shop.example", blocked_at=BASE)
    found = looked(store, campaign)
    assert found.count == 1
    assert found.named == {
        SkipReason.DUPLICATE: ("a@shop.example",),
        SkipReason.NO_CONSENT: ("no@shop.example",),
        SkipReason.BLOCKED: ("bad@shop.example",),
        SkipReason.FORMER: ("gone@shop.example",),
    }
    assert found.left_out == dict.fromkeys(found.named, 1)


def test_people_who_got_the_same_message_are_found_under_any_address(store: Store, build: Builder) -> None:
    before = build.campaign("Winter")
    sent(build, before, message())
    ann = build.contact("a@shop.example", "Ann", "Acme")
    bo = build.contact("bo@shop.example", "Bo", "Acme")
    cy = build.contact("cy@shop.example", "Cy", "Acme")
    build.delivered(before, ann, address="old@shop.example")
    build.recipient(before, cy, delivery=60)
    other = build.contact("x@shop.example", "X", "Acme")
    build.delivered(before, other, address="bo@shop.example")
    now = build.campaign("Spring")
    for contact in (ann, bo, cy):
        build.recipient(now, contact)
    found = looked(store, now)
    assert (found.again, found.again_in, set(found.again_named)) == (
        2,
        ("Winter",),
        {"a@shop.example", "bo@shop.example"},
    )
    assert looked(store, now, message(text="Something else {{ unsubscribe }}")).again == 0
    assert looked(store, now, own=before).again == 0


def test_people_whose_mail_still_waits_or_is_unsure_count_as_having_got_it(store: Store, build: Builder) -> None:
    before = build.campaign("Winter")
    number = sent(build, before, message())
    now = build.campaign("Spring")
    for at, state in enumerate((OutboxState.WAITING, OutboxState.UNSURE, OutboxState.REFUSED)):
        contact = build.contact(f"a{at}@shop.example", "Ann", "Acme")
        build.insert(
            "outbox", message_id=number, recipient_id=build.recipient(before, contact), state=state.code, attempts=0,
            next_at=0, landed=False, mail_id=f"k.{at}@shop.example",
        )  # fmt: skip
        build.recipient(now, contact)
    assert looked(store, now).again == 2


def kept(store: Store) -> dict[str, list[tuple[object, ...]]]:
    names = [table._meta.table_name for table in TABLES]
    return {name: sorted(store.rows(f"SELECT * FROM {name}"), key=repr) for name in names}


def test_whoever_looks_changes_nothing_and_leaves_nothing_behind(store: Store, build: Builder) -> None:
    campaign = build.campaign("Spring")
    build.recipient(campaign, build.contact("a@shop.example", "Ann", "Acme"))
    before = kept(store)
    seen: list[tuple[int, int]] = []
    audience(store, everybody_of(campaign), None, on_tried=lambda done, of: seen.append((done, of)))
    looked(store, campaign)
    assert kept(store) == before


def found_of(store: Store, made: Message) -> tuple[Finding, ...]:
    return gate(open_case(made, how(), NOW), vouches=vouches(store, made.digest))


def blocked(store: Store, made: Message) -> set[str]:
    return {one.rule for one in blocking(found_of(store, made))}


def test_ticks_hold_for_the_content_and_no_other(store: Store) -> None:
    made = message(author="anna")
    assert blocked(store, made) == {"proof-read", "test-mail"}
    tick(store, made, "test-mail", ANNA, NOW)
    change = tick(store, made, "proof-read", BO, NOW)
    assert change.sentence == "“Spring at {{ company }}”: proof-read ticked"
    assert blocked(store, made) == set()
    assert blocked(store, message(author="anna", subject="Spring at {{ company }}!")) == {"proof-read", "test-mail"}
    assert blocked(store, message(author="anna", source="elsewhere")) == set()


def test_nobody_proof_reads_what_they_wrote(store: Store) -> None:
    with pytest.raises(Refused, match="anna wrote the message; somebody else proof-reads it"):
        tick(store, message(author="anna"), "proof-read", ANNA, NOW)
    with pytest.raises(Refused, match="anna wrote the message"):
        tick(store, message(owner="anna"), "proof-read", ANNA, NOW)
    with pytest.raises(Refused, match="checked by the program"):
        tick(store, message(), "subject", ANNA, NOW)
    with pytest.raises(BadInput, match="is no rule"):
        tick(store, message(), "nothing", ANNA, NOW)


def test_an_override_needs_a_reason_and_stands_in_the_journal(store: Store) -> None:
    made = message(text="Wednesday, 2 March 2027 {{ unsubscribe }}")
    with pytest.raises(BadInput, match="needs a reason"):
        override(store, made, found_of(store, made), "dates", "  ", BO, NOW)
    with pytest.raises(Refused, match="Subject has nothing against the message"):
        override(store, made, found_of(store, made), "subject", "because", BO, NOW)
    change = override(store, made, found_of(store, made), "dates", "It is\r\na quotation", BO, NOW)
    assert "dates" not in blocked(store, made)
    entry = store.rows("SELECT operator, verb, sentence FROM journal WHERE id = ?", (change.journal_id,))
    assert entry == [("bo", "override", "“Spring at {{ company }}”: dates overridden: It is a quotation")]
    (line,) = EntryLines(store, change.journal_id or 0).page(0, 10)
    assert (line.kind, line.name, line.of) == ("check", "dates", "Spring at {{ company }}")


def test_an_override_does_not_hold_for_another_fault(store: Store) -> None:
    made = message()
    first, second = (
        Audience("list A", 5, again=1, again_named=("a",)),
        Audience("list B", 5, again=4, again_named=("b",)),
    )
    found = gate(open_case(made, how(), NOW), audience=first)
    override(store, made, found, "again", "they asked for it", BO, NOW)
    for who, blocks in ((first, False), (second, True)):
        now = gate(open_case(made, how(), NOW), audience=who, vouches=vouches(store, made.digest))
        assert ("again" in {one.rule for one in blocking(now)}) is blocks


def test_what_cannot_be_filled_cannot_be_overridden(store: Store) -> None:
    made = message(text="{{ nmae }} {{ unsubscribe }}")
    with pytest.raises(Refused, match="cannot be filled cannot be sent"):
        override(store, made, found_of(store, made), "fields", "I insist", BO, NOW)


def test_asking_again_is_no_change_and_each_is_undone_and_redone(store: Store) -> None:
    made = message()
    assert tick(store, made, "proof-read", BO, NOW).count == 1
    assert tick(store, made, "proof-read", BO, NOW).count == 0
    undo(store, BO, NOW + timedelta(minutes=1))
    assert "proof-read" in blocked(store, made)
    redo(store, BO, NOW + timedelta(minutes=2))
    assert "proof-read" not in blocked(store, made)
    tick(store, made, "proof-read", ANNA, NOW + timedelta(minutes=3))
    assert vouches(store, made.digest)["proof-read"].by == "anna"
    undo(store, ANNA, NOW + timedelta(minutes=4))
    assert vouches(store, made.digest)["proof-read"].by == "bo"
