"""A campaign's mails, and no other ones, are held in a real Postfix queue, let go on, or deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.actions import pulling
from store.actions.imports import import_recipients
from store.actions.undo import redo, undo
from store.database import Store
from store.errors import NotFound, Refused
from store.ingest import ingest
from store.journal import Operator
from store.outbox.postfix import Instance, instance
from store.queries.campaigns import find_campaign
from store.queries.queued import queued
from store.queries.resends import resend_counts
from store.vocabulary import Delivery
from tests.postfix import Postfix

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
WHO = Operator("ann", "desk")

SPRING = [f"later{n}@shop.example" for n in range(5)]


class Sent:
    """Two campaigns to the same people, and mail of no campaign, all of it put off by the receiving server."""

    def __init__(self, postfix: Postfix, store: Store, folder: Path) -> None:
        self.postfix, self.store, self.folder = postfix, store, folder
        self.instance = instance(postfix.config)
        for key in ("spring", "summer"):
            file = folder / f"{key}.csv"
            file.write_text("email\n" + "".join(f"{address}\n" for address in SPRING))
            import_recipients(store, file, key, WHO, NOW, key=key)
        self.before = len(postfix.logged())
        postfix.send(SPRING, "spring")
        postfix.send(SPRING[:2], "summer")
        postfix.send(SPRING[:1])
        postfix.send(["later@stranger.example"], "spring")
        postfix.settle()

    @property
    def campaign(self) -> int:
        return find_campaign(self.store, "spring").id

    def queues(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for mail in self.postfix.queue():
            found[mail["queue_name"]] = found.get(mail["queue_name"], 0) + 1
        return found

    def read_log(self) -> None:
        log = self.folder / "mail.log"
        log.write_text(self.postfix.logged()[self.before :])
        ingest(self.store, [log], NOW)

    def deliveries(self) -> list[Delivery]:
        sql = "SELECT delivery FROM recipient WHERE campaign_id = ? ORDER BY id"
        return [Delivery.of(code) for (code,) in self.store.rows(sql, (self.campaign,))]


@pytest.fixture
def sent(postfix: Postfix, store: Store, tmp_path: Path) -> Sent:
    return Sent(postfix, store, tmp_path)


def test_only_mails_that_say_so_themselves_are_the_campaigns(sent: Sent) -> None:
    found = queued(sent.store, sent.campaign, sent.instance)
    assert sorted(mail.addresses for mail in found.mails) == [(address,) for address in SPRING]
    assert (found.unsure, found.others, found.held) == (1, 3, 0)
    assert all(mail.reason.startswith("host 127.0.0.1") and mail.queue == "deferred" for mail in found.mails)


def test_a_mail_that_only_its_message_id_names_is_known_by_what_the_log_said(sent: Sent) -> None:
    sent.store.run(lambda: sent.store.execute("UPDATE campaign SET key = 'other', name = 'Other' WHERE key = 'spring'"))
    campaign = find_campaign(sent.store, "other").id
    assert not queued(sent.store, campaign, sent.instance).mails
    (message_id,) = sent.postfix.send(["later3@shop.example"])
    sent.postfix.settle()
    assert not queued(sent.store, campaign, sent.instance).mails
    recipient = sent.store.rows(
        "SELECT id FROM recipient WHERE campaign_id = ? AND address = 'later3@shop.example'", (campaign,)
    )[0][0]
    sent.store.run(
        lambda: sent.store.execute(
            "INSERT INTO outbox (message_id, recipient_id, state, attempts, next_at, landed, mail_id)"
            " VALUES (1, ?, 2, 1, 0, TRUE, ?)",
            (recipient, message_id),
        )
    )
    assert [mail.message_id for mail in queued(sent.store, campaign, sent.instance).mails] == [message_id]


def test_held_mails_stay_and_undo_lets_them_go(sent: Sent) -> None:
    found = queued(sent.store, sent.campaign, sent.instance)
    change = pulling.hold(sent.store, sent.campaign, sent.instance, found.chosen({1, 2, 3}), WHO, NOW)
    assert change.count == 3
    assert "3 mails of “spring” put on hold" in change.sentence
    assert sent.queues() == {"hold": 3, "deferred": 6}
    sent.postfix.receiver.relenting = True
    sent.postfix.flush()
    assert sent.queues() == {"hold": 3}
    undone = undo(sent.store, WHO, NOW)
    assert undone.sentence.startswith("Undone: 3 mails")
    redo(sent.store, WHO, NOW)
    assert sent.queues() == {"hold": 3}
    undo(sent.store, WHO, NOW)
    sent.postfix.flush()
    assert sent.queues() == {}
    assert len(sent.postfix.receiver.taken) == 9


def test_an_undo_after_the_mails_have_gone_is_refused(sent: Sent) -> None:
    found = queued(sent.store, sent.campaign, sent.instance)
    pulling.hold(sent.store, sent.campaign, sent.instance, found.mails, WHO, NOW)
    sent.instance.tell("delete", [mail.queue_id for mail in found.mails])
    with pytest.raises(Refused, match="None of these mails is in the queue any more"):
        undo(sent.store, WHO, NOW)


def test_only_what_is_on_hold_is_deleted_and_counts_as_not_reached(sent: Sent) -> None:
    sent.read_log()
    assert sent.deliveries() == [Delivery.DEFERRED] * 5
    found = queued(sent.store, sent.campaign, sent.instance)
    with pytest.raises(Refused, match="only mails on hold are deleted"):
        pulling.pull(sent.store, sent.campaign, sent.instance, found.mails, WHO, NOW)
    pulling.hold(sent.store, sent.campaign, sent.instance, found.chosen({1, 2, 3}), WHO, NOW)
    change = pulling.pull(sent.store, sent.campaign, sent.instance, found.mails, WHO, NOW)
    # What was shown as deferred is on hold now: it is the same mail, and the others are not on hold.
    assert (change.verb, change.count) == ("pull", 3)
    assert sent.queues() == {"deferred": 6}
    deliveries = sent.deliveries()
    assert deliveries.count(Delivery.REJECTED) == 3
    assert deliveries.count(Delivery.DEFERRED) == 2
    campaign = find_campaign(sent.store, "spring")
    assert campaign.adds_up
    assert (campaign.open_bounces, campaign.delivered, campaign.rejected) == (0, 0, 3)
    assert resend_counts(sent.store, sent.campaign).excused == 3
    assert not sent.store.rows("SELECT 1 FROM address WHERE consecutive > 0 OR blocked_at IS NOT NULL")
    with pytest.raises(Refused, match="has left the house, stays"):
        undo(sent.store, WHO, NOW, change.journal_id)
    sent.read_log()
    assert sent.deliveries() == deliveries
    sent.postfix.receiver.relenting = True
    sent.postfix.flush()
    summer = {mail.to[0] for mail in sent.postfix.receiver.taken}
    assert len(sent.postfix.receiver.taken) == 6
    assert {"later0@shop.example", "later1@shop.example", "later@stranger.example"} <= summer


def test_a_mail_that_got_the_id_of_another_one_is_left_alone(sent: Sent) -> None:
    found = queued(sent.store, sent.campaign, sent.instance)
    other = replace(found.mails[0], arrived_at=NOW)
    change = pulling.hold(sent.store, sent.campaign, sent.instance, [other], WHO, NOW)
    assert (change.journal_id, change.count) == (None, 0)
    assert sent.queues() == {"deferred": 9}


def test_what_a_crash_left_half_done_is_put_right_by_the_next_look(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    found = queued(sent.store, sent.campaign, sent.instance)
    pulling.hold(sent.store, sent.campaign, sent.instance, found.chosen({1, 2}), WHO, NOW)
    monkeypatch.setattr(pulling, "_record", _dies)
    with pytest.raises(KeyboardInterrupt):
        pulling.pull(sent.store, sent.campaign, sent.instance, found.chosen({1, 2}), WHO, NOW)
    monkeypatch.undo()
    assert sent.queues() == {"deferred": 7}
    pulling.settle(sent.store, sent.campaign, sent.instance, WHO, NOW)
    assert sent.deliveries().count(Delivery.REJECTED) == 2


def _dies(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_whoever_may_not_is_told_what_to_run(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    run = subprocess.run

    def as_nobody(*arguments: object, **options: object) -> object:
        return run(*arguments, **options, user="nobody", extra_groups=[])  # type: ignore[call-overload]

    found = queued(sent.store, sent.campaign, sent.instance)
    monkeypatch.setattr("store.outbox.postfix.subprocess.run", as_nobody)
    with pytest.raises(
        Refused, match="Only root may use postsuper on the mail queue; run this command again with sudo"
    ):
        sent.instance.tell("hold", [found.mails[0].queue_id])
    with pytest.raises(Refused, match="Only root may use postcat"):
        sent.instance.headers([found.mails[0].queue_id])


def test_where_there_is_no_postfix_a_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("store.outbox.postfix._SBIN", str(tmp_path))
    with pytest.raises(NotFound, match="There is no Postfix on this machine"):
        Instance().mails()
    with pytest.raises(NotFound, match=r"there is no main\.cf in it"):
        instance(tmp_path)
