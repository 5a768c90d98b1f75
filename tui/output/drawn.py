"""The app's side: frames go through the picture, and to the terminal when the line is free.

This leans on names of Textual that are its own (``App._display``, the compositor's updates, the driver's writer
thread); Textual is pinned, and a test compares each frame with Textual's.
"""

from __future__ import annotations

import asyncio
import select
import sys
from time import monotonic
from typing import Any

from rich.color import ColorSystem
from rich.console import RenderableType
from rich.control import Control
from rich.text import Text
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.driver import Driver
from textual.events import CursorPosition, Event, Resize
from textual.screen import Screen

from tui.crash import told
from tui.output.flow import Flow
from tui.output.picture import Picture
from tui.output.terminal import terminal_for

_AGAIN_S = 0.03
_LONG_FRAME = 2_000
"""Characters from which a frame is worth the sequences that have a terminal show it at once."""
_LAST_ANSWER_S = 0.5


class DrawnApp(App[int]):
    """An app that sends the cells that changed, where the terminal is known to obey what that takes."""

    def __init__(self) -> None:
        super().__init__()
        terminal = terminal_for()
        colours = self.console._color_system or ColorSystem.TRUECOLOR  # as Strip.render has it
        self._picture = None if terminal is None else Picture(terminal, colours)
        self._flow = Flow()
        self._writer: object = None
        self._waits = False
        self._room = select.poll()

    async def on_event(self, event: Event) -> None:
        """Draw everything again when the terminal has the size that it had: it was away, or two sizes came at once."""
        again = isinstance(event, Resize) and event.size == self.size
        await super().on_event(event)
        if again and self.is_running:
            self.draw_again()

    def on_cursor_position(self, event: CursorPosition) -> None:
        """Take the terminal's answer, and send what waited for it."""
        event.stop()
        self._flow.answered()
        if self._waits:
            self._send()

    def draw_again(self) -> None:
        """Send the whole screen: somebody else wrote to the terminal."""
        if self._picture is not None:
            self._picture.forget()
        self.screen.refresh()

    async def line_drained(self) -> None:
        """Wait for the terminal's last answer, so that it is not left over for the shell."""
        until = monotonic() + _LAST_ANSWER_S
        while self._flow.awaited and monotonic() < until:
            await asyncio.sleep(_AGAIN_S)

    def _fatal_error(self) -> None:
        self.bell()
        error = sys.exc_info()[1] or self._exception
        if error is not None:
            self._exit_renderables.append(Text(told(error), overflow="fold"))
        self._close_messages_no_wait()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if self._picture is None or not isinstance(renderable, CompositorUpdate) or not self._draws:
            super()._display(screen, renderable)
            return
        if not self._batch_count and self._running and not self._closed:
            self._picture.take(renderable)
            self._send()
        self.post_display_hook()

    @property
    def _draws(self) -> bool:
        driver = self._driver
        return driver is not None and not driver.is_headless and not driver.is_inline

    def _send(self) -> None:
        """Send what the terminal does not show yet, or wait until the line is free."""
        driver, picture = self._driver, self._picture
        writer = getattr(driver, "_writer_thread", None)
        if driver is None or picture is None or writer is None:
            return
        if writer is not self._writer:  # the terminal was taken over, for the first time or after it was given back
            self._writer = writer
            self._room.register(writer.fileno(), select.POLLOUT)
            self._flow.restart()
            picture.forget()
        if self._flow.is_open and self._room.poll(0):
            self._waits = False
            frame = picture.frame()
            if frame:
                self._write(driver, self._flow.counted(frame + self._cursor()))
            return
        question = self._flow.question()
        if question:
            driver.write(question)
        if not self._waits:
            self._waits = True
            self._later()

    def _write(self, driver: Driver, data: str) -> None:
        long = len(data) > _LONG_FRAME
        if long:
            self._begin_update()
        driver.write(data)
        if long:
            self._end_update()
        driver.flush()

    def _later(self) -> None:
        asyncio.get_running_loop().call_later(_AGAIN_S, self.call_later, self._send_waiting)

    def _send_waiting(self) -> None:
        if self._waits and self._running:
            self._send()
            if self._waits:
                self._later()

    def _cursor(self) -> str:
        """Return the way to where the operator types: an input method shows its window there."""
        place = getattr(self.focused, "cursor_screen_offset", None)
        return "" if place is None else Control.move_to(*self.screen.outer_size.clamp_offset(place)).segment.text
