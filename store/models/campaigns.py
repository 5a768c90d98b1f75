"""Campaigns and their recipients."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, BooleanField, CompositeKey, IntegerField, SmallIntegerField, TextField

from store.models.table import Table


class Campaign(Table):
    """One sending; ``key`` is what its mails carry (X-Campaign-ID, List-ID label), folded.

    ``begun_at`` and ``keyed_at`` are when its mail began, and began to carry the key, as records tell that name the
    campaign; ``guessed`` is what guesses rested on when they were made last (:mod:`store.guesses`). ``parent_id`` is
    the campaign of which this is a resend, a reminder or a correction, ``follow_up`` is which of them, if it was sent
    from here for that purpose.
    """

    id = AutoField()
    name = TextField(unique=True)
    key = TextField(unique=True)
    subject = TextField()
    keyed = BooleanField()
    started_at = BigIntegerField(null=True)
    ended_at = BigIntegerField(null=True)
    created_at = BigIntegerField()
    begun_at = BigIntegerField(null=True)
    keyed_at = BigIntegerField(null=True)
    guessed = TextField(null=True)
    parent_id = IntegerField(null=True)
    follow_up = SmallIntegerField(null=True)


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
