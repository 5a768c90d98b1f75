"""The full-screen app: it holds the store, the gateway and the clock, and tells what was done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.events import Event, Key, Paste
from textual.filter import LineFilter
from textual.screen import Screen
from textual.signal import Signal

from store.changes import Watch
from store.database import Store
from store.journal import Operator
from store.queries.campaigns import list_campaigns
from tui.actions import Pane
from tui.advising import Advising
from tui.alarm import Alarm
from tui.gateway import Gateway
from tui.keys import actions_of
from tui.lifeline import Lifeline
from tui.messages import Changed, Failed, Refused, Told
from tui.panes.scope import Scope
from tui.present.changes import done_words
from tui.present.colours import THEMES, theme_for
from tui.screens.desk import Desk
from tui.screens.main import MainScreen
from tui.screens.names import screen_named
from tui.starting import QuickApp, settle
from tui.typeahead import Typeahead, meant
from tui.widgets.line_filter import line_filters
from tui.widgets.note import Note

ALL_SCOPES = frozenset({"campaigns", "recipients", "links", "lists", "journal", "addresses"})
"""Everything that may have to be read again."""

_TICK_S = 1.0
_SETTLED_S = 1.0
_NOTE_S = 4.0
_LONG_NOTE_S = 8.0


def utc_now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


class AftersendApp(QuickApp):
    """The screen of aftersend.

    Args:
        store: an open store.
        operator: who sits at the keyboard.
        clock: gives the time of an action.

    Attributes:
        stirred: published with the scopes that must be read again.
    """

    TITLE = "aftersend"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, store: Store, operator: Operator, *, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__()
        self.store = store
        self.operator = operator
        self.clock = clock
        self.gateway = Gateway(store, self)
        self.advising = Advising(store)
        self.stirred: Signal[frozenset[str]] = Signal(self, "stirred")
        self.alarm = Alarm(self)
        self.animation_level = "none"
        self._watch = Watch(store)
        self._lifeline: Lifeline | None = None
        self.typeahead = Typeahead(self)
        for theme in THEMES:
            self.register_theme(theme)
        light = bool(os.environ.get("AFTERSEND_LIGHT"))
        self.begin_with(theme_for(self.console.color_system, self.no_color, light))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's filters, and after them the one that lets nothing through that a terminal would obey."""
        return line_filters(super().get_line_filters(), self.no_color)

    async def on_event(self, event: Event) -> None:
        """Hand typed keys over one after the other."""
        event = meant(event)
        if isinstance(event, Key | Paste) and not event.is_forwarded and self.typeahead.holds(event):
            return
        await super().on_event(event)

    def get_default_screen(self) -> Screen[None]:
        """Return the main screen, or an empty one under the welcome, which gives way to it."""
        return screen_named("main") if list_campaigns(self.store) else super().get_default_screen()

    def on_mount(self) -> None:
        """Open the gateway and the ears for changes, and the welcome where there is nothing else to show."""
        if not isinstance(self.screen, MainScreen):
            self.push_screen(screen_named("welcome"))
        self.run_worker(self.gateway.drain(), group="gateway")
        self.set_interval(_TICK_S, self._tick)
        self.call_after_refresh(self.alarm.begin)
        if not self.is_headless:
            self._lifeline = Lifeline(self._leave)
            self._lifeline.install()
            self.set_timer(_SETTLED_S, settle)

    def on_unmount(self) -> None:
        """Close the watch."""
        self._watch.close()

    def stir(self, scopes: frozenset[str] = ALL_SCOPES) -> None:
        """Have everything in ``scopes`` read again."""
        self.stirred.publish(scopes)

    def open_screen(self, name: str, of: Pane) -> None:
        """Open a screen by name; ``of`` is the pane that has the keys."""
        self.push_screen(screen_named(name, of))

    def show_recipients(self, scope: Scope) -> None:
        """Go back to the main screen and show these recipients there."""
        while not isinstance(self.screen, MainScreen):
            self.pop_screen()
        self.screen.show_recipients(scope)

    def tell(self, sentence: str, *, wrong: bool = False) -> None:
        """Show a sentence for some seconds, in place of the one before."""
        desk = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Desk)), None)
        if desk is not None:
            desk.query_one(Note).say(sentence, wrong=wrong, seconds=_LONG_NOTE_S if len(sentence) > 80 else _NOTE_S)

    def on_changed(self, event: Changed) -> None:
        """Tell what was done and how it is taken back, and have it read again."""
        self.tell(done_words(event.change), wrong=not event.change.count)
        self.stir(event.change.scopes)

    def on_told(self, event: Told) -> None:
        """Show the sentence."""
        self.tell(event.sentence)

    def on_refused(self, event: Refused) -> None:
        """Say why something is not done."""
        self.tell(event.sentence, wrong=True)

    def on_failed(self, event: Failed) -> None:
        """Say what failed, in a dialog: it must be seen."""
        from tui.dialogs.notice import Notice

        self.push_screen(Notice("This did not work", event.sentence))

    async def action_quit(self) -> None:
        """Leave when everything that was asked for is written."""
        if self.gateway.pending:
            self.tell("Finishing what is being written…")
        await self._finish(0)

    async def suspend_process(self) -> None:
        """Stop until the shell lets the program go on; whoever stood still while it writes would keep others out."""
        await self.gateway.finished()
        self.action_suspend_process()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Return one command for each action that the pane with the keys knows."""
        pane = screen.acting() if isinstance(screen, Desk) else None
        if pane is not None:
            for action in actions_of(pane.kind):
                if action.id != "palette":
                    yield SystemCommand(
                        action.id.replace("-", " ").capitalize(), action.help, partial(pane.action_act, action.id)
                    )

    def check_changes(self) -> bool:
        """Return whether anybody changed the store since the last call, and have everything read again if so."""
        if not self._watch.changed():
            return False
        if isinstance(self.screen, Desk) and self.screen.gives_way and list_campaigns(self.store):
            self.switch_screen(screen_named("main"))
        self.stir()
        return True

    def _tick(self) -> None:
        if self._lifeline is None or self._lifeline.check():
            self.check_changes()

    def _leave(self, code: int) -> None:
        self.run_worker(self._finish(code), group="leave")

    async def _finish(self, code: int) -> None:
        await self.gateway.finished()
        await self.line_drained()
        self.exit(code, return_code=code)
