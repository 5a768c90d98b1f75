"""Looking through large folders no more often than it pays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_SHARE = 10.0


class Pace:
    """Keeps what takes long from being done at every wake: it may take a tenth of the time."""

    def __init__(self) -> None:
        self._next = 0.0

    def wait_s(self) -> float:
        """Return how many seconds are left until it may be done again; 0 if it may be done now."""
        return max(self._next - time.monotonic(), 0.0)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure how long it takes."""
        begun = time.monotonic()
        try:
            yield
        finally:
            ended = time.monotonic()
            self._next = ended + (ended - begun) * _SHARE
