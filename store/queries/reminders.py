"""Who is reminded of a campaign, and why the others are not: one expression to count, name and list them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from store.asking import Unread
from store.database import Store
from store.queries.conditions import edge
from store.queries.recipient_rows import COLUMNS, JOINED, recipient_row
from store.queries.snapshot import Snapshot
from store.rows import LeftOutRow, ReminderCounts
from store.times import to_ms
from store.vocabulary import FACT_MACHINE, FACT_READ, FAILED_DELIVERY, Delivery

DAY_MS = 24 * 3600 * 1000

ALL = frozenset(Unread)
"""Every group."""

_RECENT = "recent"
_CLASSES = (
    "not read",
    "no consent to track",
    "images off",
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
    "no address any more",
    _RECENT,
    "second address",
)
"""The classes of recipients; SQL knows them by their number, which sorts faster."""

_GROUPS = {
    Unread.NOT_READ: ("not read",),
    Unread.UNKNOWN: ("no consent to track", "images off"),
    Unread.MACHINE: ("machine",),
}
"""The classes that are reminded; they are the first ones."""

_GROUPED = {name for names in _GROUPS.values() for name in names}
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
    "(SELECT m.id FROM recipient AS m INDEXED BY recipient_address WHERE m.campaign_id = ?1"
    " AND m.address_key IN (SELECT key FROM address WHERE blocked_at IS NOT NULL))"
)
"""No join: for one with two conditions SQLite would read every recipient first, to build a Bloom filter."""

_IMAGES_OFF = (
    "EXISTS (SELECT 1 FROM recipient AS m WHERE m.contact_id = r.contact_id AND m.clicked_at IS NOT NULL"
    " AND m.opened_at IS NULL AND m.machine_opened_at IS NULL AND m.campaign_id IN (SELECT p.id FROM campaign AS p"
    " WHERE EXISTS (SELECT 1 FROM recipient AS o INDEXED BY recipient_opened WHERE o.campaign_id = p.id"
    " AND o.opened_at IS NOT NULL))) AND NOT EXISTS (SELECT 1 FROM recipient AS s WHERE s.contact_id = r.contact_id"
    " AND s.opened_at IS NOT NULL)"
)
"""They clicked in a campaign of which openings were seen, but never theirs: no image of it was fetched.

It is the last question of the ladder and asked of few: gathering all of whom it holds takes longer."""

_SENT = "max(coalesce(r.sent_at, r.delivered_at), coalesce(r.delivered_at, r.sent_at))"
"""When it was sent to them; what was delivered later, by a second sending or after days of trying, counts from then."""

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
    ("c.email_key = ''", "no address any more"),
    (f"coalesce({_SENT} > ?2, TRUE)", _RECENT),
    ("r.id <> t.chosen", "second address"),
    ("c.tracking_consent IS FALSE", "no consent to track"),
    ("r.machine_opened_at IS NOT NULL OR r.machine_clicked_at IS NOT NULL", "machine"),
    (_IMAGES_OFF, "images off"),
)
"""The class of a recipient is that of the first test that holds, else "not read"; ?2 is the latest sending that counts.

A reply says more than a click, a click more than an open; what a person did under a second address of theirs counts
for all of them, and only one of their addresses is reminded. Of those who refuse tracking only what spares them a
reminder is looked at."""

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
_SEEN = (
    f"SELECT 1 FROM campaign_stat WHERE campaign_id = ? AND facts & {FACT_READ | FACT_MACHINE} <> 0 AND n > 0 LIMIT 1"
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
    groups = {group: sum(found.get(name, 0) for name in names) for group, names in _GROUPS.items()}
    return ReminderCounts(
        campaign_id,
        days,
        groups[Unread.NOT_READ],
        groups[Unread.UNKNOWN],
        groups[Unread.MACHINE],
        {_told(name, days): found[name] for name in _CLASSES if name in found and name not in _GROUPED},
        {name: found[name] for name in _GROUPS[Unread.UNKNOWN] if name in found},
        store.row(_SEEN, (campaign_id,)) is not None,
    )


class ReminderView(Snapshot):
    """The recipients of a campaign by why they get no reminder, or by the group of those who get one."""

    def build(
        self, campaign_id: int, days: int, now: datetime, *, reason: str = "", groups: Collection[Unread] = ALL
    ) -> int:
        """Take the snapshot and return how many it holds; call it once.

        Args:
            campaign_id: the campaign.
            days: days since they were sent to, as for :func:`reminder_counts`.
            now: aware UTC time.
            reason: only those of this reason or group; "": all who are not in ``groups``.
            groups: the groups that are reminded.

        Raises:
            Interrupted: :meth:`interrupt` was called meanwhile.
        """
        self._days = days
        wanted = [at for at, name in enumerate(_CLASSES) if _told(name, days) == reason]
        if not reason:
            wanted = sorted(set(range(len(_CLASSES))) - set(_numbers(groups)))
        elif not wanted:
            wanted = _numbers([Unread(reason)])
        with self.working() as connection:
            connection.execute("CREATE TEMP TABLE classed (id INTEGER PRIMARY KEY, class INTEGER NOT NULL)")
            connection.execute(
                f"INSERT INTO classed SELECT id, class FROM (SELECT r.id AS id, {_CLASS} AS class {_FROM} LIMIT -1)"
                f" WHERE class IN ({', '.join(map(str, wanted))})",
                (campaign_id, _latest(days, now)),
            )
        return self.fill("SELECT id FROM classed ORDER BY class, id")

    def page(self, offset: int, limit: int) -> tuple[LeftOutRow, ...]:
        """Return the people from position ``offset`` on."""
        found = self.values(
            f"SELECT k.class, {COLUMNS} FROM v CROSS JOIN classed AS k ON k.id = v.id"
            f" CROSS JOIN recipient AS r ON r.id = v.id {JOINED} WHERE v.pos > ? AND v.pos <= ? ORDER BY v.pos",
            (offset, offset + limit),
        )
        return tuple(LeftOutRow(recipient_row(values), self._word(number)) for number, *values in found)

    def _word(self, number: int) -> str:
        name = _CLASSES[number]
        return _told(name, self._days) if name not in _GROUPS[Unread.UNKNOWN] else f"{Unread.UNKNOWN}: {name}"


def member_sql(
    list_id: int, campaign_id: int, days: int, now: datetime, groups: Collection[Unread] = ALL
) -> tuple[str, tuple[Any, ...]]:
    """Return the statement, with its parameters, that puts on a list whom :func:`reminder_counts` counts in groups."""
    sql = (
        f"INSERT INTO list_member (list_id, contact_id, recipient_id) SELECT ?3, r.contact_id, r.id {_FROM}"
        f" AND +r.delivery = {Delivery.DELIVERED.code} AND {_CLASS} IN ({', '.join(map(str, _numbers(groups)))})"
    )
    return sql, (campaign_id, _latest(days, now), list_id)


def _numbers(groups: Collection[Unread]) -> list[int]:
    return sorted(_CLASSES.index(name) for group in groups for name in _GROUPS[group])


def _told(name: str, days: int) -> str:
    return f"sent less than {days} day{'' if days == 1 else 's'} ago" if name == _RECENT else name


def _latest(days: int, now: datetime) -> int:
    return max(0, to_ms(now) - days * DAY_MS)
