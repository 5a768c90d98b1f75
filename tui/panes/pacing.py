"""Reading again what takes long to read: when something changed, but seldom."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

from textual.timer import Timer
from textual.widget import Widget

REST_S: Final = 3.0
"""Seconds between the end of a reading and the next one at least."""

_SHARE: Final = 4
"""A reading is followed by a rest of so many times its length at least."""


class Pace:
    """Starts a reading at once or after a rest, so that a store that changes all the time is not read all the time.

    Args:
        owner: whose timers are used.
        read: starts a reading; whoever reads calls :meth:`done` in the end.
    """

    def __init__(self, owner: Widget, read: Callable[[], None]) -> None:
        self._owner = owner
        self._read = read
        self._begun = 0.0
        self._reading = False
        self._due = False
        self._rest: Timer | None = None

    def now(self) -> None:
        """Read at once (the operator asked for it)."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        self._due, self._reading, self._begun = False, True, monotonic()
        self._read()

    def changed(self) -> None:
        """Read when the reading under way and the rest after it are over; at once if there is none."""
        if self._reading or self._rest is not None:
            self._due = True
        else:
            self.now()

    def done(self) -> None:
        """Rest after a reading."""
        self._reading = False
        rest_s = max(REST_S, _SHARE * (monotonic() - self._begun))
        self._rest = self._owner.set_timer(rest_s, self._rested)

    def _rested(self) -> None:
        self._rest = None
        if self._due:
            self.now()
