"""Reading again what takes long to read: when something changed, but seldom."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

from textual.message_pump import MessagePump
from textual.timer import Timer

REST_S: Final = 3.0
"""So long a rest is enough for what need not be seen at once."""

_SHARE: Final = 4
"""A reading is followed by a rest of so many times its length at least."""


class Pace:
    """Starts a reading at once or after a rest, so that a store that changes all the time is not read all the time.

    Args:
        owner: whose timers are used.
        read: starts a reading; whoever reads calls :meth:`done` in the end.
        rest_s: seconds between the end of a reading and the next one at least.
    """

    def __init__(self, owner: MessagePump, read: Callable[[], None], rest_s: float = REST_S) -> None:
        self._owner = owner
        self._rest_s = rest_s
        self._read = read
        self._begun = 0.0
        self._reading = False
        self._due = False
        self._rest: Timer | None = None

    @property
    def busy(self) -> bool:
        """Whether a reading is under way or due."""
        return self._reading or self._due

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
        rest_s = max(self._rest_s, _SHARE * (monotonic() - self._begun))
        self._rest = self._owner.set_timer(rest_s, self.rested)

    def rested(self) -> None:
        """End the rest, and read if something changed since."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        if self._due:
            self.now()
