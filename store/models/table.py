"""What all tables share."""

from __future__ import annotations

from peewee import DatabaseProxy, Model

database = DatabaseProxy()


class Table(Model):
    """Base of all tables; bound to the open store by :func:`store.database.open_store`."""

    class Meta:
        """Peewee's options."""

        database = database
        legacy_table_names = False
