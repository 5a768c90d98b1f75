"""Lists and their members, and segments."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, CompositeKey, IntegerField, SmallIntegerField, TextField

from store.models.table import Table


class MailList(Table):
    """A selection, project, reminder, resend or correction list.

    ``deleted_at`` hides one that was deleted or whose making was undone, ``reloaded_at`` is when an operator last
    looked at what has changed with its members.
    """

    id = AutoField()
    kind = SmallIntegerField()
    name = TextField()
    campaign_id = IntegerField(null=True)
    note = TextField()
    created_at = BigIntegerField()
    created_by = TextField()
    deleted_at = BigIntegerField(null=True)
    reloaded_at = BigIntegerField(null=True)

    class Meta:
        """Peewee's options."""

        table_name = "mail_list"


class ListMember(Table):
    """A contact on a list, with the recipient row through which it came there.

    ``known`` holds what spoke against writing to it when it came, or at the last reload (:mod:`store.obstacles`).
    """

    list_id = IntegerField()
    contact_id = IntegerField()
    recipient_id = IntegerField()
    known = SmallIntegerField(default=0)

    class Meta:
        """Peewee's options."""

        table_name = "list_member"
        primary_key = CompositeKey("list_id", "contact_id")


class Segment(Table):
    """A filter with a name (:mod:`store.filters`); ``deleted_at`` hides a deleted one."""

    id = AutoField()
    name = TextField()
    spec = TextField()
    note = TextField()
    created_at = BigIntegerField()
    created_by = TextField()
    deleted_at = BigIntegerField(null=True)
