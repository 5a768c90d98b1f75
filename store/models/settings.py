"""What operators set."""

from __future__ import annotations

from peewee import AutoField, TextField

from store.models.table import Table


class Setting(Table):
    """A setting; ``value`` is text as operators write it, null: its default."""

    id = AutoField()
    name = TextField(unique=True)
    value = TextField(null=True)
