"""Tripwires, and what tripped them."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, IntegerField, TextField

from store.models.table import Table


class Tripwire(Table):
    """A setting of the tripwires, of one campaign or (``campaign_id`` 0) of all; ``value`` null: what holds else."""

    id = AutoField()
    campaign_id = IntegerField()
    name = TextField()
    value = TextField(null=True)


class Trip(Table):
    """A wire that tripped, with the numbers of that moment; it stands until ``over_at``.

    ``hook_at`` is when a process took it upon itself to run the hook, ``hook_note`` how that ended ("": well).
    """

    id = AutoField()
    campaign_id = IntegerField()
    wire = TextField()
    subject = TextField()
    part = IntegerField()
    whole = IntegerField()
    limit = IntegerField()
    tripped_at = BigIntegerField()
    over_at = BigIntegerField(null=True)
    acked_at = BigIntegerField(null=True)
    acked_by = TextField(null=True)
    hook_at = BigIntegerField(null=True)
    hook_note = TextField(null=True)
