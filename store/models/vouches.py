"""What operators put their names to before a send."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, TextField

from store.models.table import Table


class Vouch(Table):
    """A tick or an override of one rule, for one content of a message; ``subject`` is that message's, for people.

    ``said`` is what the rule said when it was overridden, "" for a tick; all four are null if it was taken back.
    """

    id = AutoField()
    digest = TextField()
    rule = TextField()
    subject = TextField()
    said = TextField(null=True)
    reason = TextField(null=True)
    given_at = BigIntegerField(null=True)
    given_by = TextField(null=True)
