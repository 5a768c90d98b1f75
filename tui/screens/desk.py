"""What all screens share: they answer the requests of their panes.

A request is refused with the reason, or confirmed by a dialog, and then handed to the gateway; what was done comes
back to the app as a message.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.screen import Screen

from store.actions import contacts, lists, triage, undo
from store.errors import StoreError
from store.queries.lists import list_lists
from store.queries.reminders import reminder_counts
from store.rows import CampaignRow, RecipientRow, ReminderCounts
from tui.actions import ACTIONS
from tui.dialogs.confirm import confirm_rows
from tui.dialogs.export import ChooseFile, proposed_path
from tui.dialogs.fix import FixAddress
from tui.dialogs.lists import ChooseList, ListChoice
from tui.dialogs.remind import MakeReminder, Reminder
from tui.exporting import write_rows
from tui.gateway import Write
from tui.keys import key_bar
from tui.messages import (
    AddRequested,
    Choice,
    DecisionRequested,
    ExportRequested,
    Failed,
    FixRequested,
    HistoryRequested,
    PaneLeft,
    RedoRequested,
    Refused,
    RemindRequested,
    ScreenRequested,
    Told,
    UndoRequested,
)
from tui.panes.pane import Acting
from tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from tui.app import AftersendApp

_DECISIONS = {
    "mark-hard": triage.mark_hard,
    "mark-soft": triage.mark_soft,
    "clear": triage.clear,
    "block": triage.block,
    "former": triage.former,
}


class Desk(Screen[None]):
    """A screen on which the operator works: its panes ask, it answers."""

    AUTO_FOCUS: ClassVar[str] = "BigTable"

    @property
    def desk(self) -> AftersendApp:
        """The app, with the store and the gateway."""
        return cast("AftersendApp", self.app)

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane that has them now."""
        pane = self.acting()
        if pane is not None:
            self.query_one(KeyBar).show(key_bar(pane.kind))

    def acting(self) -> Acting | None:
        """Return the pane that has the keys."""
        nodes = () if self.focused is None else self.focused.ancestors_with_self
        return next((node for node in nodes if isinstance(node, Acting)), None)

    def decided(self, choice: Choice) -> None:
        """Go on after a decision about ``choice`` was handed over."""

    @work(group="request")
    async def on_decision_requested(self, event: DecisionRequested) -> None:
        """Decide at once about the row under the cursor; ask first about marked ones."""
        choice = event.choice
        if not choice.ids:
            self.post_message(Refused("None of the marked rows is shown here; Esc takes the marks off."))
            return
        if choice.marked and not await self.app.push_screen_wait(confirm_rows(ACTIONS[event.verb], choice)):
            return
        who, now = self.desk.operator, self.desk.clock()
        self._write(partial(_DECISIONS[event.verb], self.desk.store, choice.ids, who, now))
        self.decided(choice)

    @work(group="request")
    async def on_fix_requested(self, event: FixRequested) -> None:
        """Ask for the right address."""
        row: RecipientRow = event.row
        address = await self.app.push_screen_wait(FixAddress(row))
        if address is not None:
            who, now = self.desk.operator, self.desk.clock()
            self._write(partial(contacts.fix, self.desk.store, row.id, address, who, now))
            self.decided(Choice((row.id,), 1, ""))

    @work(group="request")
    async def on_add_requested(self, event: AddRequested) -> None:
        """Ask for the list."""
        choice = event.choice
        if not choice.ids:
            self.post_message(Refused("None of the marked rows is shown here; Esc takes the marks off."))
            return
        first = f"{len(choice.ids):,} of {choice.shown:,} shown · {choice.scope}"
        picked: ListChoice | None = await self.app.push_screen_wait(ChooseList(first, list_lists(self.desk.store)))
        if picked is not None:
            who, now = self.desk.operator, self.desk.clock()
            add = partial(lists.add, self.desk.store, choice.ids, picked.kind, picked.name, who, now)
            self._write(partial(add, campaign_id=choice.campaign_id))

    @work(group="request")
    async def on_remind_requested(self, event: RemindRequested) -> None:
        """Ask for the days and the name."""
        campaign: CampaignRow = event.campaign
        store, now = self.desk.store, self.desk.clock()

        def count(days: int) -> ReminderCounts:
            return reminder_counts(store, campaign.id, days, now)

        wanted: Reminder | None = await self.app.push_screen_wait(MakeReminder(campaign, count))
        if wanted is not None:
            self._write(partial(lists.remind, store, campaign.id, wanted.name, wanted.days, self.desk.operator, now))

    @work(group="request")
    async def on_export_requested(self, event: ExportRequested) -> None:
        """Ask for the file and write it."""
        choice = event.choice
        if not choice.ids:
            self.post_message(Refused("There is no row here to export."))
            return
        rows = "row" if len(choice.ids) == 1 else "rows"
        first = f"{len(choice.ids):,} {rows} · {choice.scope}"
        file = await self.app.push_screen_wait(ChooseFile(first, proposed_path(choice.scope)))
        if file is None:
            return
        try:
            written = await asyncio.to_thread(write_rows, self.desk.store, choice.ids, file)
        except StoreError as error:
            self.post_message(Failed(str(error)))
        else:
            self.post_message(Told(f"{written:,} {rows} written to {file.path}."))

    def on_undo_requested(self, event: UndoRequested) -> None:
        """Take the last action back."""
        event.stop()
        self._write(partial(undo.undo, self.desk.store, self.desk.operator, self.desk.clock()))

    def on_redo_requested(self, event: RedoRequested) -> None:
        """Do it again."""
        event.stop()
        self._write(partial(undo.redo, self.desk.store, self.desk.operator, self.desk.clock()))

    def on_history_requested(self, event: HistoryRequested) -> None:
        """Show everything about a recipient."""
        event.stop()
        from tui.screens.text import HistoryScreen

        self.app.push_screen(HistoryScreen(event.recipient_id))

    def on_screen_requested(self, event: ScreenRequested) -> None:
        """Open another screen; the help is about the pane that has the keys."""
        event.stop()
        pane = self.acting()
        self.desk.open_screen(event.name, pane.kind if pane is not None else "campaigns")

    def on_pane_left(self, event: PaneLeft) -> None:
        """Go back one screen."""
        event.stop()
        self.dismiss()

    def _write(self, write: Write) -> None:
        self.desk.gateway.submit(write)
