"""Mails that were pulled out of a mail queue."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, IntegerField, SmallIntegerField, TextField

from store.models.table import Table


class Pulled(Table):
    """One recipient of a mail that was held in a Postfix queue, or deleted from it.

    ``instance`` is the Postfix's configuration directory ("": the machine's own); ``queue_id`` and ``arrived_at`` name
    the mail, since queue ids are used again. ``message_id`` is its Message-ID, "" if it has none.
    """

    id = AutoField()
    campaign_id = IntegerField()
    recipient_id = IntegerField()
    instance = TextField()
    queue_id = TextField()
    arrived_at = BigIntegerField()
    sender = TextField()
    message_id = TextField()
    state = SmallIntegerField()
    changed_at = BigIntegerField()
