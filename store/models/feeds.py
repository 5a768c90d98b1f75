"""What was read, and how it is to be read."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, IntegerField, TextField

from store.models.table import Table


class Feed(Table):
    """A file or mailbox that was read, and how far."""

    id = AutoField()
    path = TextField()
    format = TextField()
    inode = BigIntegerField()
    size_bytes = BigIntegerField()
    mtime_ns = BigIntegerField()
    fingerprint = TextField()
    position = BigIntegerField()
    records = IntegerField()
    defects = IntegerField()
    read_at = BigIntegerField()


class FeedDefect(Table):
    """A piece of a feed that could not be read."""

    id = AutoField()
    feed_id = IntegerField()
    location = TextField()
    sentence = TextField()

    class Meta:
        """Peewee's options."""

        table_name = "feed_defect"


class Mapping(Table):
    """A saved column mapping of the generic event reader."""

    name = TextField(primary_key=True)
    spec = TextField()
    created_at = BigIntegerField()
