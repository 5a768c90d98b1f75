"""Mails of which nobody can tell: what resolves them, and what does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from store.database import Store
from store.errors import Refused
from store.ingest import ingest
from store.outbox import claimant
from store.outbox.claimant import Claimant, lives, myself
from store.outbox.ledger import Ledger, Settlement, Verdict
from store.outbox.outcome import Ending, Outcome
from store.outbox.unsure import decide, recover_dead
from store.queries.outbox import mails, send_row
from store.queries.relays import find_relay
from store.times import to_ms
from store.vocabulary import OutboxState, SendState
from tests.outbox.sends import ANN, counts, in_state, now, people, ready, send
from tests.smtp_server import DROP, DROP_TAKEN, SmtpServer, running

_LOG = """\
{at} mx postfix/smtpd[1]: {q}: client=localhost[127.0.0.1]
{at} mx postfix/cleanup[2]: {q}: message-id=<{mail}>
"""
_QUEUED = "{at} mx postfix/qmgr[3]: {q}: from=<ann@shop.example>, size=800, nrcpt=1 (queue active)\n"
_SAID = (
    "{at} mx postfix/smtp[4]: {q}: to=<{to}>, relay=mx.example[192.0.2.1]:25, delay=0.9, delays=0/0/0/0, dsn={dsn},"
    " status={status} ({words})\n"
)


def unsure_ones(store: Store, count: int, taken: bool = True) -> int:
    """Send to some, none of whom gets an answer; return the message."""
    plan = lambda stage, recipient: (DROP_TAKEN if taken else DROP) if stage == "end" else None  # noqa: E731
    with running(SmtpServer(plan)) as server:
        prepared = ready(store, server.port, people(count))
        assert counts(send(store, prepared.message_id)) == {"unsure": count}
    return prepared.message_id


def log_of(store: Store, folder: Path, fates: dict[str, tuple[str, str]]) -> Path:
    """Write the relay's log: address -> (status, dsn); "" as status: only that it began to read the mail."""
    at = now().isoformat()
    text = ""
    for number, row in enumerate(mails(store, 1, (), -1).rows):
        if row.address not in fates:
            continue
        status, dsn = fates[row.address]
        names = {"at": at, "q": f"4bT{number:03d}", "mail": row.mail_id, "to": row.address, "dsn": dsn}
        text += _LOG.format(**names)
        if status:
            text += _QUEUED.format(**names) + _SAID.format(**names, status=status, words="said so")
    path = folder / "mail.log"
    path.write_text(text)
    return path


@pytest.mark.parametrize(("status", "dsn"), [("sent", "2.0.0"), ("deferred", "4.2.0"), ("bounced", "5.1.1")])
def test_the_log_of_the_relay_tells_that_it_left(store: Store, tmp_path: Path, status: str, dsn: str) -> None:
    unsure_ones(store, 3)
    ingest(store, [log_of(store, tmp_path, {"p1@shop1.example": (status, dsn)})], now())
    assert in_state(store, OutboxState.ACCEPTED) == {"p1@shop1.example"}
    assert len(in_state(store, OutboxState.UNSURE)) == 2


def test_that_the_relay_began_to_read_it_tells_nothing(store: Store, tmp_path: Path) -> None:
    unsure_ones(store, 2, taken=False)
    ingest(store, [log_of(store, tmp_path, {"p1@shop1.example": ("", "")})], now())
    assert len(in_state(store, OutboxState.UNSURE)) == 2


def test_a_log_that_was_read_before_the_crash_was_noticed_counts_too(store: Store, tmp_path: Path) -> None:
    with running(SmtpServer()) as server:
        message_id = ready(store, server.port, people(2)).message_id
        _as_if_it_died(store, message_id, ids=(1, 2))
        ingest(store, [log_of(store, tmp_path, {"p0@shop0.example": ("sent", "2.0.0")})], now())
        assert len(in_state(store, OutboxState.SENDING)) == 2
        sent = send(store, message_id)
    assert sent.found_unsure == 2
    assert in_state(store, OutboxState.ACCEPTED) == {"p0@shop0.example"}
    assert in_state(store, OutboxState.UNSURE) == {"p1@shop1.example"}
    assert not server.taken()


def test_unsure_ones_are_never_sent_by_themselves(store: Store) -> None:
    message_id = unsure_ones(store, 2)
    with running(SmtpServer()), pytest.raises(Refused, match="has ended"):
        send(store, message_id)


def test_an_operator_takes_them_for_sent(store: Store) -> None:
    message_id = unsure_ones(store, 2)
    ids = [row.id for row in mails(store, message_id).rows]
    change = decide(store, ids[:1], ANN, now(), sent=True)
    assert change.sentence == "1 mail of which nobody could tell: taken for sent"
    assert len(in_state(store, OutboxState.ACCEPTED)) == 1
    with pytest.raises(Refused, match="None of these mails is unsure"):
        decide(store, ids[:1], ANN, now(), sent=True)


def test_an_operator_lets_them_be_sent_again(store: Store) -> None:
    message_id = unsure_ones(store, 2, taken=False)
    ids = [row.id for row in mails(store, message_id).rows]
    decide(store, ids, ANN, now(), sent=False)
    assert send_row(store, message_id, now()).state is SendState.PAUSED
    with running(SmtpServer()) as server:
        store.run(
            lambda: store.execute(f"UPDATE setting SET value = replace(value, '{_port(store)}', '{server.port}')")
        )
        assert counts(send(store, message_id)) == {"accepted": 2}
    assert server.taken() == dict.fromkeys(people(2), 1)
    assert ("unsure",) in store.rows("SELECT verb FROM journal")


def _port(store: Store) -> int:
    return find_relay(store, None).port


def _as_if_it_died(store: Store, message_id: int, ids: tuple[int, ...]) -> Claimant:
    """Leave the store as a process does that is killed behind the end of the data of these mails."""
    dead = Claimant(myself().host, myself().boot, 1 << 30, "1", "dead")

    def change() -> None:
        store.execute(
            "UPDATE message SET state = ?, claimant = ?, beat_at = ? WHERE id = ?",
            (SendState.SENDING.code, dead.text, to_ms(now()), message_id),
        )
        for id_ in ids:
            store.execute(
                "UPDATE outbox SET state = 1, claimed_at = ?, claimant = ? WHERE id = ?", (to_ms(now()), dead.text, id_)
            )

    store.run(change)
    return dead


def test_a_dead_process_is_noticed_by_whoever_asks(store: Store) -> None:
    message_id = ready(store, 25, people(3)).message_id
    _as_if_it_died(store, message_id, ids=(2,))
    row = send_row(store, message_id, now())
    assert (row.alive, row.counts[OutboxState.SENDING], row.counts[OutboxState.UNSURE]) == (False, 0, 1)
    assert store.run(lambda: recover_dead(store, now())) == 1
    assert in_state(store, OutboxState.UNSURE) == {"p1@shop1.example"}


def test_who_was_taken_for_dead_claims_nothing_more_and_settles_what_it_had_open(store: Store) -> None:
    message_id = ready(store, 25, people(3)).message_id
    relay = find_relay(store, None)
    first, second = Ledger(store, message_id, relay, myself()), Ledger(store, message_id, relay, myself())
    store.run(lambda: first.begin(now(), 0))
    store.run(lambda: first.start(now(), ANN))
    waiting = store.run(lambda: first.waiting(now(), 9, "[]"))
    assert store.run(lambda: first.claim([waiting[0].id], now())) == {waiting[0].id: Verdict.GRANTED}
    # It stands still for minutes, on a machine that is not this one.
    store.run(
        lambda: store.execute(
            "UPDATE message SET claimant = ?, beat_at = 0", (first.me.text.replace(first.me.host, "far"),)
        )
    )
    assert store.run(lambda: second.begin(now(), 0)) == 1
    store.run(lambda: second.start(now(), ANN))
    assert in_state(store, OutboxState.UNSURE) == {"p0@shop0.example"}
    assert store.run(lambda: first.claim([waiting[1].id], now())) == {waiting[1].id: Verdict.LOST}
    assert store.run(lambda: second.claim([waiting[0].id], now())) == {waiting[0].id: Verdict.GONE}
    store.run(lambda: first.settle([Settlement(waiting[0], Outcome(Ending.ACCEPTED, "DATA", 250, "Ok"))], now()))
    assert in_state(store, OutboxState.ACCEPTED) == {"p0@shop0.example"}


def test_an_answer_to_a_mail_that_another_process_has_claimed_since_changes_nothing(store: Store) -> None:
    message_id = ready(store, 25, people(1)).message_id
    relay = find_relay(store, None)
    first, second = Ledger(store, message_id, relay, myself()), Ledger(store, message_id, relay, myself())
    store.run(lambda: second.begin(now(), 0))
    store.run(lambda: second.start(now(), ANN))
    waiting = store.run(lambda: second.waiting(now(), 9, "[]"))
    store.run(lambda: second.claim([1], now()))
    store.run(lambda: first.settle([Settlement(waiting[0], Outcome(Ending.LOST))], now()))
    assert in_state(store, OutboxState.SENDING) == {"p0@shop0.example"}


def test_whether_a_process_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    me = myself()
    moment = now()
    assert lives(me.text, None, moment)
    assert not lives(None, to_ms(moment), moment)
    assert not lives("rubbish", to_ms(moment), moment)
    assert not lives(Claimant(me.host, me.boot, 1 << 30, "1", "x").text, to_ms(moment), moment)
    # The same number, another process; the same host, started again.
    assert not lives(Claimant(me.host, me.boot, me.pid, "0", "x").text, to_ms(moment), moment)
    assert not lives(Claimant(me.host, "earlier", me.pid, me.began, "x").text, to_ms(moment), moment)
    far = Claimant("far", "b", 1, "1", "x").text
    assert lives(far, to_ms(moment), moment)
    assert not lives(far, to_ms(moment - timedelta(milliseconds=claimant.SILENT_MS)), moment)
