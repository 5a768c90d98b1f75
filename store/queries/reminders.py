"""Who is reminded of a campaign, and why the others are not: one expression, for counting and for making the list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from store.database import Store
from store.rows import ReminderCounts
from store.times import to_ms
from store.vocabulary import FAILED_DELIVERY, Delivery

DAY_MS = 24 * 3600 * 1000

_NOT_READ, _UNKNOWN, _MACHINE = "not read", "unknown", "machine"
_RECENT = "recent"
_LEFT_OUT = (
    "skipped",
    "bounced",
    "complained",
    "unsubscribed",
    "replied",
    "clicked",
    "read",
    "not delivered yet",
    "blocked",
    "former employee",
    "no consent",
    _RECENT,
    "second address",
)
_FAILED = ", ".join(str(delivery.code) for delivery in sorted(FAILED_DELIVERY))


def _said(fact: str) -> str:
    """Return the test that a person said so under this address, another one, or the one they have today."""
    return (
        f"(r.{fact} IS NOT NULL OR r.contact_id IN (SELECT m.contact_id FROM address AS a CROSS JOIN recipient AS m"
        f" ON m.address_key = a.key WHERE a.{fact} IS NOT NULL)"
        f" OR c.email_key IN (SELECT a.key FROM address AS a WHERE a.{fact} IS NOT NULL))"
    )


_BLOCKED = "(SELECT a.key FROM address AS a WHERE a.blocked_at IS NOT NULL)"
_CLASS = (
    f"CASE WHEN r.delivery = {Delivery.SKIPPED.code} OR r.occurrence > 0 THEN 'skipped'"
    f" WHEN r.delivery IN ({_FAILED}) THEN 'bounced'"
    f" WHEN {_said('complained_at')} THEN 'complained'"
    f" WHEN {_said('unsubscribed_at')} THEN 'unsubscribed'"
    " WHEN r.replied_at IS NOT NULL OR t.replied THEN 'replied'"
    " WHEN r.clicked_at IS NOT NULL OR t.clicked THEN 'clicked'"
    " WHEN r.opened_at IS NOT NULL OR t.opened THEN 'read'"
    f" WHEN r.delivery <> {Delivery.DELIVERED.code} THEN 'not delivered yet'"
    f" WHEN r.address_key IN {_BLOCKED} OR c.email_key IN {_BLOCKED} THEN 'blocked'"
    " WHEN c.former THEN 'former employee'"
    " WHEN c.consent IS FALSE THEN 'no consent'"
    f" WHEN coalesce(r.sent_at, r.delivered_at) IS NULL OR coalesce(r.sent_at, r.delivered_at) > ? THEN '{_RECENT}'"
    " WHEN r.id <> t.chosen THEN 'second address'"
    f" WHEN r.machine_opened_at IS NOT NULL OR r.machine_clicked_at IS NOT NULL THEN '{_MACHINE}'"
    f" WHEN c.tracking_consent IS FALSE THEN '{_UNKNOWN}'"
    f" ELSE '{_NOT_READ}' END"
)
"""The class of a recipient: the first of these that holds; the parameter is the latest sending that counts.

A reply says more than a click, a click more than an open; what a person did under a second address of theirs counts
for all of them, and only one of their addresses is reminded."""

_FROM = (
    "FROM recipient AS r CROSS JOIN contact AS c ON c.id = r.contact_id LEFT JOIN (SELECT contact_id,"
    " max(replied_at IS NOT NULL) AS replied, max(clicked_at IS NOT NULL) AS clicked,"
    f" max(opened_at IS NOT NULL) AS opened, min(CASE WHEN delivery = {Delivery.DELIVERED.code} THEN id END) AS chosen"
    " FROM recipient WHERE campaign_id = ? AND +occurrence = 0 GROUP BY contact_id HAVING count(*) > 1) AS t"
    " ON t.contact_id = r.contact_id WHERE r.campaign_id = ?"
)


def reminder_counts(store: Store, campaign_id: int, days: int, now: datetime) -> ReminderCounts:
    """Count who has not read a campaign that was sent to them ``days`` days ago or more, and who is left out, and why.

    The counts add up to the recipients planned. ``left_out`` holds only reasons that occur.
    """
    found = dict(
        store.rows(f"SELECT {_CLASS}, count(*) {_FROM} GROUP BY 1", (_latest(days, now), campaign_id, campaign_id))
    )
    words = {_RECENT: f"sent less than {days} day{'' if days == 1 else 's'} ago"}
    return ReminderCounts(
        campaign_id,
        days,
        found.get(_NOT_READ, 0),
        found.get(_UNKNOWN, 0),
        found.get(_MACHINE, 0),
        {words.get(reason, reason): found[reason] for reason in _LEFT_OUT if reason in found},
    )


def member_sql(list_id: int, campaign_id: int, days: int, now: datetime) -> tuple[str, tuple[Any, ...]]:
    """Return the statement, with its parameters, that puts on a list whom :func:`reminder_counts` counts."""
    sql = (
        "INSERT INTO list_member (list_id, contact_id, recipient_id) SELECT ?, r.contact_id, r.id"
        f" {_FROM} AND r.delivery = {Delivery.DELIVERED.code}"
        f" AND {_CLASS} IN ('{_NOT_READ}', '{_UNKNOWN}', '{_MACHINE}')"
    )
    return sql, (list_id, campaign_id, campaign_id, _latest(days, now))


def _latest(days: int, now: datetime) -> int:
    return max(0, to_ms(now) - days * DAY_MS)
