"""What is sent from here: messages, and one row for each recipient of a message."""

from __future__ import annotations

from peewee import AutoField, BigIntegerField, BooleanField, FloatField, IntegerField, SmallIntegerField, TextField

from store.models.table import Table


class Message(Table):
    """The mail of one campaign that is sent from here, and how its sending stands.

    ``headers``, ``fields`` and ``front`` are JSON objects, ``parts`` is a JSON array (:mod:`store.outbox.keeping`);
    ``digest`` stands for all that is in the mail. ``why`` says in a sentence why it was paused or stopped. ``claimant``
    is the process that sends it (:mod:`store.outbox.claimant`), ``beat_at`` when that one was last known to live.
    """

    id = AutoField()
    campaign_id = IntegerField(unique=True)
    state = SmallIntegerField()
    why = TextField()
    subject = TextField()
    sender = TextField()
    reply_to = TextField()
    text = TextField()
    html = TextField()
    headers = TextField()
    fields = TextField()
    parts = TextField()
    front = TextField()
    digest = TextField()
    relay = TextField()
    rate = FloatField(null=True)
    connections = IntegerField(null=True)
    made_at = BigIntegerField()
    made_by = TextField()
    starts_at = BigIntegerField(null=True)
    began_at = BigIntegerField(null=True)
    ended_at = BigIntegerField(null=True)
    claimant = TextField(null=True)
    beat_at = BigIntegerField(null=True)


class Outbox(Table):
    """One mail to one recipient; ``mail_id`` is its Message-ID, the same at every attempt, without angle brackets.

    ``first_at`` is when it was tried first, ``next_at`` when it may be tried (again). ``reply``, ``status`` and
    ``diagnostic`` are what the relay said last, ``command`` to what; ``landed``: that this stands among the events.
    """

    id = AutoField()
    message_id = IntegerField()
    recipient_id = IntegerField(unique=True)
    state = SmallIntegerField()
    attempts = IntegerField()
    next_at = BigIntegerField()
    first_at = BigIntegerField(null=True)
    claimed_at = BigIntegerField(null=True)
    claimant = TextField(null=True)
    settled_at = BigIntegerField(null=True)
    landed = BooleanField()
    mail_id = TextField()
    command = TextField(null=True)
    reply = IntegerField(null=True)
    status = TextField(null=True)
    diagnostic = TextField(null=True)
