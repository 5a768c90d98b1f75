"""Who is reminded of a campaign, and why the others are not: one expression, for counting and for making the list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from store.database import Store
from store.queries.conditions import edge
from store.rows import ReminderCounts
from store.times import to_ms
from store.vocabulary import FAILED_DELIVERY, Delivery

DAY_MS = 24 * 3600 * 1000

_RECENT = "recent"
_CLASSES = (
    "not read",
    "unknown",
    "machine",
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
"""The classes of recipients; the first three are reminded. SQL knows them by their number, which sorts faster."""

_REMINDED = _CLASSES[:3]
_FAILED = ", ".join(str(delivery.code) for delivery in sorted(FAILED_DELIVERY))


def known(fact: str) -> str:
    """Return the SQL of the contacts whose address of today, or any they were sent mail at, is known for a fact."""
    return (
        f"(SELECT m.contact_id FROM address AS a CROSS JOIN recipient AS m ON m.address_key = a.key"
        f" WHERE a.{fact} IS NOT NULL UNION SELECT m.id FROM address AS a CROSS JOIN contact AS m"
        f" ON m.email_key = a.key WHERE a.{fact} IS NOT NULL)"
    )


BLOCKED_TODAY = (
    "(SELECT m.id FROM address AS a CROSS JOIN contact AS m ON m.email_key = a.key WHERE a.blocked_at IS NOT NULL)"
)
"""The SQL of the contacts whose address of today is blocked."""

_BLOCKED_THEN = (
    "(SELECT m.id FROM address AS a CROSS JOIN recipient AS m ON m.address_key = a.key AND m.campaign_id = ?1"
    " WHERE a.blocked_at IS NOT NULL)"
)
_LADDER = (
    (f"r.delivery = {Delivery.SKIPPED.code} OR r.occurrence > 0", "skipped"),
    (f"r.delivery IN ({_FAILED})", "bounced"),
    (f"r.complained_at IS NOT NULL OR r.contact_id IN {known('complained_at')}", "complained"),
    (f"r.unsubscribed_at IS NOT NULL OR r.contact_id IN {known('unsubscribed_at')}", "unsubscribed"),
    ("r.replied_at IS NOT NULL OR t.replied", "replied"),
    ("r.clicked_at IS NOT NULL OR t.clicked", "clicked"),
    ("r.opened_at IS NOT NULL OR t.opened", "read"),
    (f"r.delivery <> {Delivery.DELIVERED.code}", "not delivered yet"),
    (f"r.contact_id IN {BLOCKED_TODAY} OR r.id IN {_BLOCKED_THEN}", "blocked"),
    ("c.former", "former employee"),
    ("c.consent IS FALSE", "no consent"),
    ("coalesce(r.sent_at, r.delivered_at) IS NULL OR coalesce(r.sent_at, r.delivered_at) > ?2", _RECENT),
    ("r.id <> t.chosen", "second address"),
    ("r.machine_opened_at IS NOT NULL OR r.machine_clicked_at IS NOT NULL", "machine"),
    ("c.tracking_consent IS FALSE", "unknown"),
)
"""The class of a recipient is that of the first test that holds, else "not read"; ?2 is the latest sending that counts.

A reply says more than a click, a click more than an open; what a person did under a second address of theirs counts
for all of them, and only one of their addresses is reminded."""

_CLASS = (
    f"CASE {' '.join(f'WHEN {test} THEN {_CLASSES.index(name)}' for test, name in _LADDER)}"
    f" ELSE {_CLASSES.index('not read')} END"
)
_WITHIN = f"campaign_id = ?1 AND {{}}id BETWEEN {edge('min', '?1')} AND {edge('max', '?1')}"
_SEVERAL = (
    f"SELECT contact_id FROM recipient WHERE {_WITHIN.format('')} AND occurrence = 0"
    " GROUP BY +contact_id HAVING count(*) > 1"
)
_FROM = (
    "FROM recipient AS r CROSS JOIN contact AS c ON c.id = r.contact_id LEFT JOIN (SELECT contact_id,"
    " max(replied_at IS NOT NULL) AS replied, max(clicked_at IS NOT NULL) AS clicked,"
    f" max(opened_at IS NOT NULL) AS opened, min(CASE WHEN delivery = {Delivery.DELIVERED.code} THEN id END) AS chosen"
    f" FROM recipient WHERE contact_id IN ({_SEVERAL}) AND +campaign_id = ?1 AND occurrence = 0 GROUP BY contact_id)"
    f" AS t ON t.contact_id = r.contact_id WHERE r.{_WITHIN.format('r.')}"
)


def reminder_counts(store: Store, campaign_id: int, days: int, now: datetime) -> ReminderCounts:
    """Count who has not read a campaign that was sent to them ``days`` days ago or more, and who is left out, and why.

    The counts add up to the recipients planned. ``left_out`` holds only reasons that occur.
    """
    numbers = store.rows(
        f"SELECT class, count(*) FROM (SELECT {_CLASS} AS class {_FROM} LIMIT -1) GROUP BY class",
        (campaign_id, _latest(days, now)),
    )
    found = {_CLASSES[number]: count for number, count in numbers}
    words = {_RECENT: f"sent less than {days} day{'' if days == 1 else 's'} ago"}
    return ReminderCounts(
        campaign_id,
        days,
        found.get("not read", 0),
        found.get("unknown", 0),
        found.get("machine", 0),
        {words.get(name, name): found[name] for name in _CLASSES if name in found and name not in _REMINDED},
    )


def member_sql(list_id: int, campaign_id: int, days: int, now: datetime) -> tuple[str, tuple[Any, ...]]:
    """Return the statement, with its parameters, that puts on a list whom :func:`reminder_counts` counts."""
    sql = (
        f"INSERT INTO list_member (list_id, contact_id, recipient_id) SELECT ?3, r.contact_id, r.id {_FROM}"
        f" AND +r.delivery = {Delivery.DELIVERED.code} AND {_CLASS} < {len(_REMINDED)}"
    )
    return sql, (campaign_id, _latest(days, now), list_id)


def _latest(days: int, now: datetime) -> int:
    return max(0, to_ms(now) - days * DAY_MS)
