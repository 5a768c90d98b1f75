"""The answers to requests about what people may ask for themselves."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from store.errors import StoreError
from tui.actions import ACTIONS
from tui.inquiries import ForgetRequested, TrackRequested
from tui.messages import Choice, Refused, Told
from tui.screens.answering import HIDDEN, Answering

if TYPE_CHECKING:
    from store.actions.forgetting import Traces

_WORD = "forget"
_SHOWN = 6


class Rights(Answering):
    """Answers consent to be tracked, and being forgotten."""

    @work(group="request")
    async def on_track_requested(self, event: TrackRequested) -> None:
        """Ask for the answer, and note it."""
        from store.actions.consent import track
        from tui.dialogs.tracking import AskTracking

        said = await self.app.push_screen_wait(AskTracking(event.whose))
        if said is not None:
            desk = self.desk
            self.write(partial(track, desk.store, [event.contact_id], said, desk.operator, desk.clock()))

    @work(group="request")
    async def on_forget_requested(self, event: ForgetRequested) -> None:
        """Say what goes, have the word typed, and forget."""
        from store.actions.forgetting import forget_contacts
        from tui.dialogs.confirm import Confirm

        if not event.ids:
            self.post_message(Refused(HIDDEN))
            return
        try:
            found = await asyncio.to_thread(self._traces, event.ids)
        except StoreError as error:
            self.post_message(Refused(str(error)))
            return
        action, count = ACTIONS["forget"], len(event.ids)
        lines = (
            f"{count:,} of {event.shown:,} shown · {action.done} · {event.scope}",
            f"Erased from {', '.join(found.words[:_SHOWN])}.",
            action.warning,
            "This cannot be undone. Writing the file anew may take a while.",
        )
        people = "1 person" if count == 1 else f"{count:,} people"
        if await self.app.push_screen_wait(Confirm(action.question.format(n=people), lines, word=_WORD)):
            self.post_message(Told(f"Forgetting {people}…"))
            self.write(partial(forget_contacts, self.desk.store, event.ids, self.desk.operator, self.desk.clock()))
            self.decided(Choice(event.ids, event.shown, event.scope, marked=event.marked))

    def _traces(self, ids: tuple[int, ...]) -> Traces:
        """Return what would be erased; called in a thread."""
        from store.actions.forgetting import traces
        from store.queries.identity import identity_of

        store = self.desk.store
        try:
            return traces(store, [identity_of(store, [id_]) for id_ in ids], self.desk.clock())
        finally:
            store.close()
