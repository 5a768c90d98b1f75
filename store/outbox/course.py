"""What the tasks of one sending share: how it goes, and whether it shall go on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from store.outbox.outcome import Ending, Outcome
from store.vocabulary import SendState

if TYPE_CHECKING:
    from store.outbox.ledger import Waiting

T = TypeVar("T")

REFUSED_IN_A_ROW = 25
"""Refusals without an acceptance in between after which the relay is taken to refuse us, not them."""

_LONGEST_PAUSE_S = 60.0
_PERMANENT = 500


@dataclass(slots=True)
class Job:
    """A mail that is built; ``again``: it was tried on a connection that turned out to be dead."""

    waiting: Waiting
    sender: str
    mail: bytes
    again: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How a sending stands in the process that does it.

    Attributes:
        done: mails by how their last attempt ended, since this process began.
        left: mails that wait, those that were put off among them.
        starts_at: when the countdown ends; None: it has.
        trouble: what is in the way now, in a sentence; "" if nothing is.
        next_at: when the next mail that was put off is tried, if there are no others.
    """

    state: SendState
    done: Counter[Ending]
    left: int
    starts_at: datetime | None = None
    trouble: str = ""
    next_at: datetime | None = None


@dataclass(slots=True)
class Course:
    """How a sending goes.

    Attributes:
        connections: how many there are.
        done: mails by how their last attempt ended.
        ending: no other mail is begun.
        why: why it is paused by itself, in a sentence; "" if it is not.
        closed: a claim found the message paused or stopped.
        trouble: what is in the way now, in a sentence; "" if nothing is.
    """

    connections: int
    done: Counter[Ending] = field(default_factory=Counter)
    ending: bool = False
    why: str = ""
    closed: bool = False
    trouble: str = ""
    _lost: int = 0
    _refused: int = 0
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, why: str = "") -> None:
        """Begin no other mail; ``why``: pause the message for this reason, unless there is one already."""
        self.ending = True
        self.why = self.why or why
        self._ended.set()
        self._moved.set()

    def moved(self) -> None:
        """Wake who waits in :meth:`wait`."""
        self._moved.set()

    async def wait(self, most_s: float) -> None:
        """Wait until something moves, for some seconds at most."""
        await _up_to(self._moved, most_s)
        self._moved.clear()

    async def unless_ended(
        self, work: Coroutine[Any, Any, T], drop: Callable[[T], None] = lambda result: None
    ) -> T | None:
        """Do something, and return None if the sending ends meanwhile; ``drop`` gets what comes of it all the same."""
        doing, ended = asyncio.ensure_future(work), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({doing, ended}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
        finally:
            ended.cancel()
        doing.cancel()
        # A task that is about to end may not notice that it was cancelled.
        found = (await asyncio.gather(doing, return_exceptions=True))[0]
        if not isinstance(found, BaseException):
            drop(found)
        return None

    async def rest(self, tries: int) -> None:
        """Wait before something is tried again, the longer the more often it failed, or until the sending ends."""
        await _up_to(self._ended, min(_LONGEST_PAUSE_S, 0.25 * 2.0 ** min(tries, 12)))

    async def note(self, outcome: Outcome) -> None:
        """Count an outcome; pause where the relay refuses us rather than the recipients, rest where it fails us."""
        self.done[outcome.ending] += 1
        if outcome.ending is Ending.ACCEPTED:
            self._lost = self._refused = 0
            self.trouble = ""
        elif outcome.ending is Ending.REFUSED:
            self._refused += 1
            if self._refused >= REFUSED_IN_A_ROW:
                self._refused = 0
                self.end(
                    f"the relay refused {REFUSED_IN_A_ROW} recipients in a row, the last one with: {outcome.words}"
                )
        elif outcome.ending is Ending.LOST:
            self._lost += 1
            if outcome.command == "MAIL" and (outcome.reply or 0) >= _PERMANENT:
                self.end(f"the relay refuses the sender: {outcome.reply} {outcome.words}")
            elif self._lost > self.connections:
                self.trouble = outcome.words
                await self.rest(self._lost - self.connections)
        self._moved.set()


async def _up_to(event: asyncio.Event, most_s: float) -> None:
    try:
        async with asyncio.timeout(most_s):
            await event.wait()
    except TimeoutError:
        return
