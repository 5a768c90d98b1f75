"""Sending a message in a process of its own: ``python -m tests.several.sending STORE MESSAGE-NUMBER``."""

from __future__ import annotations

import sys

from store.database import open_store
from store.outbox.connecting import Patience
from tests.outbox.sends import sender

_PATIENCE = Patience(120, 120, 120, 120, 120, 120, 120)
"""The relay takes mails as the operators go on, so it may be slow."""


def main() -> None:
    """Send until nothing waits any more; what goes wrong is printed by whoever started this."""
    store = open_store(sys.argv[1])
    print(sender(store, int(sys.argv[2]), patience=_PATIENCE).run().row.state)


if __name__ == "__main__":
    main()
