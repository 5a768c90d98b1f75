"""The answers to requests about what is sent from here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual import work

from store.errors import StoreError
from tui.actions import ASKED_ABOVE
from tui.messages import Refused, Told
from tui.outgoing import SendAgainRequested, SendRequested, UnsureRequested, WrongRequested
from tui.screens.answering import Answering

if TYPE_CHECKING:
    from store.outbox.content import Message
    from store.outbox.preparing import Prepared
    from store.rows.outbox import SendRow

T = TypeVar("T")

COUNTDOWN_S = 30
"""Between the start and the first mail, so that a second thought is in time."""


class Outgoing(Answering):
    """Answers what starts, pauses, stops and repeats sends."""

    async def in_thread(self, work_: Callable[[], T]) -> T:
        """Do something with the store off the thread that draws, and let go of the connection."""

        def done() -> T:
            try:
                return work_()
            finally:
                self.desk.store.close()

        return await asyncio.to_thread(done)

    def on_wrong_requested(self, event: WrongRequested) -> None:
        """Show what can be done."""
        event.stop()
        from tui.screens.wrong import WrongScreen

        self.app.push_screen(WrongScreen(event.campaign_id, event.campaign))

    @work(group="request")
    async def on_send_requested(self, event: SendRequested) -> None:
        """Pause or stop at once; ask before a start."""
        from store.outbox import control

        store, row = self.desk.store, event.send
        who, now = self.desk.operator, self.desk.clock()
        if event.verb == "pause":
            self.write(partial(control.pause, store, row.id, who, now))
        elif event.verb == "stop":
            self.write(partial(control.stop, store, row.id, who, now))
        else:
            await self._start(row)

    @work(group="request")
    async def on_unsure_requested(self, event: UnsureRequested) -> None:
        """Ask before mails are sent again of which nobody can tell whether they arrived."""
        from store.outbox import unsure
        from tui.dialogs.confirm import Confirm

        if not event.sent:
            lines = ("Whoever got it already gets it twice.", "The relay's log tells, once it is read in.")
            many = "this mail" if len(event.ids) == 1 else f"these {len(event.ids):,} mails"
            if not await self.app.push_screen_wait(Confirm(f"Send {many} again?", lines)):
                return
        who, now = self.desk.operator, self.desk.clock()
        self.write(partial(unsure.decide, self.desk.store, event.ids, who, now, sent=event.sent))

    @work(group="request")
    async def on_send_again_requested(self, event: SendAgainRequested) -> None:
        """Show who gets it again and who not, make it ready, check it, and start it after a question."""
        from store.actions.resending import Resend, send_again
        from store.queries.outbox import sent_message
        from store.queries.unreached import family_root, unreached
        from tui.dialogs.resend import SendAgain

        store, wanted = self.desk.store, event.wanted
        root = family_root(store, wanted.campaign_id)
        message = sent_message(store, root)
        count = partial(unreached, store, wanted)
        asked = await self.app.push_screen_wait(SendAgain(event.campaign, count, message))
        if asked is None:
            return
        resend = Resend(wanted, asked)
        try:
            made = await self.in_thread(partial(send_again, store, resend, self.desk.operator, self.desk.clock()))
        except StoreError as error:
            self.post_message(Refused(str(error)))
            return
        self.desk.stir(frozenset({"outbox", "campaigns", "recipients", "journal"}))
        await self.launch([(made, asked)], (f"{made.count:,} get “{asked.subject}” again: “{made.campaign}”",))

    async def launch(self, sends: Sequence[tuple[Prepared, Message]], lines: Sequence[str]) -> None:
        """Start sends that are ready, each in a process of its own, after one question, or leave them in the outbox."""
        from tui.dialogs.confirm import Confirm

        ready = "It waits ready in the outbox (X): nothing has left."
        for made, message in sends:
            if not await self.passed(message, made.campaign_id):
                return
        total = sum(made.count for made, _ in sends)
        warning = "What has left cannot be called back. It goes on when you leave the screen; X pauses and stops it."
        lines = (*lines, f"The first mail leaves {COUNTDOWN_S} seconds after this.", warning)
        if not await self.app.push_screen_wait(Confirm("Send it now?", lines, total if total > ASKED_ABOVE else 0)):
            self.post_message(Told(ready))
            return
        from tui.launching import start

        try:
            for made, _ in sends:
                start(self.desk.store.url, made.key, COUNTDOWN_S)
        except StoreError as error:
            self.post_message(Refused(str(error)))
        else:
            self.post_message(Told(f"It starts in {COUNTDOWN_S} seconds; the outbox (X) pauses and stops it."))

    async def passed(self, message: Message, campaign_id: int) -> bool:
        """Put a message that is ready before the gate; if that is shut, show what is in the way."""
        from store.outbox.checking import check
        from tui.screens.check import CheckScreen

        try:
            checked = await self.in_thread(
                partial(check, self.desk.store, message, None, self.desk.clock(), campaign_id=campaign_id)
            )
            checked.refuse()
        except StoreError as error:
            self.app.push_screen(CheckScreen(lambda: message, None, campaign_id=campaign_id))
            self.post_message(Refused(f"It waits ready in the outbox (X, then s), for the gate is shut: {error}"))
            return False
        return True

    async def _start(self, row: SendRow) -> None:
        from tui.dialogs.confirm import Confirm
        from tui.launching import start
        from tui.present.outbox import counts_line

        if row.alive:
            from store.outbox import control

            who, now = self.desk.operator, self.desk.clock()
            self.write(partial(control.resume, self.desk.store, row.id, who, now, row))
            return
        if not row.left:
            self.post_message(Refused(f"Nothing of {row.campaign} waits to be sent."))
            return
        from store.outbox.control import refuse_if_halted_since
        from store.queries.outbox import message_of

        if not await self.passed(message_of(self.desk.store, row.id), row.campaign_id):
            return
        lines = (
            f"{row.campaign}: {counts_line(row)}",
            f"To {row.left:,}, by relay {row.relay}; the first mail leaves {COUNTDOWN_S} seconds after this.",
            "What has left cannot be called back.",
        )
        if await self.app.push_screen_wait(
            Confirm("Send what waits?", lines, row.left if row.left > ASKED_ABOVE else 0)
        ):
            try:
                refuse_if_halted_since(self.desk.store, row)
                start(self.desk.store.url, row.key, COUNTDOWN_S)
            except StoreError as error:
                self.post_message(Refused(str(error)))
