"""Saved mappings of the generic event reader."""

from __future__ import annotations

from datetime import datetime

from store.database import Store
from store.errors import Refused
from store.times import to_ms


def save(store: Store, name: str, spec: str, now: datetime) -> None:
    """Save a mapping's text under a name; an older one of the name is replaced.

    Raises:
        Refused: the name is empty.
    """
    wanted = " ".join(name.split())
    if not wanted:
        raise Refused("A mapping needs a name.")

    def change() -> None:
        store.execute(
            "INSERT INTO mapping (name, spec, created_at) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, created_at = excluded.created_at",
            (wanted, spec, to_ms(now)),
        )

    store.run(change)
