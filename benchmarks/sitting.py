"""An operator before a real terminal: keys go in, and what comes back is timed, counted and drawn by pyte."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.material import CACHE
from tests.terminal.harness import Terminal

BYTECODE = {"PYTHONPYCACHEPREFIX": str(CACHE / "bytecode")}
"""An installed program has its bytecode; a checkout may have been told to leave none."""

WIDE, NARROW = (150, 45), (80, 24)
SIGN = "shown"
"""What the title says as soon as it knows how many rows there are."""

_BEHIND = 0.006
"""Seconds in which the rest of a frame comes."""
_REST = 0.05
"""Seconds without a byte after which the terminal has got everything that a key sets off at once."""
_TICK_S = 0.01
_SETTLED_S, _BRIEF_S = 1.5, 0.3


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a row of equal keys took: for each one the seconds until its row was drawn, and the bytes sent for it."""

    seconds: tuple[float, ...]
    sent: tuple[int, ...]

    def ms(self, share: float) -> float:
        """Return the milliseconds within which ``share`` of the keys were drawn."""
        return 1000 * quantile(self.seconds, share)

    @property
    def mean_bytes(self) -> float:
        """The mean number of bytes a key."""
        return statistics.fmean(self.sent)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of the values do not pass."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


class Sitting(Terminal):
    """A program with a table in a terminal.

    Args:
        command: program and arguments.
        column: a cell in which the cursor row stands out from the other rows.
        size: columns and lines of the terminal.
        env: variables on top of the present ones.

    Attributes:
        lines: the lines of the screen in which rows stand.
    """

    def __init__(
        self,
        command: Sequence[str],
        column: int,
        *,
        size: tuple[int, int] = WIDE,
        env: dict[str, str | None] | None = None,
    ) -> None:
        self.lines = range(5, size[1] - 1)
        self.started = time.perf_counter()
        super().__init__(
            command,
            columns=size[0],
            lines=size[1],
            env={"PYTHONDONTWRITEBYTECODE": None} | BYTECODE | (env or {}),
            cwd=Path(__file__).parent.parent,
            deadline_s=60.0,
        )
        self._column = column

    @property
    def cursor_row(self) -> str:
        """The text of the row whose background no other row has; "" if there is none."""
        grounds = {y: self.screen.buffer[y][self._column].bg for y in self.lines}
        counted = Counter(grounds.values())
        return next((self.screen.display[y] for y, ground in grounds.items() if counted[ground] == 1), "")

    def wait_rows(self, sign: str) -> float:
        """Wait until the screen shows ``sign`` and a cursor row; return the seconds since the program was started.

        What comes together is drawn together: pyte takes longer for a piece of a frame than the program for all of it.
        """
        arrived = self._burst()
        while not (sign in self.text and self.cursor_row and self.line(-1)):
            arrived = self._burst()
        return arrived - self.started

    def strike(self, key: str) -> tuple[float, int]:
        """Press a key that moves the cursor; return the seconds until it was drawn, and the bytes it took.

        Raises:
            AssertionError: nothing moved.
        """
        before, sent = self.cursor_row, self.sent
        pressed = time.perf_counter()
        self.press(key)
        seconds = 0.0
        while not seconds:
            arrived = self._burst()
            if self.cursor_row not in {"", before}:
                seconds = arrived - pressed
        self.wait_quiet(_REST)
        return seconds, self.sent - sent

    def strikes(self, keys: Sequence[str]) -> Pressed:
        """Press keys, each when what the one before did is drawn."""
        taken = [self.strike(key) for key in keys]
        return Pressed(tuple(seconds for seconds, _ in taken), tuple(sent for _, sent in taken))

    def held_down(self, key: str, seconds: float, per_second: int, line: int) -> float:
        """Hold a key down over a line of ``line`` bytes a second; return for how long the screen moves afterwards."""
        begun = time.perf_counter()
        pressed, took, last = 0, 0, begun
        while True:
            now = time.perf_counter()
            if pressed < min(int((now - begun) * per_second), int(seconds * per_second)):
                self.press(key)
                pressed, last = pressed + 1, now
            allowed = int((now - begun) * line) - took
            if allowed > 0 and self._ready(0):
                took += self._take(allowed)
            elif allowed > 0 and pressed >= int(seconds * per_second) and now - max(last, self.arrived) > 1.0:
                return max(0.0, self.arrived - last)
            time.sleep(_TICK_S)

    def sent_within(self, seconds: float) -> int:
        """Return how many bytes come in so many seconds."""
        before, end = self.sent, time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if self._ready(left):
                self._read(0)
        return self.sent - before

    @property
    def resident_mb(self) -> float:
        """The memory that the program holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    @property
    def cpu_s(self) -> float:
        """The processor time that the program has taken, all its threads together."""
        # After the name in brackets: user and system time are the 12th and 13th field, in ticks.
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self, *, brief: bool = False) -> int:
        """Wait for the first rows and what is loaded behind them, go to the recipients; return the bytes till then."""
        self.wait_rows(SIGN)
        self.wait_quiet(_BRIEF_S if brief else _SETTLED_S)
        sent = self.sent
        self.press("\r")
        self.wait_quiet(_BRIEF_S)
        return sent

    def leave(self) -> None:
        """Press q and wait for the end."""
        self.press("q")
        self.wait_end()

    def _burst(self) -> float:
        """Read what comes together, draw it then, and return when the last of it came."""
        if not self._ready(self.deadline_s):
            raise AssertionError(f"nothing came\n{self.text}")
        data, arrived = b"", 0.0
        while self._ready(_BEHIND):
            data += os.read(self._master, 65_536)
            arrived = time.perf_counter()
        self._draw(data)
        return arrived

    def _take(self, most: int) -> int:
        """Read and draw at most so many bytes; return how many."""
        data = os.read(self._master, most)
        self.arrived = time.perf_counter()
        self._draw(data)
        return len(data)

    def _draw(self, data: bytes) -> None:
        self.raw += data
        self._stream.feed(self._decoder.decode(data))


def aftersend(store: Path, *, size: tuple[int, int] = WIDE, **env: str | None) -> Sitting:
    """Open the screen on a store."""
    return Sitting([sys.executable, "-m", "tui.cli", "--store", str(store)], size[0] // 2, size=size, env=env)
