"""How many records a transaction takes: many where nobody waits for the lock, few where somebody may."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from store.database import Store

T = TypeVar("T")

ATTENDED_S = 0.15
"""How long a transaction may take while another process has the store open: a screen, a command, a second reader."""

ALONE_S = 3.0
"""How long it may take else: the longest that a screen waits which is opened meanwhile."""

FEWEST = 500
FIRST_ATTENDED = 2_000
"""The first transaction is as long as a guess makes it; where somebody waits the guess is a careful one."""

MOST = 32_000
"""More would be quicker still where mails went to millions, but 10,000 records take 15 MB."""

_PAUSE_S = 0.02
"""SQLite's waiting writers stand in no queue: they look again after 1 to 25 ms within the first tenth of a second, and
every 50 to 100 ms after that (``sqliteDefaultBusyCallback``)."""

_GROWTH = 4


class Stride:
    """Sets the number of records in the next transaction by how long the last one took.

    Attributes:
        records: how many the next transaction may take.
    """

    def __init__(self, store: Store, records: int) -> None:
        """Begin with ``records``, or with fewer if another process has the store open."""
        self.records = min(records, FIRST_ATTENDED) if store.attended() else records
        self._store = store

    def run(self, change: Callable[[], T], records: int) -> T:
        """Run ``change`` in one write transaction, as :meth:`Store.run` does, and learn from the time it takes.

        Args:
            change: lands a batch.
            records: how many the batch has.
        """
        began = time.monotonic()
        result = self._store.run(change)
        took = time.monotonic() - began
        attended = self._store.attended()
        fits = int(records * (ATTENDED_S if attended else ALONE_S) / max(took, 0.001))
        self.records = min(max(fits, FEWEST), _GROWTH * self.records, MOST)
        if attended:
            # Who writes without a pause leaves those who wait no chance.
            time.sleep(_PAUSE_S)
        return result
