"""A progress bar on stderr, only where stderr is a terminal."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from store.cleaning import clean
from tui.present.cells import cut

if TYPE_CHECKING:
    from store.feeds.record import Progress

_EVERY_S = 0.25
_BAR = 24


class ProgressBar:
    """Show how far a file has been read; a quarter of a second between two updates, nothing left when it ends."""

    def __init__(self, label: str) -> None:
        self.label = clean(label)
        self._shown = sys.stderr.isatty()
        self._started = time.monotonic()
        self._last = 0.0

    def __enter__(self) -> Self:
        """Start the clock."""
        self._started = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wipe the line."""
        if self._shown and self._last:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def about(self, path: Path, progress: Progress) -> None:
        """Draw ``progress`` on the file ``path``, which becomes the label."""
        self.at(path.name, progress)

    def at(self, label: str, progress: Progress) -> None:
        """Draw ``progress`` on the step that ``label`` names; a new one is drawn at once, with a clock of its own."""
        if clean(label) != self.label:
            self.label = clean(label)
            self._started, self._last = time.monotonic(), 0.0
        self(progress)

    def steps(self, label: str, done: int, total: int) -> None:
        """Draw how far a step is; a total of 0: nobody knows."""
        from store.feeds.record import Progress

        self.at(label, Progress(done, total))

    def __call__(self, progress: Progress) -> None:
        """Draw ``progress`` unless the last drawing was a moment ago."""
        moment = time.monotonic()
        if not self._shown or moment - self._last < _EVERY_S:
            return
        self._last = moment
        width = shutil.get_terminal_size((80, 24)).columns - 1
        sys.stderr.write("\r" + cut(bar_line(self.label, progress, moment - self._started), width) + "\x1b[K")
        sys.stderr.flush()


def bar_line(label: str, progress: Progress, spent_s: float) -> str:
    """Return the bar as text: label, bar, share, time left."""
    if progress.total <= 0:
        return f"{label}  {progress.done:,}" if progress.done else f"{label} …"
    share = min(1.0, progress.done / progress.total)
    bar = ("#" * round(share * _BAR)).ljust(_BAR)
    line = f"{label}  [{bar}] {share:4.0%}"
    if share > 0 and spent_s >= 1:
        line += f"  {_duration(spent_s / share - spent_s)} left"
    return line


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes else f"{rest} s"
