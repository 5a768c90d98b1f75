"""A send through a real Postfix: what its log and its notices tell is what became of each of three hundred mails."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.actions import pulling
from store.actions.contacts import fix
from store.actions.imports import import_recipients
from store.actions.relays import set_relay
from store.actions.resending import Resend, send_again
from store.asking import RecipientFilter
from store.database import Store
from store.ingest import ingest
from store.journal import Operator
from store.outbox.content import Message
from store.outbox.postfix import instance
from store.outbox.preparing import Draft, Prepared, prepare
from store.outbox.relay import relay_at
from store.outbox.sender import Sender
from store.outbox.whom import Whom
from store.queries.campaigns import find_campaign, list_campaigns
from store.queries.person import person
from store.queries.queued import queued
from store.queries.relays import find_relay
from store.queries.unreached import Sought, Wanted
from store.recompute import differences
from store.rows import EventRow
from store.vocabulary import Delivery, EventType, SendState
from tests.postfix import LATER, OUR_DOMAIN, UNKNOWN, Postfix

ANN = Operator("ann", "desk")
MESSAGE = Message(
    "News", f"Ann <ann@{OUR_DOMAIN}>", "What is new, {{ name }}.", return_path=f"bounces+{{recipient}}@{OUR_DOMAIN}"
)
MANY = 100


def now() -> datetime:
    """Postfix keeps the time of the machine, and so do these tests."""
    return datetime.now(UTC)


class Mailing:
    """Three hundred people of whom a third can be reached, a third later, and a third does not exist."""

    def __init__(self, postfix: Postfix, store: Store, folder: Path) -> None:
        self.postfix, self.store, self.folder = postfix, store, folder
        self.begun = len(postfix.logged())
        set_relay(store, relay_at("ours", f"smtp://127.0.0.1:{postfix.port}"), ANN, now())
        who = [f"{how}{n}@shop{n % 7}.example" for n in range(MANY) for how in ("ann", LATER, UNKNOWN)]
        file = folder / "people.csv"
        file.write_text("email,name\n" + "".join(f"{address},{address.partition('@')[0]}\n" for address in who))
        import_recipients(store, file, "Book", ANN, now(), key="book")

    def prepared(self, name: str) -> Prepared:
        return prepare(self.store, Draft(name, MESSAGE, Whom(wanted=RecipientFilter(1))), ANN, now())

    def send(self, made: Prepared) -> None:
        """Send it all, and wait until Postfix has tried every mail."""
        sent = Sender(self.store, made.message_id, find_relay(self.store, None), ANN, now).run()
        assert sent.row.state is SendState.DONE
        self.postfix.settle()

    def read(self) -> None:
        """Read the log so far, and the notices that came back."""
        log = self.folder / "mail.log"
        log.write_text(self.postfix.logged()[self.begun :])
        ingest(self.store, [log, self.postfix.maildir], now())

    def deliveries(self, campaign: int) -> Counter[tuple[str, Delivery]]:
        """Return how many of those who can be reached, later or not, are in which state."""
        sql = "SELECT address, delivery FROM recipient WHERE campaign_id = ?"
        found = self.store.rows(sql, (campaign,))
        return Counter((re.split(r"\d", address)[0], Delivery.of(code)) for address, code in found)


@pytest.fixture
def mailing(postfix: Postfix, store: Store, tmp_path: Path) -> Mailing:
    return Mailing(postfix, store, tmp_path)


def test_all_three_hundred_have_their_true_state(mailing: Mailing) -> None:
    made = mailing.prepared("News")
    mailing.send(made)
    after_sending = mailing.deliveries(made.campaign_id)
    assert after_sending == {(how, Delivery.SENT): MANY for how in ("ann", LATER, UNKNOWN)}
    mailing.read()
    true = {("ann", Delivery.DELIVERED): MANY, (LATER, Delivery.DEFERRED): MANY, (UNKNOWN, Delivery.BOUNCED): MANY}
    assert mailing.deliveries(made.campaign_id) == true
    taken = Counter(mail.to[0] for mail in mailing.postfix.receiver.taken)
    assert len(taken) == MANY
    assert set(taken.values()) == {1}
    row = find_campaign(mailing.store, "News")
    assert (row.adds_up, row.strangers, row.open_bounces) == (True, 0, MANY)
    assert not any(mail.sender.count("+") != 1 for mail in mailing.postfix.receiver.taken), "each has its VERP sender"
    assert not list(differences(mailing.store))
    mailing.postfix.receiver.relenting = True
    mailing.postfix.flush()
    mailing.read()
    true = {("ann", Delivery.DELIVERED): MANY, (LATER, Delivery.DELIVERED): MANY, (UNKNOWN, Delivery.BOUNCED): MANY}
    assert mailing.deliveries(made.campaign_id) == true


def test_a_campaigns_deferred_mails_are_pulled_and_no_other_ones(mailing: Mailing) -> None:
    wrong, other = mailing.prepared("Wrong"), mailing.prepared("Other")
    mailing.send(wrong)
    mailing.send(other)
    mailing.read()
    where = instance(mailing.postfix.config)
    found = queued(mailing.store, wrong.campaign_id, where)
    assert (len(found.mails), found.unsure, found.others) == (MANY, 0, MANY)
    pulling.hold(mailing.store, wrong.campaign_id, where, found.mails, ANN, now())
    pulling.pull(mailing.store, wrong.campaign_id, where, found.mails, ANN, now())
    mailing.postfix.receiver.relenting = True
    mailing.postfix.flush()
    mailing.read()
    assert mailing.deliveries(wrong.campaign_id) == {
        ("ann", Delivery.DELIVERED): MANY,
        (LATER, Delivery.REJECTED): MANY,
        (UNKNOWN, Delivery.BOUNCED): MANY,
    }
    assert mailing.deliveries(other.campaign_id)[LATER, Delivery.DELIVERED] == MANY
    later = Counter(mail.to[0] for mail in mailing.postfix.receiver.taken if mail.to[0].startswith(LATER))
    assert set(later.values()) == {1}
    assert all(row.adds_up for row in list_campaigns(mailing.store))


def test_a_fixed_address_gets_it_again_and_the_person_has_one_history(mailing: Mailing) -> None:
    store = mailing.store
    made = mailing.prepared("News")
    mailing.send(made)
    mailing.read()
    ((recipient, contact),) = store.rows(
        "SELECT id, contact_id FROM recipient WHERE campaign_id = ? AND address = ?",
        (made.campaign_id, f"{UNKNOWN}5@shop5.example"),
    )
    fix(store, recipient, "found@shop5.example", ANN, now())
    again = send_again(store, Resend(Wanted(made.campaign_id, Sought.FIXED), MESSAGE), ANN, now())
    assert again.count == 1
    mailing.send(again)
    mailing.read()
    assert mailing.postfix.receiver.taken[-1].to == ("found@shop5.example",)
    child = find_campaign(store, again.campaign)
    assert (child.parent, child.delivered, child.planned) == ("News", 1, 1)
    steps = [
        (told.campaign, told.what.type if isinstance(told.what, EventRow) else told.what.verb)
        for told in person(store, contact).happened
    ]
    # The log keeps whole seconds: what came about within one of them stands in any order.
    assert set(steps) == {
        ("News", EventType.SENT),
        ("News", EventType.BOUNCED),
        ("News", "fix"),
        ("News · again", EventType.SENT),
        ("News · again", EventType.DELIVERED),
    }
