"""What all screens share: they answer the requests of their panes.

A request is refused with the reason, or confirmed by a dialog, and then handed to the gateway; what was done comes
back to the app as a message. Dialogs and the store's actions are loaded when they are first asked for (and by
:func:`preload` soon after the start), since the first rows on the screen do not need them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, TypeAlias, cast

from textual import work
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from store.database import Store
from store.errors import StoreError
from store.journal import Operator
from store.rows import CampaignRow, Change, RecipientRow, ReminderCounts
from tui.actions import ACTIONS
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
    UndoRequested,
)
from tui.panes.pane import Acting
from tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from tui.app import AftersendApp


_HIDDEN = "None of the marked rows is shown here; Esc takes the marks off."
_Decide: TypeAlias = Callable[[Store, Sequence[int], Operator, datetime], Change]


class Desk(Screen[None]):
    """A screen on which the operator works: its panes ask, it answers.

    Attributes:
        steps: steps that wait for the screen to be drawn.
    """

    AUTO_FOCUS: ClassVar[str] = "BigTable"
    # Textual paints the whole screen again whenever the focus moves; the two tables concerned paint themselves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    steps = 0
    gives_way: ClassVar[bool] = False
    """Whether the main screen takes its place as soon as there is a campaign."""

    @property
    def desk(self) -> AftersendApp:
        """The app, with the store and the gateway."""
        return cast("AftersendApp", self.app)

    def soon(self, step: Callable[[], None]) -> None:
        """Take a step once the screen was drawn; keys typed meanwhile wait for it."""
        self.steps += 1

        def take() -> None:
            self.steps -= 1
            step()

        self.call_after_refresh(take)

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
        from store.actions import triage
        from tui.dialogs.confirm import confirm_rows

        choice = event.choice
        if not choice.ids:
            self.post_message(Refused(_HIDDEN))
            return
        if choice.marked and not await self.app.push_screen_wait(confirm_rows(ACTIONS[event.verb], choice)):
            return
        decide: _Decide = getattr(triage, event.verb.replace("-", "_"))
        who, now = self.desk.operator, self.desk.clock()
        self._write(partial(decide, self.desk.store, choice.ids, who, now))
        self.decided(choice)

    @work(group="request")
    async def on_fix_requested(self, event: FixRequested) -> None:
        """Ask for the right address."""
        from store.actions import contacts
        from tui.dialogs.fix import FixAddress

        row: RecipientRow = event.row
        address = await self.app.push_screen_wait(FixAddress(row))
        if address is not None:
            who, now = self.desk.operator, self.desk.clock()
            self._write(partial(contacts.fix, self.desk.store, row.id, address, who, now))
            self.decided(Choice((row.id,), 1, ""))

    @work(group="request")
    async def on_add_requested(self, event: AddRequested) -> None:
        """Ask for the list."""
        from store.actions import lists
        from store.queries.lists import list_lists
        from tui.dialogs.lists import ChooseList

        choice = event.choice
        if not choice.ids:
            self.post_message(Refused(_HIDDEN))
            return
        first = f"{len(choice.ids):,} of {choice.shown:,} shown · {choice.scope}"
        picked = await self.app.push_screen_wait(ChooseList(first, list_lists(self.desk.store)))
        if picked is not None:
            who, now = self.desk.operator, self.desk.clock()
            add = partial(lists.add, self.desk.store, choice.ids, picked.kind, picked.name, who, now)
            self._write(partial(add, campaign_id=choice.campaign_id))

    @work(group="request")
    async def on_remind_requested(self, event: RemindRequested) -> None:
        """Ask for the days and the name."""
        from store.actions import lists
        from store.queries.reminders import reminder_counts
        from tui.dialogs.remind import MakeReminder

        campaign: CampaignRow = event.campaign
        store, now = self.desk.store, self.desk.clock()

        def count(days: int) -> ReminderCounts:
            return reminder_counts(store, campaign.id, days, now)

        wanted = await self.app.push_screen_wait(MakeReminder(campaign, count))
        if wanted is not None:
            self._write(partial(lists.remind, store, campaign.id, wanted.name, wanted.days, self.desk.operator, now))

    @work(group="request")
    async def on_export_requested(self, event: ExportRequested) -> None:
        """Ask for the file and write it."""
        from store.actions import exports
        from tui.dialogs.export import ChooseFile, proposed_path
        from tui.exporting import write_rows

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
            who, now = self.desk.operator, self.desk.clock()
            self._write(partial(exports.note_export, self.desk.store, written, str(file.path), choice.scope, who, now))

    def on_undo_requested(self, event: UndoRequested) -> None:
        """Take the last action back."""
        from store.actions import undo

        event.stop()
        self._write(partial(undo.undo, self.desk.store, self.desk.operator, self.desk.clock()))

    def on_redo_requested(self, event: RedoRequested) -> None:
        """Do it again."""
        from store.actions import undo

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


def preload() -> None:
    """Load what the first decision, dialog or history will need."""
    for name in (
        "store.actions.triage",
        "store.actions.undo",
        "tui.dialogs.confirm",
        "tui.dialogs.fix",
        "tui.dialogs.lists",
        "tui.dialogs.states",
        "tui.screens.text",
    ):
        import_module(name)
