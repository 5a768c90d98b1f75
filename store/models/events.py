"""What happened, and who clicked what."""

from __future__ import annotations

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    IntegerField,
    SmallIntegerField,
    TextField,
)

from store.models.table import Table


class Event(Table):
    """One piece of evidence; append only. ``dedupe`` is 8 bytes of event time, then 8 bytes of hash.

    ``times`` is more than 1 where others that change nothing were folded into it (:mod:`store.folding`).
    """

    id = AutoField()
    campaign_id = IntegerField()
    recipient_id = IntegerField()
    type = SmallIntegerField()
    ts = BigIntegerField()
    source = SmallIntegerField()
    feed_id = IntegerField(null=True)
    location = TextField()
    address = TextField(null=True)
    message_id = TextField(null=True)
    outcome = BigIntegerField(null=True)
    link_id = IntegerField(null=True)
    kind = SmallIntegerField(null=True)
    expired = BooleanField()
    reason = TextField(null=True)
    status = TextField(null=True)
    reply = IntegerField(null=True)
    diagnostic = TextField(null=True)
    actor = SmallIntegerField()
    hop = SmallIntegerField()
    attribution = SmallIntegerField()
    dedupe = BlobField(unique=True)
    times = IntegerField(default=1)


class Link(Table):
    """A link of a campaign's mail."""

    id = AutoField()
    campaign_id = IntegerField()
    url = TextField()


class Clicker(Table):
    """One recipient's clicks on one link."""

    campaign_id = IntegerField()
    link_id = IntegerField()
    recipient_id = IntegerField()
    clicks = IntegerField()
    machine_clicks = IntegerField()
    first_at = BigIntegerField()
    last_at = BigIntegerField()

    class Meta:
        """Peewee's options."""

        primary_key = CompositeKey("campaign_id", "link_id", "recipient_id")


class Guess(Table):
    """An event that was matched by address and time; ``due`` if something speaks of its mail since."""

    id = AutoField()
    recipient_id = IntegerField()
    ts = BigIntegerField()
    address_key = TextField()
    message_id = TextField(null=True)
    feed_id = IntegerField(null=True)
    record = TextField()
    dedupe = BlobField(unique=True)
    due = BooleanField()


class Stranger(Table):
    """An event that belongs to no planned recipient; ``record`` keeps it whole, so that a later import can claim it."""

    id = AutoField()
    campaign_id = IntegerField(null=True)
    type = SmallIntegerField()
    ts = BigIntegerField()
    address_key = TextField()
    message_id = TextField(null=True)
    feed_id = IntegerField(null=True)
    record = TextField()
    dedupe = BlobField(unique=True)
