"""Peewee's database on a store's file, loaded with Peewee when the first transaction asks for it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from store import drivers  # noqa: F401  (before Peewee is imported)

# isort: split
from peewee import SqliteDatabase

if TYPE_CHECKING:
    from store.engines.sqlite import SqliteStore


class FileDatabase(SqliteDatabase):
    """Peewee's database, with the connections of a store."""

    def __init__(self, store: SqliteStore) -> None:
        """Open nothing yet."""
        super().__init__(str(store.file), lock_type="IMMEDIATE", thread_safe=True)
        self._store = store

    def _connect(self) -> sqlite3.Connection:
        connection = self._store.hand_over()
        try:
            self._add_conn_hooks(connection)  # type: ignore[attr-defined]
        except BaseException:
            connection.close()
            raise
        return connection
