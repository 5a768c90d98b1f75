"""What can go wrong, as sentences an operator can act on.

::

    StoreError                 anything below; its text is one clear sentence
    ├── StoreUnavailable       the store cannot be opened (missing, locked, read-only, damaged)
    │   └── StoreTooNew        the file was written by a newer version
    ├── NotFound               no campaign, recipient or list of this name
    ├── Refused                the action would be wrong; the text says why
    ├── BadInput               a file or value the operator gave cannot be read
    │   └── Unreachable        a server does not answer, or not now; the same may work later
    └── DiskFull               no room left; nothing was written
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of all errors of the store; ``str()`` is one sentence for the operator."""


class StoreUnavailable(StoreError):
    """The store cannot be opened or written."""


class StoreTooNew(StoreUnavailable):
    """The store was written by a newer version of the program."""


class NotFound(StoreError):
    """Nothing of this name or id is in the store."""


class Refused(StoreError):
    """The action would be wrong here; the text says why."""


class BadInput(StoreError):
    """A file or a value that the operator gave cannot be read."""


class Unreachable(BadInput):
    """A server that the operator named does not answer, or not now; the same may work later."""


class DiskFull(StoreError):
    """The disk is full; the transaction was taken back."""
