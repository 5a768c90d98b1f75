"""Keys, one after the other: the next one goes out when what the last one did is on the screen.

Textual hands a key to whatever has the focus at that moment. Typed ahead (a slow line, a quick hand), the letters of
``/berg`` would reach the table before the line to type in has opened, and ``b`` marks a bounce.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from textual.events import Key, Paste
from textual.message_pump import MessagePump
from textual.widgets import Input

from tui.actions import ACTIONS
from tui.screens.desk import Desk
from tui.widgets.big_table import BigTable

if TYPE_CHECKING:
    from tui.app import AftersendApp

_MOVES = frozenset(
    key for name in ("down", "up", "first", "last", "page-down", "page-up") for key in ACTIONS[name].keys
)
_ROUNDS = 2
"""Rounds without a message on its way after which a key has done what it does."""
_LONGEST_S = 2.0
"""After this long the next key goes out all the same."""
_ROWS_S = 10.0
"""How long a key that acts on rows waits for rows that were asked for."""


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

    @property
    def busy(self) -> bool:
        """Whether keys wait, or one is not done yet."""
        return self._task is not None

    def holds(self, event: Key | Paste) -> bool:
        """Tell whether ``event`` has to wait; it comes back by itself when its turn has come."""
        if event is self._now:
            self._now = None
            return False
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
                await self._rows_for(event)
                self._now = event
                self._app.post_message(event)
                await self._done()
        finally:
            self._task = None

    def _moves(self, event: Key | Paste) -> bool:
        """Tell whether a key only moves the cursor of a table, which is done at once; only other keys wait for it."""
        return isinstance(event, Key) and event.key in _MOVES and isinstance(self._app.focused, BigTable)

    async def _rows_for(self, event: Key | Paste) -> None:
        """Wait for the rows that were asked for, if the key acts on rows: never on rows that are about to go."""
        if isinstance(self._app.screen.focused, Input):
            return  # a letter that is typed into a line acts on nothing
        until = monotonic() + _ROWS_S
        while isinstance(event, Key) and self._acts_on_rows(event.key) and monotonic() < until:
            pane = self._app.screen.acting() if isinstance(self._app.screen, Desk) else None
            if pane is None or not pane.busy:
                return
            await asyncio.sleep(0.01)

    def _acts_on_rows(self, key: str) -> bool:
        return any(key in action.keys and (action.needs_rows or action.id == "open") for action in ACTIONS.values())

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
