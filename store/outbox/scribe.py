"""The thread that writes for a sender: claims and outcomes of all connections, as many as there are in one commit.

A connection waits for its claim to be on the disk. Meanwhile others ask, and whoever asks while a commit is under way
is in the next one: with N connections a commit carries up to N claims, and it carries the outcomes of the mails before
them, too. So a row stays ``sending`` no longer than the relay takes to answer and one commit, and at most one row for
each connection is ``sending`` at any moment. What is not urgent (events, signs of life, tripwires) happens in between.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from store.database import Store
from store.errors import StoreBusy, StoreError
from store.outbox.claimant import BEAT_S
from store.outbox.landing import Outcomes
from store.outbox.ledger import Ledger, Settlement, Verdict, Waiting

T = TypeVar("T")

_MOST = 500
_LAND_EVERY_S = 0.5
_TICK_S = 0.25


@dataclass(slots=True)
class _Claiming:
    mail: Waiting
    future: asyncio.Future[Verdict]


@dataclass(slots=True)
class _Asking:
    ask: Callable[[], Any]
    future: asyncio.Future[Any]


@dataclass(slots=True)
class Scribe:
    """Writes what connections ask for, in the order in which they ask.

    Attributes:
        store: the open store.
        ledger: the rows of the message.
        now: aware UTC time.
        on_note: called, from the thread, with what the operator should be told.
        between: called, in the thread and outside of transactions, after events have landed.
        patient: wait for a locked store as long as it takes.
    """

    store: Store
    ledger: Ledger
    now: Callable[[], datetime]
    on_note: Callable[[str], None]
    between: Callable[[], None]
    patient: bool = True
    _asked: queue.SimpleQueue[_Claiming | _Asking | Settlement | None] = field(default_factory=queue.SimpleQueue)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _thread: threading.Thread = field(init=False)
    _outcomes: Outcomes = field(init=False)
    _landed_at: float = 0.0
    _beat_at: float = 0.0
    _to_land: bool = True
    _locked: bool = False
    _failed: BaseException | None = None

    def start(self) -> None:
        """Begin to write; call it in the loop that asks."""
        self._loop = asyncio.get_running_loop()
        self._outcomes = Outcomes(self.store, self.ledger.message_id)
        self._thread = threading.Thread(target=self._run, name="scribe", daemon=True)
        self._thread.start()

    async def claim(self, mail: Waiting) -> Verdict:
        """Claim a mail, and return what that found when it is on the disk.

        Raises:
            StoreError: the store cannot be written.
        """
        claiming = _Claiming(mail, self._loop.create_future())
        self._asked.put(claiming)
        return await claiming.future

    def settle(self, settlement: Settlement) -> None:
        """Record how an attempt ended; it is on the disk before any claim that is asked for later is granted."""
        self._asked.put(settlement)

    async def call(self, ask: Callable[[], T]) -> T:
        """Run something in a transaction of the thread, and return what it returns.

        Raises:
            StoreError: it raised this, or the store cannot be written.
        """
        asking = _Asking(ask, self._loop.create_future())
        self._asked.put(asking)
        found: T = await asking.future
        return found

    async def close(self) -> None:
        """Write and land what is left, and end the thread.

        Raises:
            StoreError: the store cannot be written; what it did not take is unsure at the next start.
        """
        self._asked.put(None)
        await asyncio.to_thread(self._thread.join)
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        try:
            while True:
                work, ended = self._work()
                if work and self._failed is None:
                    self._write(work)
                elif work:
                    self._give_up(work, self._failed or StoreError("The store cannot be written."))
                if self._failed is None:
                    self._keep_house(last=ended)
                if ended:
                    return
        finally:
            self.store.close()

    def _work(self) -> tuple[list[_Claiming | _Asking | Settlement], bool]:
        """Return what was asked for by now, and whether nothing more will be."""
        found: list[_Claiming | _Asking | Settlement] = []
        try:
            one = self._asked.get(timeout=_TICK_S)
            while one is not None:
                found.append(one)
                if len(found) >= _MOST:
                    return found, False
                one = self._asked.get_nowait()
        except queue.Empty:
            return found, False
        return found, True

    def _write(self, work: list[_Claiming | _Asking | Settlement]) -> None:
        """Do what was asked for in one transaction, and tell those who wait when it is committed."""
        settlements = [one for one in work if isinstance(one, Settlement)]
        claims = [one for one in work if isinstance(one, _Claiming)]
        self._to_land = self._to_land or bool(settlements)
        try:
            if settlements or claims:
                verdicts = self._patiently(lambda: self._claim_and_settle(settlements, claims))
                self._loop.call_soon_threadsafe(_tell, [(one.future, verdicts[one.mail.id]) for one in claims])
            for asking in work:
                if isinstance(asking, _Asking):
                    self._answer(asking)
        except BaseException as error:
            self._failed = error
            self._give_up(work, error)

    def _claim_and_settle(self, settlements: list[Settlement], claims: list[_Claiming]) -> dict[int, Verdict]:
        now = self.now()
        if settlements:
            self.ledger.settle(settlements, now)
        return self.ledger.claim([one.mail.id for one in claims], now) if claims else {}

    def _answer(self, asking: _Asking) -> None:
        """Run what was asked for; an error of the store is an answer, too."""
        try:
            answer = self._patiently(asking.ask)
        except StoreError as error:
            self._loop.call_soon_threadsafe(_fail, [asking.future], error)
        else:
            self._loop.call_soon_threadsafe(_tell, [(asking.future, answer)])

    def _give_up(self, work: list[_Claiming | _Asking | Settlement], error: BaseException) -> None:
        waiting = [one.future for one in work if not isinstance(one, Settlement)]
        self._loop.call_soon_threadsafe(_fail, waiting, error)

    def _patiently(self, change: Callable[[], T]) -> T:
        """Run a transaction, as often as it takes while another process keeps the store locked."""
        while True:
            try:
                done = self.store.run(change)
            except StoreBusy:
                if not self.patient:
                    raise
                if not self._locked:
                    self._locked = True
                    self.on_note(f"{self.store.place} is locked by another process; waiting.")
            else:
                self._locked = False
                return done

    def _keep_house(self, *, last: bool) -> None:
        moment = time.monotonic()
        try:
            if self._to_land and (last or moment - self._landed_at >= _LAND_EVERY_S):
                self._to_land = self._patiently(self._outcomes.land) > 0
                while last and self._to_land:
                    self._to_land = self._patiently(self._outcomes.land) > 0
                self._landed_at = time.monotonic()
            if moment - self._beat_at >= BEAT_S:
                self._patiently(lambda: self.ledger.beat(self.now()))
                self._beat_at = moment
            self.between()
        except BaseException as error:
            self._failed = error


def _tell(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, answer in answers:
        if not future.done():
            future.set_result(answer)


def _fail(futures: list[asyncio.Future[Any]], error: BaseException) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
