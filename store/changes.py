"""Noticing that somebody else changed the store."""

from __future__ import annotations

from store.database import Store, spoken


class Watch:
    """Tells whether another connection (of this process or another) committed something.

    It has a connection of its own, which never has an open cursor: SQLite's data_version stands still while its
    connection reads.
    """

    def __init__(self, store: Store) -> None:
        """Begin to watch: what was committed before does not count."""
        self._path = store.path
        with spoken(self._path):
            self._connection = store.connection()
        self._seen = self._version()

    def changed(self) -> bool:
        """Return whether something was committed since the last call."""
        seen, self._seen = self._seen, self._version()
        return seen != self._seen

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _version(self) -> int:
        with spoken(self._path):
            return int(self._connection.execute("PRAGMA data_version").fetchall()[0][0])
