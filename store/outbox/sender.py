"""Sending a message: mails from the outbox over several connections, until nothing waits or somebody says stop.

One task reads mails from the store and builds them, one for each connection hands them over (:mod:`store.outbox.hand`),
and a thread writes (:mod:`store.outbox.scribe`). Only that thread knows the store, only the loop knows the network.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from store.database import Store
from store.errors import Refused, StoreError
from store.journal import Operator
from store.lookout import Lookout, told_of
from store.outbox.checking import manner
from store.outbox.claimant import myself
from store.outbox.compose import Composer
from store.outbox.connecting import Patience, context_of, secret_of
from store.outbox.control import may_go_on, pause
from store.outbox.course import Course, Job, Progress
from store.outbox.dialogue import greet
from store.outbox.hand import Hand
from store.outbox.ledger import Ledger, Settlement, Standing, Waiting
from store.outbox.outcome import Ending, Outcome
from store.outbox.pacing import Queue
from store.outbox.relay import Relay
from store.outbox.scribe import Scribe
from store.queries.outbox import message_of, send_row
from store.queries.tripwires import standing as trips_of
from store.rows.outbox import SendRow
from store.rows.tripwires import TripRow
from store.secrets import Secret
from store.times import from_ms_or_none, to_ms
from store.vocabulary import SendState

READ_AHEAD = 500
"""Mails read from the store at a time."""

_LOOK_S = 0.25
_COUNT_S = 1.0
_TRIPS_S = 1.0


@dataclass(frozen=True, slots=True)
class Sent:
    """How a sending ended: how the message stands, which trips paused it, and how many mails it found unsure."""

    row: SendRow
    trips: tuple[TripRow, ...]
    found_unsure: int


@dataclass(slots=True)
class Sender:
    """Sends one message, once.

    Attributes:
        store: the open store.
        message_id: the message.
        relay: by which relay.
        who: the operator in whose name it is paused.
        now: aware UTC time.
        start_in_s: seconds of the countdown.
        patience: how long to wait for the relay.
        on_progress: called with how things stand, some times a second.
        on_note: called with what the operator should be told, a sentence at a time; also from another thread.
        secret: gives the password of the relay.
    """

    store: Store
    message_id: int
    relay: Relay
    who: Operator
    now: Callable[[], datetime]
    start_in_s: float = 0
    patience: Patience = field(default_factory=Patience)
    on_progress: Callable[[Progress], None] = lambda progress: None
    on_note: Callable[[str], None] = lambda sentence: None
    secret: Callable[[Relay], Secret | None] = secret_of
    _row: SendRow = field(init=False)
    _ledger: Ledger = field(init=False)
    _scribe: Scribe = field(init=False)
    _lookout: Lookout = field(init=False)
    _composer: Composer = field(init=False)
    _queue: Queue = field(init=False)
    _course: Course = field(init=False)
    _jobs: asyncio.Queue[Job | None] = field(init=False)
    _loop: asyncio.AbstractEventLoop | None = None
    _hands: list[Hand] = field(default_factory=list)
    _under_way: set[int] = field(default_factory=set)
    _left: int = 0
    _count_at: float = 0.0
    _standing: Standing | None = None
    _trips: tuple[TripRow, ...] = ()
    _trips_due: float = 0.0

    def run(self) -> Sent:
        """Send until nothing waits any more, or until the message is stopped or this process shall end.

        Raises:
            Refused: another process sends it, it has ended, a tripwire rings, or the relay does not take us.
            Unreachable: the relay was not there when the sending began.
            BadInput: the message makes no mail.
            StoreError: the store cannot be written.
        """
        self._row = send_row(self.store, self.message_id, self.now())
        message = message_of(self.store, self.message_id)
        how = manner(message, self.relay, self._row.key, self._row.campaign, self.now())
        self._composer = Composer(message, how)
        self._queue = Queue(self.relay.rate if self._row.rate is None else self._row.rate, self.relay.domain_rate)
        may_go_on(self.store, self._row.campaign_id, self.now())
        return asyncio.run(self._run())

    def halt(self) -> None:
        """Pause the message and end, when what is open is settled; asked twice, wait for no answer. From any thread."""
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._halt)

    def _halt(self) -> None:
        if self._course.ending:
            self._scribe.patient = False
            for hand in self._hands:
                hand.cut()
        self._course.end(f"ended by {self.who.name}")

    async def _run(self) -> Sent:
        self._loop = asyncio.get_running_loop()
        connections = self._row.connections or self.relay.connections
        self._course = Course(connections)
        self._jobs = asyncio.Queue()
        self._ledger = Ledger(self.store, self.message_id, self.relay, myself())
        self._lookout = Lookout(self.store, self.now, self.on_note)
        self._scribe = Scribe(self.store, self._ledger, self.now, self.on_note, self._look_out)
        self._scribe.start()
        try:
            starts_at = self.now() + timedelta(seconds=self.start_in_s)
            until = time.monotonic() + self.start_in_s
            found = await self._scribe.call(lambda: self._ledger.begin(self.now(), to_ms(starts_at)))
            try:
                # Before anything is counted down: does the relay take us?
                await self._course.unless_ended(greet(self.relay, self.patience, self.secret))
                if await self._count_down(starts_at, until):
                    await self._send(connections)
            except StoreError as error:
                self._course.end(str(error))
                raise
            finally:
                await self._finish()
        finally:
            await self._scribe.close()
            self._lookout.finish()
            self._loop = None
        return Sent(send_row(self.store, self.message_id, self.now()), self._trips, found)

    async def _count_down(self, starts_at: datetime, until: float) -> bool:
        """Wait until the mails may leave; return whether they may.

        Args:
            starts_at: when they may, for people.
            until: the same by the clock that nobody sets: it neither skips the wait nor makes it longer.
        """
        while not self._course.ending:
            standing = await self._look()
            if standing.state is SendState.SENDING:
                return True
            left_s = until - time.monotonic()
            if standing.state is SendState.STARTING and left_s <= 0:
                await self._scribe.call(lambda: self._ledger.start(self.now(), self.who))
                continue
            self._show(starts_at)
            await self._course.wait(min(_LOOK_S, left_s) if left_s > 0 else _LOOK_S)
        return False

    async def _look(self) -> Standing:
        """Read how the message stands; end where it is stopped, or another process sends it."""
        standing = await self._scribe.call(self._ledger.standing)
        self._standing = standing
        if not standing.mine or standing.state in {SendState.STOPPED, SendState.DONE}:
            self._course.end()
        return standing

    async def _send(self, connections: int) -> None:
        context = context_of(self.relay)
        self._hands = [
            Hand(
                self.relay,
                self.patience,
                context,
                lambda: self.secret(self.relay),
                self._course,
                self._jobs,
                self._scribe.claim,
                self._settle,
                self._drop,
            )
            for _ in range(connections)
        ]
        tasks = [asyncio.create_task(hand.run()) for hand in self._hands]
        try:
            await self._feed()
        except BaseException:
            self._course.end()
            raise
        finally:
            for _ in self._hands:
                self._jobs.put_nowait(None)
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error

    async def _feed(self) -> None:
        """Give the hands mails until nothing waits any more."""
        look_at = read_at = 0.0
        while not self._course.ending:
            moment = time.monotonic()
            if moment >= look_at or self._course.closed:
                self._course.closed = False
                look_at = moment + _LOOK_S
                if (await self._look()).state is not SendState.SENDING:
                    self._forget()
                if moment >= self._count_at:
                    self._count_at = moment + _COUNT_S
                    self._left = await self._scribe.call(self._ledger.left)
                self._show()
            if self._standing is None or self._standing.state is not SendState.SENDING:
                await self._course.wait(_LOOK_S)
                continue
            if len(self._queue) < READ_AHEAD // 4 and moment >= read_at:
                read_at = moment + (0 if await self._read() else _LOOK_S)
                if not self._under_way and not (await self._look()).waiting:
                    return
            await self._offer(time.monotonic())

    async def _read(self) -> bool:
        """Read mails that may be tried now; return whether there may be more of them."""
        taken = json.dumps(sorted(self._under_way))
        found = await self._scribe.call(lambda: self._ledger.waiting(self.now(), READ_AHEAD, taken))
        self._composer.how = replace(self._composer.how, date=self.now())
        self._queue.add(found)
        self._under_way.update(mail.id for mail in found)
        return len(found) == READ_AHEAD

    async def _offer(self, moment: float) -> None:
        """Build the mail whose turn it is, if a hand is free; else wait a moment."""
        if self._jobs.qsize() >= len(self._hands):
            await self._course.wait(_LOOK_S)
            return
        taken = self._queue.take(moment)
        if not isinstance(taken, Waiting):
            await self._course.wait(_LOOK_S if taken is None else min(_LOOK_S, taken - moment))
            return
        try:
            job = Job(taken, self._composer.sender(taken.person), self._composer.mail(taken.person))
        except StoreError as error:
            # This one cannot be written to so; the others can.
            self._settle(Job(taken, "", b""), Outcome(Ending.HELD, words=str(error)))
            self._course.done[Ending.HELD] += 1
            return
        self._jobs.put_nowait(job)
        await asyncio.sleep(0)

    def _forget(self) -> None:
        """Give back what was read and not begun."""
        self._under_way -= self._queue.clear()

    def _settle(self, job: Job, outcome: Outcome) -> None:
        self._under_way.discard(job.waiting.id)
        self._scribe.settle(Settlement(job.waiting, outcome))

    def _drop(self, job: Job) -> None:
        self._under_way.discard(job.waiting.id)

    async def _finish(self) -> None:
        """Leave the message done, paused with a reason, or as others left it."""
        why = self._course.why
        state = None if self._course.ending else SendState.DONE
        if why:
            try:
                await self._scribe.call(lambda: pause(self.store, self.message_id, self.who, self.now(), why))
            except Refused:
                # Somebody paused or stopped it already.
                state = None
        await self._scribe.call(lambda: self._ledger.end(self.now(), state))

    def _look_out(self) -> None:
        """Pause where a tripwire rings; in the thread that writes."""
        if self._trips or time.monotonic() < self._trips_due:
            return
        for trip in self._lookout.look_if_due():
            self.on_note(told_of(trip))
        self._trips_due = time.monotonic() + _TRIPS_S
        ringing = tuple(trip for trip in trips_of(self.store, self.now(), self._row.campaign_id) if trip.rings)
        if ringing and self._loop is not None:
            self._trips = ringing
            why = f"tripwire: {ringing[0].why}"
            try:
                pause(self.store, self.message_id, self.who, self.now(), why)
            except Refused:
                # It is paused already.
                pass
            self._loop.call_soon_threadsafe(self._course.end)

    def _show(self, starts_at: datetime | None = None) -> None:
        standing = self._standing
        if standing is None:
            return
        next_at = None if self._under_way else from_ms_or_none(standing.next_at or None)
        progress = Progress(standing.state, self._course.done, self._left, starts_at, self._course.trouble, next_at)
        self.on_progress(progress)
