"""People and addresses."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, BooleanField, IntegerField, SmallIntegerField, TextField

from store.models.table import Table


class Contact(Table):
    """A person as the CRM knows them; ``ident`` stays the same when the address is fixed.

    ``tracking_at`` and ``tracking_source`` are since when ``tracking_consent`` is as it is, and who or what said so.
    """

    id = AutoField()
    ident = TextField(unique=True)
    crm_id = TextField(null=True)
    email = TextField()
    email_key = TextField()
    name = TextField()
    company = TextField()
    language = TextField()
    responsible = TextField()
    consent = BooleanField(null=True)
    tracking_consent = BooleanField(null=True)
    former = BooleanField()
    sort_key = TextField()
    company_key = TextField()
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    tracking_at = BigIntegerField(null=True)
    tracking_source = TextField(null=True)


class ContactSearch(Table):
    """Folded name, address and company of a contact, one text to search in."""

    contact_id = IntegerField(primary_key=True)
    s = TextField()

    class Meta:
        """Peewee's options."""

        table_name = "contact_search"


class Address(Table):
    """One address over all campaigns; only addresses of which there is something to say have a row."""

    id = AutoField()
    key = TextField(unique=True)
    address = TextField()
    consecutive = IntegerField()
    last_bounce_at = BigIntegerField(null=True)
    last_success_at = BigIntegerField(null=True)
    blocked_at = BigIntegerField(null=True)
    block_reason = SmallIntegerField(null=True)
    operator_blocked_at = BigIntegerField(null=True)
    operator_blocked_by = TextField(null=True)
    operator_reason = SmallIntegerField(null=True)
    operator_freed_at = BigIntegerField(null=True)
    unsubscribed_at = BigIntegerField(null=True)
    complained_at = BigIntegerField(null=True)
