"""A send from the first mail to the last, and everything that can come in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from store.actions.relays import set_relay
from store.actions.triage import block
from store.actions.tripwires import acknowledge, set_tripwires
from store.database import Store, open_store
from store.errors import Refused, Unreachable
from store.lookout import Lookout
from store.outbox import control
from store.outbox.content import Message
from store.outbox.course import REFUSED_IN_A_ROW, Progress
from store.outbox.outcome import Ending
from store.outbox.relay import relay_at
from store.queries.history import history
from store.queries.outbox import find_send, mails, send_row
from store.queries.relays import find_relay
from store.queries.tripwires import trips
from store.vocabulary import Delivery, EventType, OutboxState, SendState, Source
from tests.outbox.sends import ANN, HELLO, counts, in_state, now, people, ready, send, sender
from tests.smtp_server import DROP, SmtpServer, running
from tests.store.plan import counters_are_right


def deliveries(store: Store) -> dict[str, int]:
    found = store.rows("SELECT delivery, count(*) FROM recipient WHERE campaign_id = 2 GROUP BY 1")
    return {Delivery.of(code).value: count for code, count in found}


def test_everybody_gets_one_mail_of_their_own_and_the_plan_says_so(store: Store) -> None:
    with running(SmtpServer()) as server:
        prepared = ready(store, server.port, people(25), connections=3)
        sent = send(store, prepared.message_id)
    assert (sent.row.state, counts(sent)) == (SendState.DONE, {"accepted": 25})
    assert server.taken() == dict.fromkeys(people(25), 1)
    assert server.most_open <= 3
    texts = {recipient: mail.decode() for _, recipient, mail in server.mails}
    assert "Subject: Hello P7" in texts["p7@shop1.example"]
    assert "\r\n.\r\n..two\r\n" in texts["p7@shop1.example"]
    assert "X-Campaign-ID: again" in texts["p7@shop1.example"]
    assert len({text.partition("Message-ID: ")[2].partition("\r\n")[0] for text in texts.values()}) == 25
    assert deliveries(store) == {"sent": 25}
    assert counters_are_right(store)
    events = store.rows("SELECT type, source, message_id FROM event")
    assert {(type_, source) for type_, source, _ in events} == {(EventType.SENT.code, Source.OUTBOX.code)}
    assert {mail_id for _, _, mail_id in events} == {row.mail_id for row in mails(store, 1, (), -1).rows}
    assert find_send(store, "AGAIN", now()).parent == "Spring"


def test_what_was_sent_once_is_not_sent_again(store: Store) -> None:
    with running(SmtpServer()) as server:
        message_id = ready(store, server.port, people(5)).message_id
        send(store, message_id)
        with pytest.raises(Refused, match="has ended"):
            send(store, message_id)
    assert sum(server.taken().values()) == 5


def test_a_refusal_is_kept_with_the_words_of_the_relay(store: Store) -> None:
    def plan(stage: str, recipient: str) -> str | None:
        if stage == "rcpt" and recipient.startswith("p1@"):
            return "550 5.1.1 <p1@shop1.example>: no such user here"
        return "554 5.7.1 This is \x1b[2Jspam" if stage == "end" and recipient.startswith("p2@") else None

    with running(SmtpServer(plan)) as server:
        sent = send(store, ready(store, server.port, people(4)).message_id)
    assert counts(sent) == {"accepted": 2, "refused": 2}
    assert deliveries(store) == {"sent": 2, "rejected": 2}
    rows = {row.address: row for row in mails(store, 1, [OutboxState.REFUSED]).rows}
    first, second = rows["p1@shop1.example"], rows["p2@shop2.example"]
    assert (first.command, first.reply, first.status) == ("RCPT", 550, "5.1.1")
    assert "no such user here" in first.diagnostic
    assert "\x1b" not in second.diagnostic
    event = history(store, first.recipient_id).events[-1]
    assert (event.type, event.reason, event.reply) == (EventType.REJECTED, "userunknown", 550)


def test_what_is_put_off_is_tried_again(store: Store) -> None:
    seen: set[str] = set()

    def greylisting(stage: str, recipient: str) -> str | None:
        if stage != "rcpt" or recipient in seen:
            return None
        seen.add(recipient)
        return "450 4.2.0 Greylisted, come again"

    with running(SmtpServer(greylisting)) as server:
        sent = send(store, ready(store, server.port, people(6)).message_id)
    assert counts(sent) == {"accepted": 6}
    assert server.taken() == dict.fromkeys(people(6), 1)
    # While it waited it was deferred; taken at last, it is not any more.
    assert store.rows("SELECT type, count(*) FROM event GROUP BY 1") == [(EventType.SENT.code, 6)]
    assert deliveries(store) == {"sent": 6}
    assert counters_are_right(store)
    assert {row.attempts for row in mails(store, 1).rows} == {2}


def test_what_is_put_off_for_too_long_is_given_up(store: Store) -> None:
    with running(SmtpServer(lambda stage, recipient: "451 4.3.0 Not now" if stage == "end" else None)) as server:
        sent = send(store, ready(store, server.port, people(2), give_up_s=1.5).message_id)
    assert (sent.row.state, counts(sent)) == (SendState.DONE, {"refused": 2})
    assert deliveries(store) == {"expired": 2}
    assert not server.taken()


def test_the_pauses_between_tries_double_up_to_a_limit() -> None:
    relay = replace(relay_at("local", "smtp://relay.example"), retry_s=60, retry_most_s=600)
    assert [relay.pause_s(tries) for tries in range(1, 7)] == [60, 120, 240, 480, 600, 600]
    assert relay.pause_s(10_000) == 600


def test_a_mail_over_which_the_connection_is_lost_each_time_is_held(store: Store) -> None:
    def poisoned(stage: str, recipient: str) -> str | None:
        return DROP if stage == "data" and recipient.startswith("p1@") else None

    with running(SmtpServer(poisoned)) as server:
        message_id = ready(store, server.port, people(3)).message_id
        # As if it had been tried often enough before.
        store.run(lambda: store.execute("UPDATE outbox SET attempts = 7 WHERE id = 2"))
        sent = send(store, message_id)
    assert counts(sent) == {"accepted": 2, "held": 1}
    assert "lost over this mail 8 times" in mails(store, 1, [OutboxState.HELD]).rows[0].diagnostic


def test_a_connection_that_the_relay_closed_meanwhile_costs_no_try(store: Store) -> None:
    gone: set[str] = set()

    def impatient(stage: str, recipient: str) -> str | None:
        # Closes each connection when its second mail begins.
        if stage == "mail" and len(server.mails) == 1 and not gone:
            gone.add("once")
            return DROP
        return None

    with running(SmtpServer(impatient)) as server:
        sent = send(store, ready(store, server.port, people(3), connections=1).message_id)
    assert counts(sent) == {"accepted": 3}
    assert {row.attempts for row in mails(store, 1).rows} == {1}


def test_a_connection_carries_no_more_mails_than_it_may(store: Store) -> None:
    with running(SmtpServer()) as server:
        send(store, ready(store, server.port, people(10), connections=1, per_connection=4).message_id)
    # The first one only asks whether the relay takes us.
    assert len(server.sessions) == 4
    assert {session.last for session in server.sessions} == {"quit"}


def test_a_relay_that_refuses_the_sender_pauses_the_send(store: Store) -> None:
    plan: Callable[[str, str], str | None] = lambda stage, recipient: "550 5.7.1 Not you" if stage == "mail" else None  # noqa: E731
    with running(SmtpServer(plan)) as server:
        sent = send(store, ready(store, server.port, people(5), connections=1).message_id)
    assert sent.row.state is SendState.PAUSED
    assert sent.row.why == "the relay refuses the sender: 550 5.7.1 Not you"
    assert counts(sent) == {"waiting": 5}
    assert deliveries(store) == {"ready": 5}


def test_many_refusals_in_a_row_are_taken_for_a_refusal_of_us(store: Store) -> None:
    plan: Callable[[str, str], str | None] = lambda stage, recipient: "554 Relaying denied" if stage == "rcpt" else None  # noqa: E731
    with running(SmtpServer(plan)) as server:
        sent = send(store, ready(store, server.port, people(60), connections=1).message_id)
    assert sent.row.state is SendState.PAUSED
    assert "recipients in a row" in sent.row.why
    assert counts(sent) == {"refused": REFUSED_IN_A_ROW, "waiting": 60 - REFUSED_IN_A_ROW}


def test_a_relay_that_is_not_there_is_told_before_anything_is_counted_down(store: Store) -> None:
    with running(SmtpServer()) as server:
        message_id = ready(store, server.port, people(3)).message_id
    with pytest.raises(Unreachable, match="cannot be reached"):
        send(store, message_id, start_in_s=3600)
    row = send_row(store, message_id, now())
    assert (row.state, row.alive, row.left) == (SendState.PAUSED, False, 3)
    assert "cannot be reached" in row.why


def test_after_a_pause_from_elsewhere_only_what_was_open_still_leaves(store: Store) -> None:
    go_on = threading.Event()
    other = Elsewhere(store)
    with running(SmtpServer(gate=go_on)) as server:
        message_id = ready(store, server.port, people(40), connections=1).message_id

        def act() -> None:
            other.until(lambda: len(in_state(other.store, OutboxState.SENDING)) == 1)
            control.pause(other.store, message_id, ANN, now(), "wrong subject")
            go_on.set()
            other.until(lambda: len(in_state(other.store, OutboxState.ACCEPTED)) == 1)
            other.until(lambda: not in_state(other.store, OutboxState.SENDING))
            row = send_row(other.store, message_id, now())
            other.found = (row.state, row.why, row.alive, row.left, sum(server.taken().values()))
            control.resume(other.store, message_id, ANN, now())

        other.do(act)
        sent = send(store, message_id)
    other.ended()
    assert other.found == (SendState.PAUSED, "wrong subject", True, 39, 1)
    assert counts(sent) == {"accepted": 40}


def test_stop_from_elsewhere_ends_the_process_and_nothing_more_leaves(store: Store) -> None:
    go_on = threading.Event()
    other = Elsewhere(store)
    with running(SmtpServer(gate=go_on)) as server:
        message_id = ready(store, server.port, people(40), connections=2).message_id

        def act() -> None:
            other.until(lambda: len(in_state(other.store, OutboxState.SENDING)) == 2)
            control.stop(other.store, message_id, ANN, now())
            go_on.set()

        other.do(act)
        sent = send(store, message_id)
    other.ended()
    assert (sent.row.state, counts(sent)) == (SendState.STOPPED, {"accepted": 2, "waiting": 38})
    assert sum(server.taken().values()) == 2
    assert not sent.row.alive


def test_ctrl_c_settles_what_is_open_and_pauses(store: Store) -> None:
    go_on = threading.Event()
    other = Elsewhere(store)
    with running(SmtpServer(gate=go_on)) as server:
        message_id = ready(store, server.port, people(9), connections=1).message_id
        one = sender(store, message_id)

        def act() -> None:
            other.until(lambda: len(in_state(other.store, OutboxState.SENDING)) == 1)
            one.halt()
            go_on.set()

        other.do(act)
        sent = one.run()
        other.ended()
        assert (sent.row.state, sent.row.why) == (SendState.PAUSED, "ended by ann")
        assert counts(sent) == {"accepted": 1, "waiting": 8}
        assert counts(send(store, message_id)) == {"accepted": 9}
    assert server.taken() == dict.fromkeys(people(9), 1)


def test_asked_twice_it_waits_for_no_answer_and_says_so(store: Store) -> None:
    go_on = threading.Event()
    other = Elsewhere(store)
    with running(SmtpServer(gate=go_on)) as server:
        message_id = ready(store, server.port, people(3), connections=1).message_id
        one = sender(store, message_id)

        def act() -> None:
            # The claim alone does not do: a mail that is cut before its end has arrived waits again.
            other.until(lambda: server.has_in_hand() == 1)
            one.halt()
            one.halt()

        other.do(act)
        sent = one.run()
        go_on.set()
        other.ended()
    assert counts(sent) == {"unsure": 1, "waiting": 2}


def test_the_countdown_can_be_stopped_before_anything_leaves(store: Store) -> None:
    other = Elsewhere(store)
    with running(SmtpServer()) as server:
        message_id = ready(store, server.port, people(3)).message_id

        def act() -> None:
            other.until(lambda: send_row(other.store, message_id, now()).state is SendState.STARTING)
            control.stop(other.store, message_id, ANN, now())

        other.do(act)
        sent = send(store, message_id, start_in_s=3600)
    other.ended()
    assert (sent.row.state, sent.row.began_at, counts(sent)) == (SendState.STOPPED, None, {"waiting": 3})
    assert not server.taken()


def test_nobody_else_can_send_it_meanwhile(store: Store) -> None:
    go_on = threading.Event()
    other = Elsewhere(store)
    with running(SmtpServer(gate=go_on)) as server:
        message_id = ready(store, server.port, people(4), connections=1).message_id

        def act() -> None:
            other.until(lambda: len(in_state(other.store, OutboxState.SENDING)) == 1)
            with pytest.raises(Refused, match="is being sent by process"):
                send(other.store, message_id)
            go_on.set()

        other.do(act)
        send(store, message_id)
    other.ended()
    assert server.taken() == dict.fromkeys(people(4), 1)


def test_somebody_blocked_meanwhile_gets_nothing(store: Store) -> None:
    with running(SmtpServer()) as server:
        prepared = ready(store, server.port, people(4))
        recipient = store.rows("SELECT id FROM recipient WHERE campaign_id = 2 AND address LIKE 'p2@%'")[0][0]
        block(store, [recipient], ANN, now())
        sent = send(store, prepared.message_id)
        assert counts(sent) == {"accepted": 3, "held": 1}
        assert mails(store, 1, [OutboxState.HELD]).rows[0].diagnostic == "blocked"
        with pytest.raises(Refused, match="is held"):
            control.release(store, prepared.message_id, None, ANN, now())
    assert "p2@shop2.example" not in server.taken()
    assert deliveries(store) == {"sent": 3, "skipped": 1}
    assert counters_are_right(store)


def test_what_is_held_back_waits_again_when_it_is_released(store: Store) -> None:
    with running(SmtpServer()) as server:
        prepared = ready(store, server.port, people(4))
        some = [id_ for (id_,) in store.rows("SELECT id FROM recipient WHERE campaign_id = 2 ORDER BY id LIMIT 2")]
        control.hold(store, prepared.message_id, some, "wrong attachment", ANN, now())
        assert counts(send(store, prepared.message_id)) == {"accepted": 2, "held": 2}
        control.release(store, prepared.message_id, None, ANN, now())
        assert counts(send(store, prepared.message_id)) == {"accepted": 4}
    assert server.taken() == dict.fromkeys(people(4), 1)


def test_a_mail_that_cannot_be_written_is_held_and_the_others_leave(store: Store) -> None:
    message = Message("Hello {{ company }}", "Ann <ann@shop.example>", "Dear {{ name }}\n")
    with running(SmtpServer()) as server:
        prepared = ready(store, server.port, people(3), message)
        store.run(lambda: store.execute("UPDATE contact SET company = 'Ltd' WHERE id <> 2"))
        sent = send(store, prepared.message_id)
    assert counts(sent) == {"accepted": 2, "held": 1}
    assert "company" in mails(store, 1, [OutboxState.HELD]).rows[0].diagnostic


def test_a_tripwire_pauses_it_until_somebody_acknowledges(store: Store) -> None:
    bad = {f"p{number}@shop{number % 3}.example" for number in range(0, 400, 2)}

    def plan(stage: str, recipient: str) -> str | None:
        return "450 4.2.0 Later" if stage == "rcpt" and recipient in bad else None

    with running(SmtpServer(plan, keep=False)) as server:
        prepared = ready(store, server.port, people(400), connections=4, retry_s=3600, retry_most_s=3600)
        set_tripwires(store, None, {"least": "20"}, ANN, now())
        sent = send(store, prepared.message_id)
        assert sent.row.state is SendState.PAUSED
        assert sent.row.why.startswith("tripwire: ")
        assert [trip.wire.value for trip in sent.trips] == ["deferred"]
        assert sent.row.left > 0
        with pytest.raises(Refused, match="Acknowledge it first"):
            send(store, prepared.message_id)
        acknowledge(store, [trip.id for trip in sent.trips], ANN, now())
        bad.clear()
        store.run(lambda: store.execute("UPDATE outbox SET next_at = 0"))
        assert counts(send(store, prepared.message_id)) == {"accepted": 400}
    assert server.taken() == dict.fromkeys(people(400), 1)


def test_a_few_refusals_among_many_that_the_relay_took_are_no_alarm(store: Store) -> None:
    def plan(stage: str, recipient: str) -> str | None:
        number = int(recipient[1:].partition("@")[0] or 0) if recipient else 0
        return "550 5.1.1 No such user" if stage == "rcpt" and number % 50 == 1 else None

    with running(SmtpServer(plan, keep=False)) as server:
        prepared = ready(store, server.port, people(150), connections=3)
        sent = send(store, prepared.message_id)
    assert (sent.row.state, counts(sent)) == (SendState.DONE, {"accepted": 147, "refused": 3})
    # Looked at when all of it has landed: one refusal among the first few would be many.
    set_tripwires(store, None, {"least": "1", "domain-least": "1"}, ANN, now())
    assert Lookout(store, now).look() == ()
    assert not trips(store, prepared.campaign_id)


def test_progress_tells_what_is_done_and_what_is_left(store: Store) -> None:
    told: list[Progress] = []
    with running(SmtpServer()) as server:
        message_id = ready(store, server.port, people(5)).message_id
        send(store, message_id, start_in_s=0.3, on_progress=told.append)
    assert told[0].state is SendState.STARTING
    assert told[0].starts_at is not None
    assert all(progress.done[Ending.ACCEPTED] <= 5 for progress in told)
    begun = send_row(store, message_id, now()).began_at
    assert begun is not None
    assert now() - begun < timedelta(minutes=1)


def test_what_was_accepted_lands_at_the_next_start_if_the_process_died_before(store: Store) -> None:
    with running(SmtpServer()) as server:
        message_id = ready(store, server.port, people(3)).message_id
        # A process that recorded an answer and died before it became an event.
        store.run(
            lambda: store.execute(
                "UPDATE outbox SET state = 2, attempts = 1, landed = FALSE, settled_at = 1772438400000,"
                " command = 'DATA', reply = 250 WHERE id = 1"
            )
        )
        send(store, message_id)
    assert store.rows("SELECT count(*), count(DISTINCT recipient_id) FROM event") == [(3, 3)]
    assert server.taken() == dict.fromkeys(people(3)[1:], 1)


def test_a_changed_relay_is_used_from_the_next_start_on(store: Store) -> None:
    with running(SmtpServer()) as first, running(SmtpServer()) as second:
        message_id = ready(store, first.port, people(3), HELLO).message_id
        relay = find_relay(store, "local")
        set_relay(store, replace(relay, port=second.port), ANN, now())
        send(store, message_id)
    assert (len(first.mails), len(second.mails)) == (0, 3)


class Elsewhere:
    """Somebody at another terminal, with a connection of their own, while a send is under way."""

    def __init__(self, store: Store) -> None:
        self.url = store.url
        self.found: object = None
        self._error: BaseException | None = None
        self._going = threading.Event()

    def do(self, act: Callable[[], None]) -> None:
        def run() -> None:
            self.store = open_store(self.url)
            try:
                act()
            except BaseException as error:
                self._error = error
            finally:
                self.store.close()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(4000):
            if holds():
                return
            self._going.wait(0.005)
        raise AssertionError("it never came to that")

    def ended(self) -> None:
        self._thread.join(20)
        if self._error is not None:
            raise self._error
