"""How far the store had come when something of it was shown."""

from __future__ import annotations

from dataclasses import dataclass

from store.database import Store


@dataclass(frozen=True, slots=True)
class Seen:
    """What whoever looks at rows can know of: everything up to these numbers.

    Attributes:
        journal: the number of the last action of an operator.
        event: the number of the last event.
    """

    journal: int
    event: int


def seen_now(store: Store) -> Seen:
    """Return how far the store has come; ask before the rows are read, so that nothing between the two is missed."""
    found = store.row("SELECT (SELECT max(id) FROM journal), (SELECT max(id) FROM event)")
    journal, event = found or (None, None)
    return Seen(journal or 0, event or 0)
