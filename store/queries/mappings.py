"""Saved mappings of the generic event reader."""

from __future__ import annotations

from store.cleaning import clean
from store.database import Store
from store.errors import NotFound


def load(store: Store, name: str) -> str:
    """Return the text of the mapping saved under ``name``.

    Raises:
        NotFound: there is none; the text names those there are.
    """
    wanted = " ".join(name.split())
    found = store.row("SELECT spec FROM mapping WHERE name = ?", (wanted,))
    if found:
        return str(found[0])
    names = ", ".join(saved(store)) or "none"
    raise NotFound(f"No mapping is saved as “{clean(wanted)}” (saved: {names}).")


def saved(store: Store) -> tuple[str, ...]:
    """Return the names of all saved mappings, sorted."""
    return tuple(clean(name) for (name,) in store.rows("SELECT name FROM mapping ORDER BY name"))
