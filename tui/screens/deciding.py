"""The answers to requests that decide about recipients."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from textual import work

from tui.actions import ACTIONS, ASKED_ABOVE, TYPED_ABOVE
from tui.messages import AcceptRequested, Choice, ClearBlockRequested, DecisionRequested, FixRequested, Refused, Told
from tui.screens.answering import HIDDEN, Answering

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from store.database import Store
    from store.journal import Operator
    from store.rows import Change, RecipientRow

_LONG = 5000
"""Rows above which a decision takes long enough to say that it is under way."""

_Decide: TypeAlias = "Callable[[Store, Sequence[int], Operator, datetime], Change]"


class Deciding(Answering):
    """Answers the decisions: marks, blocks, fixes."""

    @work(group="request")
    async def on_decision_requested(self, event: DecisionRequested) -> None:
        """Decide at once about the row under the cursor; ask first about marked ones, and about large groups."""
        from store.actions import triage
        from tui.dialogs.confirm import confirm_rows

        choice = event.choice
        if not choice.ids:
            self.post_message(Refused(HIDDEN))
            return
        asking = choice.marked or len(choice.ids) > ASKED_ABOVE
        if asking and not await self.app.push_screen_wait(confirm_rows(ACTIONS[event.verb], choice)):
            return
        decide: _Decide = getattr(triage, event.verb.replace("-", "_"))
        who, now = self.desk.operator, self.desk.clock()
        if len(choice.ids) > _LONG:
            self.post_message(Told(f"Writing it down for {len(choice.ids):,} recipients…"))
        store = self.desk.store
        self.write_about(choice.ids, choice.seen, lambda ids: decide(store, ids, who, now))
        self.decided(choice)

    @work(group="request")
    async def on_clear_block_requested(self, event: ClearBlockRequested) -> None:
        """Free the address under the cursor at once; ask first about marked ones."""
        from store.actions import blocks
        from tui.dialogs.confirm import Confirm

        choice = event.choice
        if not choice.ids:
            self.post_message(Refused(HIDDEN))
            return
        action, count = ACTIONS["clear-block"], len(choice.ids)
        addresses = f"{count:,} address{'' if count == 1 else 'es'}"
        lines = (f"{count:,} of {choice.shown:,} shown · {choice.scope}", action.warning, "u takes it back.")
        asked = Confirm(action.question.format(n=addresses), lines, count if count > TYPED_ABOVE else 0)
        if choice.marked and not await self.app.push_screen_wait(asked):
            return
        who, now = self.desk.operator, self.desk.clock()
        self._free(choice, lambda ids: blocks.clear_block(self.desk.store, ids, who, now))
        self.decided(choice)

    @work(group="request")
    async def on_accept_requested(self, event: AcceptRequested) -> None:
        """Accept at once what was shown for the row under the cursor; show first what would become of others."""
        from store.actions import contacts
        from tui.dialogs.accept import AcceptSuggestions

        choice, advice = event.choice, event.advice
        if not choice.ids:
            self.post_message(Refused(HIDDEN))
            return
        if advice is None:
            seek = partial(self.desk.advising.advice, choice.ids)
            wanted = await self.app.push_screen_wait(AcceptSuggestions(choice, seek))
        elif advice.best is None:
            self.post_message(Refused(f"{advice.refusal} f asks for an address."))
            return
        else:
            wanted = {advice.id: advice.best.address}
        if wanted:
            store, who, now = self.desk.store, self.desk.operator, self.desk.clock()
            self.write_about(
                tuple(wanted),
                choice.seen,
                lambda ids: contacts.accept(store, {id_: wanted[id_] for id_ in ids}, who, now),
            )
            if choice.marked or len(wanted) == len(choice.ids):
                self.decided(choice)

    @work(group="request")
    async def on_fix_requested(self, event: FixRequested) -> None:
        """Ask for the right address."""
        from store.actions import contacts
        from tui.dialogs.fix import FixAddress

        row: RecipientRow = event.row
        advising = self.desk.advising
        address = await self.app.push_screen_wait(FixAddress(row, lambda: advising.advice([row.id]).get(row.id)))
        if address is not None:
            store, who, now = self.desk.store, self.desk.operator, self.desk.clock()
            self.write_about((row.id,), event.seen, lambda _: contacts.fix(store, row.id, address, who, now))
            self.decided(Choice((row.id,), 1, ""))

    def _free(self, choice: Choice, act: Callable[[Sequence[int]], Change]) -> None:
        from store.actions.unchanged import on_addresses

        if choice.seen is None:
            self.write(partial(act, choice.ids))
        else:
            self.write(partial(on_addresses, self.desk.store, self.sight(choice.seen), choice.ids, act))
