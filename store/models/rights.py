"""Who was forgotten, and what is known again of events that were folded into others."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, CompositeKey, IntegerField, TextField

from store.models.table import Table


class Forgotten(Table):
    """A keyed hash by which a forgotten address or CRM id is known again (:mod:`store.pseudonyms`).

    ``contact_id`` is whose it was, 0 if nobody's. The row whose digest begins with "key:" tells which key is the right
    one.
    """

    digest = TextField(primary_key=True)
    contact_id = IntegerField()
    forgotten_at = BigIntegerField()


class FoldedKey(Table):
    """The dedupe key of an event or a stranger's record that was folded or dropped: it is not taken in again."""

    dedupe = BlobField(primary_key=True)

    class Meta:
        """Peewee's options."""

        table_name = "folded_key"


class FoldedCount(Table):
    """How many events of a feed about a campaign were folded or dropped; 0 stands for no feed, and no campaign."""

    feed_id = IntegerField()
    campaign_id = IntegerField()
    n = IntegerField()

    class Meta:
        """Peewee's options."""

        table_name = "folded_count"
        primary_key = CompositeKey("feed_id", "campaign_id")
