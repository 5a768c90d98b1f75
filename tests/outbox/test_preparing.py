"""Making a send ready: who gets it, who does not and why, and what it is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store.actions.lists import add
from store.actions.relays import set_relay
from store.actions.triage import block, former
from store.asking import RecipientFilter, Source
from store.database import Store
from store.errors import NotFound, Refused
from store.outbox.preparing import Draft, free_name, prepare
from store.outbox.relay import relay_at
from store.outbox.whom import Whom, everybody, people, sifted
from store.queries.campaigns import find_campaign
from store.queries.outbox import mails, message_of, send_row
from store.vocabulary import EventType, ListKind, OutboxState, SendState, SkipReason
from tests.outbox.sends import ANN, HELLO, now
from tests.store.plan import counters_are_right, happen, plan

NAMES = ("anna", "bert", "cora", "dora", "emil", "fred", "gina")


def world(store: Store) -> dict[str, int]:
    """Plan a campaign in which something speaks against most people."""
    ids = plan(store, "Spring", [f"{name}@x.example" for name in NAMES])
    found = {name: ids[f"{name}@x.example"] for name in NAMES}
    happen(store, found["anna"], EventType.COMPLAINED, 1)
    happen(store, found["bert"], EventType.UNSUBSCRIBED, 1)
    block(store, [found["cora"]], ANN, now())
    former(store, [found["dora"]], ANN, now())
    store.run(lambda: store.execute("UPDATE contact SET consent = FALSE WHERE email = 'emil@x.example'"))
    # Two contacts with one address.
    store.run(
        lambda: store.execute(
            "UPDATE contact SET email = 'fred@x.example', email_key = 'fred@x.example' WHERE email = 'gina@x.example'"
        )
    )
    set_relay(store, relay_at("local", "smtp://127.0.0.1"), ANN, now())
    return found


ALL = Whom(wanted=RecipientFilter(campaign_id=1))


def test_who_must_not_be_written_to_is_left_out_with_the_reason(store: Store) -> None:
    world(store)
    with sifted(store, ALL) as found:
        assert (found.count, found.chosen) == (1, 7)
        assert [person.address for person in people(store)] == ["fred@x.example"]
        told = {row.address: row.because for row in everybody(store, left_out=True)}
    assert told == {
        "anna@x.example": "complained",
        "bert@x.example": "unsubscribed",
        "cora@x.example": "blocked",
        "dora@x.example": "former employee",
        "emil@x.example": "no consent",
        "fred@x.example": "duplicate",
    }


def test_a_send_is_a_campaign_of_its_own_in_which_everybody_chosen_stands(store: Store) -> None:
    world(store)
    prepared = prepare(store, Draft("Spring again!", HELLO, ALL, parent_id=1), ANN, now())
    assert (prepared.key, prepared.count) == ("spring-again", 1)
    assert prepared.left_out[SkipReason.COMPLAINED] == 1
    row = find_campaign(store, "spring-again")
    assert (row.planned, row.ready, row.skipped) == (7, 1, 6)
    assert counters_are_right(store)
    (mail,) = mails(store, prepared.message_id).rows
    assert (mail.state, mail.address, mail.attempts) == (OutboxState.WAITING, "fred@x.example", 0)
    assert mail.mail_id.startswith("spring-again.")
    assert mail.mail_id.endswith("@shop.example")
    assert message_of(store, prepared.message_id) == HELLO
    assert send_row(store, prepared.message_id, now()).state is SendState.READY


def test_a_list_and_marked_rows_can_be_chosen_and_nobody_else_is(store: Store) -> None:
    ids = plan(store, "Spring", [f"{name}@x.example" for name in NAMES])
    change = add(store, [ids["anna@x.example"], ids["gina@x.example"]], ListKind.SELECTION, "VIP", ANN, now())
    with sifted(store, Whom(Source(list_id=change.list_id))) as found:
        assert found.count == 2
    with sifted(store, Whom(ids=(ids["cora@x.example"],))) as found:
        assert [person.address for person in people(store)] == ["cora@x.example"]
    with pytest.raises(NotFound), sifted(store, Whom(Source(list_id=99))):
        pass


def test_todays_address_is_written_to(store: Store) -> None:
    ids = plan(store, "Spring", ["anna@gamil.example"])
    set_relay(store, relay_at("local", "smtp://127.0.0.1"), ANN, now())
    store.run(lambda: store.execute("UPDATE contact SET email = 'anna@x.example', email_key = 'anna@x.example'"))
    prepared = prepare(store, Draft("Again", HELLO, Whom(ids=tuple(ids.values()))), ANN, now())
    assert mails(store, prepared.message_id).rows[0].address == "anna@x.example"


def test_what_cannot_be_prepared_leaves_nothing_behind(store: Store) -> None:
    ids = world(store)
    nobody = Whom(ids=(ids["anna"],))
    for draft, why in (
        (Draft("Again", HELLO, nobody), "Nobody is left"),
        (Draft("spring", HELLO, ALL), "There is a campaign"),
        (Draft("  ", HELLO, ALL), "needs a name"),
        (Draft("Again", replace(HELLO, sender="nobody"), ALL), "is no sender"),
    ):
        with pytest.raises(Refused, match=why):
            prepare(store, draft, ANN, now())
    with pytest.raises(NotFound):
        prepare(store, Draft("Again", HELLO, ALL, relay="elsewhere"), ANN, now())
    with pytest.raises(NotFound):
        prepare(store, Draft("Again", HELLO, ALL, parent_id=77), ANN, now())
    assert store.rows("SELECT count(*) FROM campaign") == [(1,)]
    assert store.rows("SELECT count(*) FROM message") == [(0,)]
    assert store.rows("SELECT count(*) FROM recipient") == [(7,)]


def test_a_name_that_is_taken_gets_a_number(store: Store) -> None:
    plan(store, "Spring", ["anna@x.example"])
    assert free_name(store, "Spring") == "Spring 2"
    assert free_name(store, "Autumn") == "Autumn"
