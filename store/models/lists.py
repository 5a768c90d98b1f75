"""Lists and their members."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, CompositeKey, IntegerField, SmallIntegerField, TextField

from store.models.table import Table


class MailList(Table):
    """A selection, project, reminder, resend or correction list; ``deleted_at`` hides one whose making was undone."""

    id = AutoField()
    kind = SmallIntegerField()
    name = TextField()
    campaign_id = IntegerField(null=True)
    note = TextField()
    created_at = BigIntegerField()
    created_by = TextField()
    deleted_at = BigIntegerField(null=True)

    class Meta:
        """Peewee's options."""

        table_name = "mail_list"


class ListMember(Table):
    """A contact on a list, with the recipient row through which it came there."""

    list_id = IntegerField()
    contact_id = IntegerField()
    recipient_id = IntegerField()

    class Meta:
        """Peewee's options."""

        table_name = "list_member"
        primary_key = CompositeKey("list_id", "contact_id")
