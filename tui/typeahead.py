"""Keys, one after the other: the next one goes out when what the last one did is on the screen.

Textual hands a key to whatever has the focus at that moment. Typed ahead (a slow line, a quick hand), the letters of
``/berg`` would reach the table before the line to type in has opened, and ``b`` marks a bounce.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump
from textual.widgets import Input

from tui.actions import ACTIONS
from tui.dialogs.dialog import Dialog
from tui.keys import actions_of, shown
from tui.screens.desk import Desk
from tui.widgets.big_table import BigTable
from tui.widgets.note import Note

if TYPE_CHECKING:
    from tui.app import AftersendApp

_MOVES = frozenset(
    key for name in ("down", "up", "first", "last", "page-down", "page-up") for key in ACTIONS[name].keys
)
_ABOUT_ROWS = frozenset(
    "down up first last page-down page-up open mark mark-range mark-all mark-like next previous only-alike export"
    " person mail preview next-mail previous-mail acknowledge check write-report stop-all hold release pull narrow who"
    " wrong-lists correct".split()
)
"""Actions that do not change rows, and yet mean those that are shown; like those that do they wait for them."""
_ROUNDS = 2
"""Rounds without a message on its way after which a key has done what it does."""
_LONGEST_S = 2.0
"""After this long the next key goes out all the same."""
_ROWS_S = 10.0
"""How long a key that means rows waits for rows that were asked for."""
_TOLD_S = 1.0
"""After this long the operator is told what is waited for, and Esc gives it up."""
_WAITS = "{} waits for what is still being read; Esc gives it up."


_LINE_FEED = "ctrl+j"
"""What Enter is to a terminal that is not yet the app's (termios(3), ICRNL): typed that early it means Enter, too."""


def meant(event: Event) -> Event:
    """Return an event as whoever typed it meant it."""
    return Key("enter", "\r") if isinstance(event, Key) and event.key == _LINE_FEED else event


class Typeahead:
    """Holds typed keys back until the one before is done.

    Args:
        app: the app that dispatches them.
    """

    def __init__(self, app: AftersendApp) -> None:
        self._app = app
        self._waiting: deque[Key | Paste] = deque()
        self._now: Key | Paste | None = None
        self._task: asyncio.Task[None] | None = None
        self._moved = False
        self._told = False
        self._given_up = False

    @property
    def busy(self) -> bool:
        """Whether keys wait, or one is not done yet."""
        return self._task is not None

    def holds(self, event: Key | Paste) -> bool:
        """Tell whether ``event`` has to wait; it comes back by itself when its turn has come."""
        if event is self._now:
            self._now = None
            return False
        if self._told and isinstance(event, Key) and event.key == "escape":
            self._given_up = True
            return True
        if self._task is None and self._moves(event):
            self._moved = True
            return False
        self._waiting.append(event)
        if self._task is None:
            self._task = asyncio.create_task(self._hand_over(), name="typeahead")
        return True

    async def _hand_over(self) -> None:
        try:
            if self._moved:
                self._moved = False
                await self._done()
            while self._waiting and self._app.is_running:
                event = self._waiting.popleft()
                if isinstance(event, Key) and not await self._rows_for(event.key):
                    self._drop(event.key)
                    continue
                self._now = event
                self._app.post_message(event)
                await self._done()
        finally:
            self._task = None

    def _moves(self, event: Key | Paste) -> bool:
        """Tell whether a key only moves the cursor of a table, which is done at once; only other keys wait for it."""
        if not isinstance(event, Key) or event.key not in _MOVES:
            return False
        table = self._app.focused
        return isinstance(table, BigTable) and (table.total > 0 or not self._is_early(event.key))

    async def _rows_for(self, key: str) -> bool:
        """Wait for the rows that were asked for, if the key means rows: never on rows that are about to go.

        Return whether they are there: they may be late, the operator may give them up, and what went wrong with them
        may be told in place of them.
        """
        screen, began, waited = self._app.screen, monotonic(), 0.0
        try:
            while self._is_early(key):
                if waited > _ROWS_S or self._given_up:
                    return False
                if waited > _TOLD_S and not self._told:
                    self._told = True
                    self._app.tell(_WAITS.format(shown(key)))
                await asyncio.sleep(0.01)
                waited = monotonic() - began
        finally:
            self._told = self._given_up = False
            for note in screen.query(Note):
                if note.text == _WAITS.format(shown(key)):
                    note.hush()
        return not waited or self._app.screen is screen

    def _drop(self, key: str) -> None:
        """Say that a key is not taken, nor are those that were typed after it and meant what it does."""
        others = " The keys after it were not taken either." if self._waiting else ""
        self._waiting.clear()
        self._app.tell(f"{shown(key)} was not taken: what it needs was not read in time.{others}", wrong=True)

    def _is_early(self, key: str) -> bool:
        """Tell whether a key means rows, or figures of a dialog, that are still being read."""
        screen = self._app.screen
        if isinstance(screen, Dialog):
            return screen.awaits(key)
        if not isinstance(screen, Desk) or isinstance(screen.focused, Input):
            return False  # a letter that is typed into a line acts on nothing
        pane = screen.acting()
        if pane is None or not pane.busy:
            return False
        return any(
            key in action.keys and (action.needs_rows or action.id in _ABOUT_ROWS) for action in actions_of(pane.kind)
        )

    async def _done(self) -> None:
        quiet, until = 0, monotonic() + _LONGEST_S
        while quiet < _ROUNDS and self._app.is_running and monotonic() < until:
            pumps = self._pumps()
            idle = all(pump.message_queue_size == 0 for pump in pumps) and self._now is None and self._ready()
            quiet = quiet + 1 if idle else 0
            await _passed(pumps)

    def _pumps(self) -> list[MessagePump]:
        screen = self._app.screen
        focused = screen.focused
        inner = [] if focused is None else [node for node in focused.ancestors_with_self if node is not screen]
        return [*(node for node in inner if node is not self._app), screen, self._app]

    def _ready(self) -> bool:
        """Tell whether the screen on top can take a key: it is drawn and, if anything can have the focus, it has."""
        screen = self._app.screen
        if isinstance(screen, Desk) and screen.steps:
            return False
        return screen.is_running and screen.is_current and (screen.focused is not None or not screen.focus_chain)


async def _passed(pumps: list[MessagePump]) -> None:
    """Wait until each of these has handled what it had been given."""
    left = 0
    done = asyncio.Event()

    def one() -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set()

    for pump in pumps:
        if pump.call_later(one):
            left += 1
    if left:
        try:
            await asyncio.wait_for(done.wait(), _LONGEST_S)
        except TimeoutError:
            return
    else:
        await asyncio.sleep(0.01)
