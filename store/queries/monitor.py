"""How the sending of a campaign goes, read again and again while mail is under way.

The outcomes by minute are counted once, into a temporary table of an own connection (0.6 s at a million recipients);
from then on only recipients are looked at to whom something happened since, by the events' rising ids. What events do
not tell (a mark of an operator, an event taken back) shows in the journal or in the counters: then all is counted anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from store.cleaning import clean
from store.database import Connection, Store
from store.errors import NotFound
from store.queries import tripwires
from store.queries.campaigns import read_campaign
from store.queries.conditions import edge
from store.queries.snapshot import Snapshot
from store.queries.tripwires import DOMAIN_OF
from store.rows import CampaignRow
from store.rows.monitor import DeferredRow, MinuteRow, MonitorRow
from store.times import from_ms, from_ms_or_none
from store.vocabulary import BounceKind, Delivery, EventType

DOMAINS: Final = 200
"""So many deferring domains are told, those with the most recipients."""

_STEP = 50_000
_MINUTE_MS = 60_000
_DELIVERED, _HARD, _OTHER = 1, 2, 3
_KINDS = 4
_SETTLED = f"r.delivery >= {Delivery.DELIVERED.code}"
_ARRIVED_AT = (
    "coalesce(r.delivered_at, r.sent_at, r.opened_at, r.clicked_at, r.replied_at, r.machine_opened_at,"
    " r.machine_clicked_at, r.complained_at, 0)"
)
"""When a mail was taken; where only its reading tells of that, when it was sent, or read first."""

_SLOT = (
    f"CASE WHEN r.delivery = {Delivery.DELIVERED.code}"
    f" THEN max({_ARRIVED_AT}, 0) / {_MINUTE_MS} * {_KINDS} + {_DELIVERED}"
    f" WHEN {_SETTLED} THEN max(coalesce(r.bounced_at, r.failed_at, 0), 0) / {_MINUTE_MS} * {_KINDS}"
    f" + CASE WHEN r.delivery = {Delivery.BOUNCED.code} AND r.bounce_kind = {BounceKind.HARD.code}"
    f" THEN {_HARD} ELSE {_OTHER} END END"
)
"""Minute and outcome of a recipient as one number; NULL without an outcome."""

_ALL = (
    f"FROM recipient AS r NOT INDEXED WHERE r.campaign_id = ?1 AND r.id BETWEEN {edge('min', '?1')}"
    f" AND {edge('max', '?1')} AND {_SETTLED}"
)
_FRESH = (
    f"INSERT INTO fresh SELECT r.id, s.slot, {_SLOT} AS now FROM (SELECT DISTINCT recipient_id AS id FROM event"
    " WHERE id > ? AND id <= ? AND campaign_id = ?) AS e CROSS JOIN recipient AS r ON r.id = e.id"
    f" LEFT JOIN seen AS s ON s.id = r.id WHERE ({_SLOT}) IS NOT s.slot"
)
_ENDED = "SELECT ended_at FROM campaign WHERE id = ?"
_DOMAIN = DOMAIN_OF.format("r.address_key")
_WAITING = f"r.campaign_id = ? AND r.delivery = {Delivery.DEFERRED.code}"
_DEFERRED = (
    "SELECT domain, n, last, id, address, count(*) OVER (), max(last) OVER ()"
    f" FROM (SELECT {_DOMAIN} AS domain, count(*) AS n, max(r.deferred_at) AS last, {{}} AS id, {{}} AS address"
    f" FROM recipient AS r WHERE {_WAITING} GROUP BY domain) ORDER BY n DESC, domain LIMIT {DOMAINS}"
)
"""The recipient tried last stands for its domain."""

_SINCE = (
    f"SELECT {_DOMAIN} AS domain, min(e.ts) FROM recipient AS r CROSS JOIN event AS e ON e.recipient_id = r.id"
    f" WHERE {_WAITING} AND e.type = {EventType.DEFERRED.code}"
    f" AND {_DOMAIN} IN (SELECT value FROM json_each(?, '$')) GROUP BY 1"
)
_WORDS = (
    "SELECT j.value, e.status, e.reply, e.diagnostic FROM json_each(?) AS j CROSS JOIN event AS e ON e.id ="
    f" (SELECT id FROM event WHERE recipient_id = j.value AND type = {EventType.DEFERRED.code}"
    " ORDER BY ts DESC, id DESC LIMIT 1)"
)


class SendMonitor:
    """The sending of one campaign; may be called from any thread, :meth:`interrupt` while another one reads.

    Args:
        store: the open store.
        campaign_id: the campaign.
    """

    def __init__(self, store: Store, campaign_id: int) -> None:
        """Open the monitor's own connection; :meth:`close` closes it."""
        self._store = store
        self._campaign_id = campaign_id
        self._own = Snapshot(store)
        last = (store.of_highest(f"r.{column}", "r.deferred_at") for column in ("id", "address"))
        self._deferring = _DEFERRED.format(*last)
        self._slots: Counter[int] = Counter()
        self._upto = -1
        self._entry = -1
        self._astray = (0, 0)

    def read(self, now: datetime) -> MonitorRow:
        """Return how the sending stands.

        Args:
            now: aware UTC time, which tells whether the campaign is still watched.

        Raises:
            NotFound: there is no such campaign any more.
            Interrupted: :meth:`interrupt` or :meth:`close` was called meanwhile.
        """
        held = tripwires.load(self._store)
        trips = tripwires.standing(self._store, now, self._campaign_id)
        with self._own.working() as connection:
            connection.execute("BEGIN")
            campaign = read_campaign(connection, self._campaign_id)
            if campaign is None:
                raise NotFound("This campaign is no longer there.")
            self._catch_up(connection, campaign)
            (ended,) = connection.execute(_ENDED, (self._campaign_id,)).fetchone()
            domains, count, last = self._deferred(connection)
            deferred, waiting = self._under_way(connection)
            connection.execute("COMMIT")
        return MonitorRow(
            campaign=campaign,
            minutes=tuple(self._minutes()),
            hard=sum(n for slot, n in self._slots.items() if slot % _KINDS == _HARD),
            deferred=deferred,
            waiting=waiting,
            domains=domains,
            domain_count=count,
            last_at=self._last_at(campaign, last),
            wires=held.of(self._campaign_id),
            trips=trips,
            watched_until=held.watched_until(self._campaign_id, ended),
        )

    def interrupt(self) -> None:
        """Break off what is under way; it raises Interrupted."""
        self._own.interrupt()

    def close(self) -> None:
        """Close the connection; it cannot be read any more."""
        self._own.close()

    def _catch_up(self, connection: Connection, campaign: CampaignRow) -> None:
        """Count what happened since the last time, or all anew if events do not tell all of it."""
        upto = connection.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0]
        entry = connection.execute("SELECT coalesce(max(id), 0) FROM journal").fetchone()[0]
        if self._upto < 0 or upto < self._upto or entry != self._entry:
            self._count(connection)
        else:
            for first in range(self._upto, upto, _STEP):
                self._add(connection, first, min(first + _STEP, upto))
            if self._off(campaign) != self._astray:
                self._count(connection)
        self._upto, self._entry, self._astray = upto, entry, self._off(campaign)

    def _count(self, connection: Connection) -> None:
        self._upto = -1
        connection.execute("DROP TABLE IF EXISTS temp.seen")
        connection.execute("DROP TABLE IF EXISTS temp.fresh")
        connection.execute("CREATE TEMP TABLE seen (id INTEGER PRIMARY KEY, slot INTEGER NOT NULL)")
        connection.execute("CREATE TEMP TABLE fresh (id INTEGER PRIMARY KEY, old INTEGER, now INTEGER)")
        connection.execute(f"INSERT INTO seen SELECT r.id, {_SLOT} {_ALL}", (self._campaign_id,))
        self._slots = Counter(dict(connection.execute("SELECT slot, count(*) FROM seen GROUP BY slot").fetchall()))

    def _add(self, connection: Connection, after: int, upto: int) -> None:
        """Move the recipients to whom something happened in events above ``after`` to their new minutes."""
        connection.execute(_FRESH, (after, upto, self._campaign_id))
        for sign, column in ((-1, "old"), (1, "now")):
            sql = f"SELECT {column}, count(*) FROM fresh WHERE {column} IS NOT NULL GROUP BY 1"
            for slot, n in connection.execute(sql).fetchall():
                self._slots[slot] += sign * n
        connection.execute(
            "INSERT INTO seen SELECT id, now FROM fresh WHERE now IS NOT NULL"
            " ON CONFLICT (id) DO UPDATE SET slot = excluded.slot"
        )
        connection.execute("DELETE FROM seen WHERE id IN (SELECT id FROM fresh WHERE now IS NULL)")
        connection.execute("DELETE FROM temp.fresh")

    def _off(self, campaign: CampaignRow) -> tuple[int, int]:
        """Return by how much the minutes differ from the counters, in delivered and in failed."""
        delivered = sum(n for slot, n in self._slots.items() if slot % _KINDS == _DELIVERED)
        return campaign.delivered - delivered, campaign.failed - (self._slots.total() - delivered)

    def _minutes(self) -> Iterator[MinuteRow]:
        by_minute: dict[int, list[int]] = {}
        for slot, n in self._slots.items():
            by_minute.setdefault(slot // _KINDS, [0] * _KINDS)[slot % _KINDS] += n
        for minute in sorted(by_minute):
            _, delivered, hard, other = by_minute[minute]
            if delivered or hard or other:
                yield MinuteRow(from_ms(minute * _MINUTE_MS), delivered, hard, other)

    def _last_at(self, campaign: CampaignRow, deferred: int | None) -> datetime | None:
        """Return when a mail was delivered or tried last; a bounce can come days later and tells nothing of it."""
        minutes = [slot // _KINDS for slot, n in self._slots.items() if n and slot % _KINDS == _DELIVERED]
        known = [moment for moment in (max(minutes, default=0) * _MINUTE_MS, deferred or 0) if moment]
        return from_ms(max(known)) if known else campaign.started_at

    def _under_way(self, connection: Connection) -> tuple[int, int]:
        found = dict(
            connection.execute(
                "SELECT delivery, sum(n) FROM campaign_stat WHERE campaign_id = ? GROUP BY 1", (self._campaign_id,)
            ).fetchall()
        )
        return found.get(Delivery.DEFERRED.code, 0), found.get(Delivery.SENT.code, 0)

    def _deferred(self, connection: Connection) -> tuple[tuple[DeferredRow, ...], int, int | None]:
        """Return the domains that defer, how many there are, and when one of them was tried last."""
        found = connection.execute(self._deferring, (self._campaign_id,)).fetchall()
        if not found:
            return (), 0, None
        named = json.dumps([row[0] for row in found])
        since = dict(connection.execute(_SINCE, (self._campaign_id, named)).fetchall())
        ids = json.dumps([row[3] for row in found])
        words = {id_: said for id_, *said in connection.execute(_WORDS, (ids,)).fetchall()}
        return tuple(_domain(row, since, words) for row in found), found[0][5], found[0][6]


def _domain(values: tuple[Any, ...], since: dict[str, int], words: dict[int, list[Any]]) -> DeferredRow:
    domain, n, last, id_, address, _, _ = values
    status, reply, diagnostic = words.get(id_, (None, None, None))
    written = address.rpartition("@")[2].lower() if "xn--" in domain else domain
    return DeferredRow(
        clean(written),
        domain,
        n,
        from_ms_or_none(since.get(domain)),
        from_ms_or_none(last),
        clean(status) if status else None,
        reply,
        clean(diagnostic or ""),
    )
