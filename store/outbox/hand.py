"""One connection's work: takes mails, hands them over, makes the connection anew when it has to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from store.errors import Refused, StoreError, Unreachable
from store.outbox.connecting import Patience, connect
from store.outbox.course import Course, Job
from store.outbox.dialogue import Dialogue, Stopped
from store.outbox.ledger import Verdict, Waiting
from store.outbox.outcome import Ending, Outcome
from store.outbox.relay import Relay
from store.secrets import Secret

IDLE_S = 5.0
"""A connection without work is given up after so long; relays close them sooner or later."""


@dataclass(slots=True)
class Hand:
    """Hands mails over, one after the other.

    Attributes:
        jobs: the mails; None: there will be no more.
        claim: claims a mail.
        settle: records how an attempt ended.
        drop: takes note that a mail was not tried; it waits as before.
    """

    relay: Relay
    patience: Patience
    context: ssl.SSLContext | None
    secret: Callable[[], Secret | None]
    course: Course
    jobs: asyncio.Queue[Job | None]
    claim: Callable[[Waiting], Awaitable[Verdict]]
    settle: Callable[[Job, Outcome], None]
    drop: Callable[[Job], None]
    dialogue: Dialogue | None = None

    async def run(self) -> None:
        """Work until there are no more mails.

        Raises:
            StoreError: the store cannot be written.
        """
        try:
            while (job := await self._next()) is not None:
                self.course.moved()
                await self._hand_over(job)
            await self._leave()
        except BaseException:
            self.cut()
            self.course.end()
            raise

    def cut(self) -> None:
        """Close the connection at once; what is open on it is unsure if its end was sent."""
        if self.dialogue is not None:
            self.dialogue.cut()

    async def _next(self) -> Job | None:
        try:
            async with asyncio.timeout(IDLE_S):
                return await self.jobs.get()
        except TimeoutError:
            await self._leave()
        return await self.jobs.get()

    async def _hand_over(self, job: Job) -> None:
        while not self.course.ending:
            dialogue = await self._connected()
            if dialogue is None:
                break
            first = dialogue.mails == 0
            try:
                outcome = await dialogue.hand_over(
                    job.sender, job.waiting.person.address, job.mail, lambda: self._granted(job.waiting)
                )
            except Stopped:
                break
            if outcome.ending is Ending.LOST and not outcome.command and not first and not job.again:
                # The relay had closed a connection on which nothing was going on.
                job.again = True
                continue
            self.settle(job, outcome)
            await self.course.note(outcome)
            if dialogue.mails == self.relay.per_connection:
                await self._leave()
            return
        self.drop(job)

    async def _granted(self, mail: Waiting) -> bool:
        verdict = await self.claim(mail)
        if verdict in {Verdict.CLOSED, Verdict.LOST}:
            self.course.closed = True
            self.course.moved()
        return verdict is Verdict.GRANTED

    async def _connected(self) -> Dialogue | None:
        """Return a connection that can be used; None if the sending ends before there is one."""
        if self.dialogue is not None and self.dialogue.ready:
            return self.dialogue
        self.cut()
        tries = 0
        while not self.course.ending:
            try:
                line = await self.course.unless_ended(
                    connect(self.relay, self.context, self.secret, self.patience),
                    lambda line: line.writer.transport.abort(),
                )
            except Unreachable as error:
                self.course.trouble = str(error)
                tries += 1
                await self.course.rest(tries)
            except (Refused, StoreError) as error:
                self.course.end(str(error))
            else:
                if line is not None:
                    self.course.trouble = ""
                    self.dialogue = Dialogue(line, self.patience)
                    return self.dialogue
        return None

    async def _leave(self) -> None:
        if self.dialogue is not None:
            await self.dialogue.quit()
            self.dialogue = None
