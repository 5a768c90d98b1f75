"""What was read, and how it is to be read."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, BlobField, CompositeKey, IntegerField, TextField

from store.models.table import Table


class Feed(Table):
    """A file or mailbox that was read, and how far.

    ``records`` counts those of all readings: never fewer than its events and strangers; ``fingerprint`` is "" as
    long as a reading has not come to its end, and of feeds that are followed.
    """

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


class FeedPosition(Table):
    """Where following a feed stopped, and what its reader knew there."""

    feed_id = IntegerField(primary_key=True)
    position = TextField()
    snapshot = BlobField(null=True)
    updated_at = BigIntegerField()

    class Meta:
        """Peewee's options."""

        table_name = "feed_position"


class FeedPiece(Table):
    """A piece of a followed feed that was read: a mail of a Maildir, by its name."""

    feed_id = IntegerField()
    name = TextField()

    class Meta:
        """Peewee's options."""

        table_name = "feed_piece"
        primary_key = CompositeKey("feed_id", "name")


class Mapping(Table):
    """A saved column mapping of the generic event reader."""

    name = TextField(primary_key=True)
    spec = TextField()
    created_at = BigIntegerField()
