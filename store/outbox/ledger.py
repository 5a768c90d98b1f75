"""Who was claimed, who is settled: every step of a send in the store, each inside a transaction of the caller.

A row is ``waiting`` until it is claimed. The claim is one conditional UPDATE in a transaction that also looks whether
the message is still to be sent, whether this process still is the one to do so, and whether anything speaks against
the recipient by now; only then is it ``sending``, and only then may the end of its data be sent
(:mod:`store.outbox.dialogue`). So two processes can never claim the same row, and from the moment at which a pause is
committed nothing is claimed any more. A row that is ``sending`` and whose process is dead becomes ``unsure``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from store import derive, journal
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.outbox import unsure
from store.outbox.claimant import Claimant, claimant_of, lives
from store.outbox.content import Person
from store.outbox.outcome import Ending, Outcome
from store.outbox.relay import Relay
from store.times import to_ms
from store.vocabulary import Delivery, FollowUp, OutboxState, SendState, SkipReason

WAITING, SENDING, UNSURE = OutboxState.WAITING.code, OutboxState.SENDING.code, OutboxState.UNSURE.code

HELD_AFTER = 8
"""Attempts after which a mail over which the connection is lost each time waits for somebody to look at it."""

_STATES = {
    Ending.ACCEPTED: OutboxState.ACCEPTED,
    Ending.DEFERRED: OutboxState.WAITING,
    Ending.REFUSED: OutboxState.REFUSED,
    Ending.LOST: OutboxState.WAITING,
    Ending.UNSURE: OutboxState.UNSURE,
    Ending.HELD: OutboxState.HELD,
}
_ANSWERED = frozenset({Ending.ACCEPTED, Ending.DEFERRED, Ending.REFUSED})
_SETTLE = (
    "UPDATE outbox SET state = ?, attempts = attempts + 1, next_at = ?, first_at = coalesce(first_at, ?),"
    " settled_at = ?, landed = ?, command = ?, reply = ?, status = ?, diagnostic = ? WHERE id = ?"
    f" AND (state = {WAITING} OR state IN ({SENDING}, {UNSURE}) AND claimant = ?)"
)
_CLAIM = (
    f"UPDATE outbox SET state = {SENDING}, claimed_at = ?, claimant = ?, first_at = coalesce(first_at, ?)"
    f" WHERE id = ? AND state = {WAITING}"
)
# A bounce may turn out to have been none while a resend waits: its message is not sent to whom it has reached since.
_REACHED = (
    "EXISTS (SELECT 1 FROM recipient AS f WHERE f.contact_id = r.contact_id AND f.id <> r.id"
    f" AND f.delivery = {Delivery.DELIVERED.code} AND (f.campaign_id = p.parent_id OR f.campaign_id IN"
    f" (SELECT s.id FROM campaign AS s WHERE s.parent_id = p.parent_id AND s.follow_up = {FollowUp.RESEND.code})))"
)
_AGAINST = (
    f"SELECT o.id, CASE WHEN o.state <> {WAITING} THEN -1 WHEN a.complained_at IS NOT NULL THEN"
    f" {SkipReason.COMPLAINED.code} WHEN a.unsubscribed_at IS NOT NULL THEN {SkipReason.UNSUBSCRIBED.code}"
    f" WHEN a.blocked_at IS NOT NULL THEN {SkipReason.BLOCKED.code} WHEN c.former THEN {SkipReason.FORMER.code}"
    f" WHEN c.consent IS FALSE THEN {SkipReason.NO_CONSENT.code} WHEN r.delivery = {Delivery.SKIPPED.code}"
    f" THEN r.skip_reason WHEN p.follow_up = {FollowUp.RESEND.code} AND {_REACHED} THEN {SkipReason.ELSEWHERE.code}"
    " END, o.recipient_id FROM outbox AS o CROSS JOIN recipient AS r ON r.id = o.recipient_id CROSS JOIN contact AS c"
    " ON c.id = r.contact_id CROSS JOIN campaign AS p ON p.id = r.campaign_id"
    " LEFT JOIN address AS a ON a.key = r.address_key WHERE o.id IN ({})"
)
_WAITING = (
    "SELECT o.id, o.attempts, coalesce(o.first_at, 0), o.recipient_id, r.address, o.mail_id, c.name, c.company,"
    " c.language, c.responsible, coalesce(c.crm_id, '') FROM outbox AS o CROSS JOIN recipient AS r"
    " ON r.id = o.recipient_id CROSS JOIN contact AS c ON c.id = r.contact_id WHERE o.message_id = ?"
    f" AND o.state = {WAITING} AND o.next_at <= ? AND o.landed AND o.id NOT IN (SELECT value FROM json_each(?))"
    " ORDER BY o.next_at, o.id LIMIT ?"
)


class Verdict(Enum):
    """What a claim found: ``GRANTED``, the end of the data may be sent; else it must not be.

    ``GONE``: the row is not waiting any more, or something speaks against the recipient by now. ``CLOSED``: the message
    is paused or stopped. ``LOST``: another process sends it.
    """

    GRANTED = auto()
    GONE = auto()
    CLOSED = auto()
    LOST = auto()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that may be tried now; ``attempts``: how often it was, ``first_at``: when first (0: never)."""

    id: int
    attempts: int
    first_at: int
    person: Person


@dataclass(frozen=True, slots=True)
class Settlement:
    """An attempt that ended."""

    mail: Waiting
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Standing:
    """How a send stands for the process that asks: ``mine``, whether it is still the one to send."""

    state: SendState
    why: str
    mine: bool
    waiting: bool
    next_at: int | None


@dataclass(slots=True)
class Ledger:
    """The rows of one message, as one process that sends it sees and changes them."""

    store: Store
    message_id: int
    relay: Relay
    me: Claimant

    def begin(self, now: datetime, starts_at: int) -> int:
        """Take the message over, and return how many mails of a process that died are unsure now.

        Raises:
            NotFound: it is no longer there.
            Refused: it was sent already, or another process sends it.
        """
        found = self.store.execute(
            "SELECT state, claimant, beat_at FROM message WHERE id = ?", (self.message_id,)
        ).fetchone()
        if found is None:
            raise NotFound("This send is no longer there.")
        if SendState.of(found[0]) is SendState.DONE:
            raise Refused("This send has ended: nothing of it waits any more.")
        if lives(found[1], found[2], now):
            other = claimant_of(found[1])
            raise Refused(f"It is being sent by {other.words if other else 'another process'} already.")
        left_open = unsure.recover(self.store, self.message_id, now)
        self.store.execute(
            "UPDATE message SET state = ?, why = '', claimant = ?, beat_at = ?, starts_at = ? WHERE id = ?",
            (SendState.STARTING.code, self.me.text, to_ms(now), starts_at, self.message_id),
        )
        return left_open

    def start(self, now: datetime, who: Operator) -> None:
        """Let mails leave after the countdown, unless somebody paused or stopped it meanwhile."""
        cursor = self.store.execute(
            "UPDATE message SET state = ?, began_at = coalesce(began_at, ?)"
            " WHERE id = ? AND state = ? AND claimant = ?",
            (SendState.SENDING.code, to_ms(now), self.message_id, SendState.STARTING.code, self.me.text),
        )
        if cursor.rowcount:
            name = self.store.execute(
                "SELECT p.name FROM message AS m JOIN campaign AS p ON p.id = m.campaign_id WHERE m.id = ?",
                (self.message_id,),
            ).fetchone()[0]
            said = f"“{clean(name)}” begins to leave by relay {self.relay.name}, {self.left():,} mails"
            journal.write(self.store, who, now, "send", said, undoable=False, subjects=self.left())

    def standing(self) -> Standing:
        """Return how the send stands."""
        state, why, claimant = self.store.execute(
            "SELECT state, why, claimant FROM message WHERE id = ?", (self.message_id,)
        ).fetchone()
        waiting, next_at = self.store.execute(
            f"SELECT EXISTS (SELECT 1 FROM outbox WHERE message_id = ?1 AND state = {WAITING}),"
            f" (SELECT min(next_at) FROM outbox WHERE message_id = ?1 AND state = {WAITING})",
            (self.message_id,),
        ).fetchone()
        return Standing(SendState.of(state), why, claimant == self.me.text, bool(waiting), next_at)

    def left(self) -> int:
        """Return how many mails wait."""
        sql = f"SELECT count(*) FROM outbox WHERE message_id = ? AND state = {WAITING}"
        return int(self.store.execute(sql, (self.message_id,)).fetchone()[0])

    def waiting(self, now: datetime, limit: int, taken: str) -> list[Waiting]:
        """Return mails that may be tried now, those due longest first.

        Args:
            now: aware UTC time.
            limit: how many at most.
            taken: a JSON array of rows that are under way already.
        """
        found = self.store.execute(_WAITING, (self.message_id, to_ms(now), taken, limit)).fetchall()
        return [
            Waiting(id_, attempts, first_at, Person(recipient, address, mail_id, *known))
            for id_, attempts, first_at, recipient, address, mail_id, *known in found
        ]

    def claim(self, ids: Sequence[int], now: datetime) -> dict[int, Verdict]:
        """Claim mails of which the relay has taken sender and recipient; hold those against which something speaks."""
        state, claimant = self.store.execute(
            "SELECT state, claimant FROM message WHERE id = ?", (self.message_id,)
        ).fetchone()
        if claimant != self.me.text:
            return dict.fromkeys(ids, Verdict.LOST)
        if state != SendState.SENDING.code:
            return dict.fromkeys(ids, Verdict.CLOSED)
        against = {id_: (why, recipient) for id_, why, recipient in self.store.among(_AGAINST, ids)}
        free = [id_ for id_ in ids if id_ in against and against[id_][0] is None]
        at, me = to_ms(now), self.me.text
        self.store.execute_many(_CLAIM, [(at, me, at, id_) for id_ in free])
        held = {id_: found for id_, found in against.items() if found[0] is not None and found[0] >= 0}
        if held:
            self._hold(held, at)
        return {id_: Verdict.GRANTED if id_ in free else Verdict.GONE for id_ in ids}

    def _hold(self, held: Mapping[int, tuple[int, int]], at: int) -> None:
        """Hold mails to people who must not be written to any more, and skip them in the plan."""
        self.store.execute_many(
            "UPDATE outbox SET state = ?, settled_at = ?, diagnostic = ? WHERE id = ?",
            [(OutboxState.HELD.code, at, SkipReason.of(why).value, id_) for id_, (why, _) in held.items()],
        )
        self.store.execute_many(
            "UPDATE recipient SET skip_reason = ? WHERE id = ?", [(why, recipient) for why, recipient in held.values()]
        )
        derive.touch(self.store, [recipient for _, recipient in held.values()])
        derive.settle(self.store)

    def settle(self, settlements: Sequence[Settlement], now: datetime) -> None:
        """Record how attempts ended; what another process took over meanwhile is left alone."""
        self.store.execute_many(_SETTLE, [self._settled(one, to_ms(now)) for one in settlements])

    def _settled(self, one: Settlement, at: int) -> tuple[Any, ...]:
        mail, outcome = one.mail, one.outcome
        state = _STATES[outcome.ending]
        attempts = mail.attempts + 1
        due = at + round(1000 * self.relay.pause_s(attempts))
        words = outcome.words
        if outcome.ending is Ending.DEFERRED and due > (mail.first_at or at) + 1000 * self.relay.give_up_s:
            state = OutboxState.REFUSED
        if outcome.ending is Ending.LOST and attempts >= HELD_AFTER:
            state = OutboxState.HELD
            words = f"the connection was lost over this mail {attempts} times: {words}"
        return (
            state.code,
            due if state is OutboxState.WAITING else 0,
            at,
            at,
            outcome.ending not in _ANSWERED,
            outcome.command or None,
            outcome.reply,
            outcome.status,
            words or None,
            mail.id,
            self.me.text,
        )

    def beat(self, now: datetime) -> None:
        """Give a sign of life."""
        self.store.execute(
            "UPDATE message SET beat_at = ? WHERE id = ? AND claimant = ?",
            (to_ms(now), self.message_id, self.me.text),
        )

    def end(self, now: datetime, state: SendState | None = None, why: str = "") -> None:
        """Leave the message to others, with all settled (``state`` done) or paused with a reason; None: as it is."""
        if state is not None:
            ended = to_ms(now) if state is SendState.DONE else None
            self.store.execute(
                "UPDATE message SET state = ?, why = ?, ended_at = ? WHERE id = ? AND claimant = ? AND state <> ?",
                (state.code, why, ended, self.message_id, self.me.text, SendState.STOPPED.code),
            )
        self.store.execute(
            "UPDATE message SET claimant = NULL, beat_at = NULL WHERE id = ? AND claimant = ?",
            (self.message_id, self.me.text),
        )
