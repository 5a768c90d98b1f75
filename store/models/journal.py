"""What operators did."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, BooleanField, CompositeKey, IntegerField, TextField

from store.models.table import Table


class Journal(Table):
    """One action of an operator."""

    id = AutoField()
    ts = BigIntegerField()
    operator = TextField()
    host = TextField()
    verb = TextField()
    sentence = TextField()
    subjects = IntegerField()
    undoable = BooleanField()
    undone_at = BigIntegerField(null=True)
    undone_by = TextField(null=True)


class JournalLine(Table):
    """One row that an action changed: its columns before and after, as JSON objects (null: the row was not there)."""

    journal_id = IntegerField()
    subject = TextField()
    subject_id = IntegerField()
    before = TextField(null=True)
    after = TextField(null=True)

    class Meta:
        """Peewee's options."""

        table_name = "journal_line"
        primary_key = CompositeKey("journal_id", "subject", "subject_id")
