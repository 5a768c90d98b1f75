"""How much may be on its way to the terminal: what an operator sees must not be what was pressed seconds ago.

A slow line holds what it was given: the kernel, ssh and the network take far more than can be drawn in a second, and
nobody can look into them. So the terminal is asked where its cursor is (CPR); it answers when it has drawn everything
before the question, and what it has not answered for is on its way. A frame that would be too much waits, and when it
goes it shows the newest state: what was shown in between is never sent.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

QUESTION = "\x1b[6n"
"""Asks for the cursor's place, because Textual reads the answer to that and takes it for no key."""

LEAST = 1_500
MOST = 65_536
_FIRST = 6_000
_PROMPT_S = 0.06
_LATE_S = 0.25
_LOST_S = 5.0


class Flow:
    """Counts what was sent and what the terminal has answered for.

    A terminal that has not answered yet is sent everything.

    Args:
        clock: seconds that never go back.

    Attributes:
        window: bytes that may be on their way; it grows while answers come promptly, and shrinks when they come late.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.window = _FIRST
        self._clock = clock
        self._answers = False
        self._sent = 0
        self._drawn = 0
        self._asked: tuple[int, float] | None = None
        self._shortest = float("inf")

    @property
    def under_way(self) -> int:
        """Bytes that were sent and are not drawn yet, as far as is known."""
        return self._sent - self._drawn

    @property
    def is_open(self) -> bool:
        """Whether another frame may go."""
        if self._asked is not None and self._clock() - self._asked[1] > _LOST_S:
            self.restart()
        return not self._answers or self.under_way < self.window

    @property
    def awaited(self) -> bool:
        """Whether a terminal that answers owes an answer."""
        return self._answers and self._asked is not None

    def restart(self) -> None:
        """Forget what is on its way: the terminal was away, or answers no more."""
        self._answers = False
        self._drawn, self._asked = self._sent, None

    def counted(self, frame: str) -> str:
        """Count a frame that is sent now, and return it with a question unless one is not answered yet."""
        self._sent += len(frame.encode("utf-8", "replace"))
        if self._asked is not None:
            return frame
        self._sent += len(QUESTION)
        self._asked = (self._sent, self._clock())
        return frame + QUESTION

    def question(self) -> str:
        """Return the question if what is on its way was never asked about, else ""."""
        return "" if self._asked is not None else self.counted("")

    def answered(self) -> None:
        """Take the terminal's answer."""
        if self._asked is None:
            return
        upto, when = self._asked
        took, used = self._clock() - when, upto - self._drawn
        self._asked, self._drawn, self._answers = None, upto, True
        self._shortest = min(self._shortest, took)
        if took > self._shortest + _LATE_S:
            self.window = max(LEAST, self.window // 2)
        elif took < self._shortest + _PROMPT_S and used * 4 > self.window:
            self.window = min(MOST, self.window * 2)
