"""Noticing that somebody else changed the store."""

from __future__ import annotations

from store.database import Store


class Watch:
    """Tells whether another connection (of this process or another) committed something.

    It has a connection of its own: SQLite tells nothing of the commits of the connection that asks.
    """

    def __init__(self, store: Store) -> None:
        """Begin to watch: what was committed before does not count."""
        self._version = store.version()
        self._seen = self._version.now()

    def changed(self) -> bool:
        """Return whether something was committed since the last call."""
        seen, self._seen = self._seen, self._version.now()
        return seen != self._seen

    def close(self) -> None:
        """Close the connection."""
        self._version.close()
