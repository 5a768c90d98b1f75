"""What all tables share."""

from __future__ import annotations

from typing import Any

from peewee import DatabaseProxy, Model

from store.database import last_opened


class _LastOpened(DatabaseProxy):
    """Stands for the database of the store that was opened last; opening one does not load the models."""

    def __getattr__(self, name: str) -> Any:
        store = last_opened()
        if store is None:
            raise AttributeError("No store was opened yet.")
        return getattr(store.db, name)


database = _LastOpened()


class Table(Model):
    """Base of all tables, which are those of the store that was opened last."""

    class Meta:
        """Peewee's options."""

        database = database
        legacy_table_names = False
