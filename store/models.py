"""The tables, nothing else. Times are BIGINT epoch milliseconds UTC; words are their codes (:mod:`store.vocabulary`).

The migrations create the tables; these classes describe them (a test compares the two). Bulk work goes past them:
``executemany`` and set-based SQL on Peewee's connection.
"""

from __future__ import annotations

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    DatabaseProxy,
    IntegerField,
    Model,
    SmallIntegerField,
    TextField,
)

database = DatabaseProxy()


class Table(Model):
    """Base of all tables; bound to the open store by :func:`store.database.open_store`."""

    class Meta:
        """Peewee's options."""

        database = database
        legacy_table_names = False


class Contact(Table):
    """A person as the CRM knows them; ``ident`` stays the same when the address is fixed."""

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


class ContactSearch(Table):
    """Folded name, address and company of a contact, one text to search in."""

    contact_id = IntegerField(primary_key=True)
    s = TextField()

    class Meta:
        """Peewee's options."""

        table_name = "contact_search"


class Campaign(Table):
    """One sending; ``key`` is what its mails carry (X-Campaign-ID, List-ID label), folded."""

    id = AutoField()
    name = TextField(unique=True)
    key = TextField(unique=True)
    subject = TextField()
    keyed = BooleanField()
    started_at = BigIntegerField(null=True)
    ended_at = BigIntegerField(null=True)
    created_at = BigIntegerField()


class Recipient(Table):
    """One contact in one campaign, with one timestamp per fact, the operator's marks, and the facets derived from both.

    ``occurrence`` numbers repeated addresses within one list (0 is the one that gets the mail). ``bounced_at`` is the
    failure that counts, ``failed_at`` the latest failure reported, whether it counts or not. ``outcome_min`` and
    ``outcome_max`` differ when the recipient got several mails, and are negative where an alias led elsewhere.
    """

    id = AutoField()
    campaign_id = IntegerField()
    contact_id = IntegerField()
    address = TextField()
    address_key = TextField()
    occurrence = IntegerField()
    skip_reason = SmallIntegerField(null=True)
    delivery = SmallIntegerField()
    engagement = SmallIntegerField()
    triage = SmallIntegerField()
    partly = BooleanField()
    bounce_kind = SmallIntegerField(null=True)
    reason = TextField(null=True)
    status = TextField(null=True)
    reply = IntegerField(null=True)
    sent_at = BigIntegerField(null=True)
    deferred_at = BigIntegerField(null=True)
    delivered_at = BigIntegerField(null=True)
    bounced_at = BigIntegerField(null=True)
    failed_at = BigIntegerField(null=True)
    opened_at = BigIntegerField(null=True)
    machine_opened_at = BigIntegerField(null=True)
    clicked_at = BigIntegerField(null=True)
    machine_clicked_at = BigIntegerField(null=True)
    engaged_at = BigIntegerField(null=True)
    replied_at = BigIntegerField(null=True)
    complained_at = BigIntegerField(null=True)
    unsubscribed_at = BigIntegerField(null=True)
    clicks = IntegerField()
    outcome_min = BigIntegerField(null=True)
    outcome_max = BigIntegerField(null=True)
    override = SmallIntegerField(null=True)
    override_at = BigIntegerField(null=True)
    cleared_at = BigIntegerField(null=True)
    decision = SmallIntegerField(null=True)
    decided_at = BigIntegerField(null=True)
    decided_by = TextField(null=True)


class Event(Table):
    """One piece of evidence; append only. ``dedupe`` is 8 bytes of event time, then 8 bytes of hash."""

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
    unsubscribed_at = BigIntegerField(null=True)
    complained_at = BigIntegerField(null=True)


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


class Feed(Table):
    """A file or mailbox that was read, and how far."""

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


class Mapping(Table):
    """A saved column mapping of the generic event reader."""

    name = TextField(primary_key=True)
    spec = TextField()
    created_at = BigIntegerField()


class CampaignStat(Table):
    """Counters: how many recipients of a campaign share delivery, triage and the set of facts (bits of FACT_BITS)."""

    campaign_id = IntegerField()
    delivery = SmallIntegerField()
    triage = SmallIntegerField()
    facts = SmallIntegerField()
    n = IntegerField()

    class Meta:
        """Peewee's options."""

        table_name = "campaign_stat"
        primary_key = CompositeKey("campaign_id", "delivery", "triage", "facts")


TABLES: tuple[type[Table], ...] = (
    Contact,
    ContactSearch,
    Campaign,
    Recipient,
    Event,
    Link,
    Clicker,
    Address,
    MailList,
    ListMember,
    Journal,
    JournalLine,
    Feed,
    FeedDefect,
    Stranger,
    Mapping,
    CampaignStat,
)
"""Every table of the store."""
