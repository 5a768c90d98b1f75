"""What all screens share: they answer the requests of their panes.

A request is refused with the reason, or confirmed by a dialog, and then handed to the gateway; what was done comes
back to the app as a message. Dialogs and the store's actions are loaded when they are first asked for (and by
:func:`preload` soon after the start), since the first rows on the screen do not need them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import ClassVar

from textual.events import Resize
from textual.reactive import Reactive
from textual.widget import Widget

from tui.inquiries import PersonRequested
from tui.keys import key_bar
from tui.messages import (
    BouncesRequested,
    HistoryRequested,
    MonitorRequested,
    PaneLeft,
    ReportRequested,
    ScreenRequested,
)
from tui.panes.pane import Acting
from tui.screens.deciding import Deciding
from tui.screens.listing import Listing
from tui.screens.listkeeping import Listkeeping
from tui.screens.outgoing import Outgoing
from tui.screens.rights import Rights
from tui.screens.undoing import Undoing
from tui.starting import QuickScreen
from tui.widgets.key_bar import KeyBar
from tui.widgets.status_line import StatusLine

LOW = 10
"""Lines below which a terminal shows a title, rows and keys, and nothing else."""

_NARROW = 100
READ_ONLY = "read-only"


class Desk(QuickScreen, Deciding, Listing, Listkeeping, Outgoing, Rights, Undoing):
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

    def on_mount(self) -> None:
        """Show what rings."""
        self.show_alarm()
        self.set_class(self.app.size.height < LOW, "-low")

    def on_resize(self, event: Resize) -> None:
        """Say what rings in as many words as there is room for; leave the rows their room."""
        self.show_alarm()
        self.set_class(event.size.height < LOW, "-low")

    def show_alarm(self) -> None:
        """Show what rings in the title, in a narrow terminal in a word, and that nothing can be changed."""
        rings = self.desk.alarm.words(narrow=self.app.size.width < _NARROW)
        words = " · ".join(filter(None, (READ_ONLY if self.desk.store.read_only else "", rings)))
        for title in self.query("#title").results(StatusLine):
            title.alarm(f" {words} " if words else "")

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

    def on_history_requested(self, event: HistoryRequested) -> None:
        """Show everything about a recipient."""
        event.stop()
        from tui.screens.text import HistoryScreen

        self.app.push_screen(HistoryScreen(event.recipient_id))

    def on_person_requested(self, event: PersonRequested) -> None:
        """Show everything about a person over all campaigns."""
        event.stop()
        from tui.screens.text import PersonScreen

        self.app.push_screen(PersonScreen(event.contact_id))

    def on_bounces_requested(self, event: BouncesRequested) -> None:
        """Open the bounce inbox."""
        event.stop()
        from tui.screens.inbox import InboxScreen

        self.app.push_screen(InboxScreen(event.campaign))

    def on_monitor_requested(self, event: MonitorRequested) -> None:
        """Open the send monitor of a campaign."""
        event.stop()
        from tui.screens.monitor import MonitorScreen

        self.app.push_screen(MonitorScreen(event.campaign))

    def on_report_requested(self, event: ReportRequested) -> None:
        """Open the report on a campaign."""
        event.stop()
        from tui.screens.report import ReportScreen

        self.app.push_screen(ReportScreen(event.campaign))

    def on_screen_requested(self, event: ScreenRequested) -> None:
        """Open another screen; the help is about the pane that has the keys."""
        event.stop()
        pane = self.acting()
        self.desk.open_screen(event.name, pane.kind if pane is not None else "campaigns")

    def on_pane_left(self, event: PaneLeft) -> None:
        """Go back one screen."""
        event.stop()
        self.dismiss()


def preload() -> None:
    """Load what the first decision, dialog or history will need."""
    for name in (
        "store.actions.triage",
        "store.actions.unchanged",
        "store.actions.undo",
        "store.engines.file_database",
        "tui.dialogs.confirm",
        "tui.dialogs.fix",
        "tui.dialogs.lists",
        "tui.dialogs.states",
        "tui.screens.inbox",
        "tui.screens.text",
    ):
        import_module(name)
