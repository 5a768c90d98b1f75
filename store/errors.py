"""What can go wrong, as sentences an operator can act on.

::

    StoreError                 anything below; its text is one clear sentence
    ├── StoreUnavailable       the store cannot be opened (missing, locked, read-only, damaged)
    │   ├── StoreDamaged       a table holds what this program did not write there
    │   ├── StoreBusy          another process keeps it locked; the same may work in a moment
    │   └── StoreTooNew        the file was written by a newer version
    ├── NotFound               no campaign, recipient or list of this name
    ├── Refused                the action would be wrong; the text says why
    ├── BadInput               a file or value the operator gave cannot be read
    │   ├── UndecidedDates     a file's dates are other days if day and month change places
    │   └── Unreachable        a server does not answer, or not now; the same may work later
    └── DiskFull               no room left; nothing was written
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


class StoreError(Exception):
    """Base of all errors of the store; ``str()`` is one sentence for the operator."""


class StoreUnavailable(StoreError):
    """The store cannot be opened or written."""


class StoreDamaged(StoreUnavailable):
    """What stands in a table was not written there by this program."""


class StoreBusy(StoreUnavailable):
    """Another process keeps the store locked; the same may work in a moment."""


class StoreTooNew(StoreUnavailable):
    """The store was written by a newer version of the program."""


class NotFound(StoreError):
    """Nothing of this name or id is in the store."""


class Refused(StoreError):
    """The action would be wrong here; the text says why."""


class BadInput(StoreError):
    """A file or a value that the operator gave cannot be read."""


class UndecidedDates(BadInput):
    """A file's dates are other days if day and month change places, and none of them tells which it is.

    Attributes:
        path: the file.
        date: one of the dates, as it is written.
        days: the days that it can be, by the order of its numbers ("dmy", "mdy").
    """

    def __init__(self, path: Path, written: str, days: dict[str, date], sentence: str) -> None:
        """Say which file and which option settles it."""
        super().__init__(f"{path}: {sentence}.")
        self.path = path
        self.date = written
        self.days = days


class Unreachable(BadInput):
    """A server that the operator named does not answer, or not now; the same may work later."""


class DiskFull(StoreError):
    """The disk is full; the transaction was taken back."""
