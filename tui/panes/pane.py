"""What all panes share: a table, the keys of the registry, and the way from a key to a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar, cast

from store.rows import CampaignRow, RecipientRow
from tui.actions import ACTIONS, Context, Pane
from tui.keys import PANE_NAMES
from tui.messages import (
    AcceptRequested,
    AddRequested,
    BouncesRequested,
    Choice,
    DecisionRequested,
    FixRequested,
    MonitorRequested,
    PaneLeft,
    PaneRequested,
    RedoRequested,
    Refused,
    RemindRequested,
    ReportRequested,
    ResendRequested,
    ScreenRequested,
    UndoRequested,
)
from tui.outgoing import SendAgainRequested, WrongRequested
from tui.panes.fetching import Fetching
from tui.panes.sight import Sighted
from tui.screens.names import OPENED
from tui.widgets.big_table import BigTable
from tui.widgets.status_line import Heading

if TYPE_CHECKING:
    from tui.app import AftersendApp

_TABLE_MOVES = {
    "down": "cursor_down",
    "up": "cursor_up",
    "first": "first",
    "last": "last",
    "page-down": "page_down",
    "page-up": "page_up",
    "open": "open",
    "column-left": "column_left",
    "column-right": "column_right",
    "mark": "mark",
    "mark-range": "range",
    "mark-all": "mark_all",
    "mark-like": "mark_like",
}
_REQUESTS = {"remind": RemindRequested, "monitor": MonitorRequested, "report": ReportRequested}
"""What is asked for about the campaign that is shown."""

_DECISIONS = frozenset({"mark-hard", "mark-soft", "clear", "excuse", "block", "former", "delete", "later"})
_PANES = {"pane-1": (1, 0), "pane-2": (2, 0), "pane-3": (3, 0), "next-pane": (0, 1), "previous-pane": (0, -1)}


class Acting(Sighted, Fetching):
    """A part of the screen whose keys come from the registry.

    A key calls :meth:`action_act` with the action's id. What the registry refuses is told and not done; the rest is
    a move of the table, a request that is posted, or a method ``do_…`` of the pane. Panes answer nothing themselves
    that lies outside their own rows.
    """

    kind: ClassVar[Pane]

    @property
    def desk(self) -> AftersendApp:
        """The app, with the store and the gateway."""
        return cast("AftersendApp", self.app)

    def context(self) -> Context:
        """Return what an action would act on now."""
        return Context(self.kind, read_only=self.desk.store.read_only)

    async def action_act(self, verb: str) -> None:
        """Do the action ``verb``, or say why not."""
        why = ACTIONS[verb].refusal(self.context())
        if why is not None:
            self.post_message(Refused(why))
        else:
            await self.act(verb)

    async def act(self, verb: str) -> None:
        """Do the action ``verb``, which the registry allows."""
        if verb in _PANES:
            self.post_message(PaneRequested(*_PANES[verb]))
        elif verb in OPENED:
            self.post_message(ScreenRequested(verb))
        elif verb in _REQUESTS:
            campaign = self.campaign_shown()
            if campaign is not None:
                self.post_message(_REQUESTS[verb](campaign))
        elif verb in _DECISIONS:
            await self.decide(verb)
        else:
            method: Callable[[], Awaitable[None] | None] = getattr(self, f"do_{verb.replace('-', '_')}")
            waiting = method()
            if waiting is not None:
                await waiting

    def do_undo(self) -> None:
        """Ask for the last action to be taken back."""
        self.post_message(UndoRequested())

    def do_redo(self) -> None:
        """Ask for it to be done again."""
        self.post_message(RedoRequested())

    def do_back(self) -> None:
        """Leave the pane."""
        self.post_message(PaneLeft())

    async def do_quit(self) -> None:
        """Leave the program."""
        await self.desk.action_quit()

    async def do_suspend(self) -> None:
        """Stop until the shell lets the program go on."""
        await self.desk.suspend_process()

    def do_palette(self) -> None:
        """Open the command palette."""
        self.desk.action_command_palette()

    def do_redraw(self) -> None:
        """Draw the whole screen again."""
        self.desk.draw_again()

    async def chosen(self) -> Choice:
        """Return the rows an action is for; a pane without recipients has none."""
        return Choice((), 0, "")

    def subject(self) -> RecipientRow | None:
        """Return the one recipient an action is for, if there is one."""
        return None

    def campaign_shown(self) -> CampaignRow | None:
        """Return the campaign an action is for, if there is one."""
        return None

    async def decide(self, verb: str) -> None:
        """Ask for a decision about the rows."""
        self.post_message(DecisionRequested(verb, await self.chosen()))

    async def do_add(self) -> None:
        """Ask for the rows to be added to a list."""
        self.post_message(AddRequested(await self.chosen()))

    async def do_accept(self) -> None:
        """Ask for what may be meant to be accepted."""
        self.post_message(AcceptRequested(await self.chosen()))

    def do_fix(self) -> None:
        """Ask for the address to be corrected."""
        if (row := self.subject()) is not None:
            self.post_message(FixRequested(row, self.seen))

    async def do_resend(self) -> None:
        """Ask for the marked rows to be sent to again, else for the resend list of the campaign."""
        campaign = self.campaign_shown()
        if campaign is None:
            return
        choice = await self.chosen() if self.context().marked else None
        if choice is not None and choice.ids:
            from store.queries.unreached import Wanted

            self.post_message(SendAgainRequested(Wanted(campaign.id, ids=choice.ids), choice.scope))
        else:
            self.post_message(ResendRequested(campaign))

    def do_wrong(self) -> None:
        """Ask for what can be done about the campaign, which went out wrong."""
        campaign = self.campaign_shown()
        if campaign is not None:
            self.post_message(WrongRequested(campaign.id, campaign.name))

    def do_inbox(self) -> None:
        """Ask for the bounce inbox of the campaign."""
        self.post_message(BouncesRequested(self.campaign_shown()))

    do_bounces = do_inbox

    def do_all_bounces(self) -> None:
        """Ask for the bounce inbox of all campaigns."""
        self.post_message(BouncesRequested(None))


class TablePane(Acting):
    """A pane that is a table."""

    @property
    def marking(self) -> bool:
        """Whether rows are marked."""
        return bool(self.table.marked)

    @property
    def table(self) -> BigTable:
        """The table."""
        return self.query_one(BigTable)

    def heading(self, number: str) -> Heading:
        """Return the line with the pane's number and name, for screens that show several panes."""
        return Heading(f" {number} {PANE_NAMES[self.kind]}", style="title-blurred", classes="pane-title")

    def on_descendant_focus(self) -> None:
        """Show that the keys are here."""
        for line in self.query(".pane-title").results(Heading):
            line.show("title")

    def on_descendant_blur(self) -> None:
        """Show that the keys are elsewhere."""
        for line in self.query(".pane-title").results(Heading):
            line.show("title-blurred")

    def context(self) -> Context:
        """Return what an action would act on now."""
        table = self.table
        return Context(
            self.kind,
            count=table.marked or min(1, table.total),
            marked=bool(table.marked),
            ranging=table.in_range,
            shown=table.total,
            row=self.subject(),
            campaign=self.campaign_shown(),
            read_only=self.desk.store.read_only,
        )

    async def act(self, verb: str) -> None:
        """Do the action ``verb``: the table's own moves, else as :class:`Acting` does."""
        if verb in _TABLE_MOVES:
            getattr(self.table, f"action_{_TABLE_MOVES[verb]}")()
        else:
            await super().act(verb)

    def do_back(self) -> None:
        """Take off range or marks, or else leave the pane."""
        if not self.table.clear_marks():
            super().do_back()

    def focus_table(self) -> None:
        """Give the keys to the table."""
        self.table.focus()
