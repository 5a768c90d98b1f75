"""The tripwires that hold, the trips, and the numbers that the wires look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from store.cleaning import clean
from store.database import Store
from store.queries.conditions import edge
from store.rows.tripwires import TripRow
from store.times import from_ms, from_ms_or_none, to_ms
from store.tripwires import SETTINGS, Counts, Tripwires, Wire, above, rearm_limit
from store.vocabulary import FACT_COMPLAINED, FAILED_DELIVERY, BounceKind, Delivery

_SKEW = timedelta(days=1)
ALL = 0
"""Stands for all campaigns where the number of one is expected."""

DOMAIN_OF = "CASE WHEN instr({0}, '@') > 0 THEN substr({0}, instr({0}, '@') + 1) ELSE '' END"
"""The receiving domain of an address key, in SQL."""

_DOMAIN = DOMAIN_OF.format("address_key")
_FAILED = ", ".join(str(delivery.code) for delivery in sorted(FAILED_DELIVERY))
_SETTLED = f"delivery >= {Delivery.DELIVERED.code}"
_TRIPS = (
    'SELECT t.id, t.campaign_id, p.name, p.key, t.wire, t.subject, t.part, t.whole, t."limit", t.tripped_at,'
    " t.over_at, t.acked_at, t.acked_by, t.hook_at, t.hook_note, p.ended_at FROM trip AS t CROSS JOIN campaign AS p"
    " ON p.id = t.campaign_id{} ORDER BY t.tripped_at DESC, t.id DESC"
)
_SUMS = (
    "SELECT p.id, p.ended_at,"
    f" sum(CASE WHEN s.delivery = {Delivery.DEFERRED.code} THEN s.n ELSE 0 END),"
    f" sum(CASE WHEN s.delivery = {Delivery.DELIVERED.code} THEN s.n ELSE 0 END),"
    f" sum(CASE WHEN s.delivery = {Delivery.BOUNCED.code} THEN s.n ELSE 0 END),"
    f" sum(CASE WHEN s.delivery IN ({_FAILED}) THEN s.n ELSE 0 END),"
    f" sum(CASE WHEN s.facts & {FACT_COMPLAINED} <> 0 THEN s.n ELSE 0 END),"
    f" sum(CASE WHEN s.delivery = {Delivery.SENT.code} AND EXISTS (SELECT 1 FROM message AS m"
    " WHERE m.campaign_id = p.id) THEN s.n ELSE 0 END)"
    " FROM campaign AS p CROSS JOIN campaign_stat AS s ON s.campaign_id = p.id"
    " WHERE p.ended_at IS NOT NULL{} GROUP BY p.id ORDER BY p.id"
)


@dataclass(frozen=True, slots=True)
class Held:
    """The tripwires of all campaigns.

    Attributes:
        default: what holds where a campaign has nothing of its own.
        own: campaign -> name -> text, of what was set for it; 0 is what was set for all.
    """

    default: Tripwires
    own: Mapping[int, Mapping[str, str]]

    def of(self, campaign_id: int) -> Tripwires:
        """Return what holds for a campaign."""
        return self.default.with_texts(self.own.get(campaign_id, {}))

    def watches(self, campaign_id: int, ended_at: int | None, now: datetime) -> bool:
        """Tell whether a campaign whose last mail went out at ``ended_at`` is still watched.

        One whose mail is to go out in days to come is a clock's fault.
        """
        until = self.watched_until(campaign_id, ended_at)
        return until is not None and ended_at is not None and now <= until and ended_at <= to_ms(now + _SKEW)

    def watched_until(self, campaign_id: int, ended_at: int | None) -> datetime | None:
        """Return when a campaign whose last mail went out at ``ended_at`` falls quiet; None if none did."""
        return None if ended_at is None else from_ms(ended_at) + timedelta(days=self.of(campaign_id).days)


def load(store: Store) -> Held:
    """Return the tripwires that hold."""
    known = {setting.name for setting in SETTINGS}
    own: dict[int, dict[str, str]] = {}
    for campaign, name, value in store.rows("SELECT campaign_id, name, value FROM tripwire WHERE value IS NOT NULL"):
        if name in known:
            own.setdefault(campaign, {})[name] = value
    return Held(Tripwires().with_texts(own.get(ALL, {})), own)


def standing(store: Store, now: datetime, campaign_id: int | None = None) -> tuple[TripRow, ...]:
    """Return the trips that stand, also those acknowledged, of campaigns that are watched at ``now``; newest first."""
    within, given = ("", ()) if campaign_id is None else (" AND t.campaign_id = ?", (campaign_id,))
    found = store.rows(_TRIPS.format(f" WHERE t.over_at IS NULL{within}"), given)
    if not found:
        return ()
    held = load(store)
    return tuple(_trip(values) for values in found if held.watches(values[1], values[-1], now))


def trips(store: Store, campaign_id: int | None = None) -> tuple[TripRow, ...]:
    """Return all trips of a campaign, or of all, also those that are over; the newest first."""
    within, given = ("", ()) if campaign_id is None else (" WHERE t.campaign_id = ?", (campaign_id,))
    return tuple(map(_trip, store.rows(_TRIPS.format(within), given)))


def _trip(values: Sequence[Any]) -> TripRow:
    id_, campaign_id, name, key, wire, subject, part, whole, limit, tripped_at, *rest = values
    over_at, acked_at, acked_by, hook_at, hook_note, _ = rest
    return TripRow(
        id_,
        campaign_id,
        clean(name),
        clean(key),
        Wire(wire),
        clean(subject),
        part,
        whole,
        limit,
        from_ms(tripped_at),
        from_ms_or_none(over_at),
        from_ms_or_none(acked_at),
        clean(acked_by) if acked_by else None,
        from_ms_or_none(hook_at),
        None if hook_note is None else clean(hook_note),
    )


@dataclass(frozen=True, slots=True)
class Sums:
    """What the counters say of a campaign that is watched; ``taken``: by our relay, where it is sent from here.

    No log need ever tell what became of a mail that the relay took: until one does, that it was taken is its outcome.
    Without it the first few refusals would be all mails with an outcome.
    """

    campaign_id: int
    deferred: int
    delivered: int
    bounced: int
    failed: int
    complained: int
    taken: int = 0

    @property
    def settled(self) -> int:
        """With an outcome."""
        return self.delivered + self.failed + self.taken


def watched(store: Store, held: Held, now: datetime) -> Iterator[Sums]:
    """Yield the sums of the campaigns that are watched at ``now``."""
    days = max([held.default.days, *(held.of(campaign).days for campaign in held.own)])
    since = to_ms(now - timedelta(days=days))
    for id_, ended_at, *sums in store.rows(_SUMS.format(" AND p.ended_at >= ?"), (since,)):
        if held.watches(id_, ended_at, now):
            yield Sums(id_, *sums)


@dataclass(slots=True)
class Counting:
    """Counts what the wires of campaigns look at, and only as far as it can matter.

    The counters tell most. Hard bounces are counted where there are enough bounces at all to be near the limit; mails
    with an outcome by domain, which takes a pass over the campaign, where a domain failed more often than the limit
    allows for the number it had at the last pass: that number only grows as the sending goes on.
    """

    store: Store
    _settled: dict[int, dict[str, int]] = field(default_factory=dict)

    def counts(self, sums: Sums, wires: Tripwires, domains: frozenset[str]) -> Counts:
        """Return the counts of one campaign.

        Args:
            sums: what the counters say.
            wires: what holds for it.
            domains: receiving domains to be counted in any case, since a trip of theirs stands.
        """
        hard = sums.bounced
        if wires.hard is not None and above(hard, sums.settled, rearm_limit(wires.hard)):
            hard = self._hard(sums.campaign_id)
        failed = {} if wires.domain is None else self._domains(sums, wires, wires.domain, domains)
        tried = sums.settled + sums.deferred
        return Counts(tried, sums.settled, sums.delivered, sums.deferred, sums.complained, hard, failed)

    def _hard(self, campaign_id: int) -> int:
        found = self.store.row(
            f"SELECT count(*) FROM recipient WHERE campaign_id = ? AND bounced_at IS NOT NULL"
            f" AND delivery = {Delivery.BOUNCED.code} AND bounce_kind = {BounceKind.HARD.code}",
            (campaign_id,),
        )
        return int(found[0]) if found else 0

    def _domains(
        self, sums: Sums, wires: Tripwires, limit: int, standing: frozenset[str]
    ) -> dict[str, tuple[int, int]]:
        campaign_id = sums.campaign_id
        failed: dict[str, int] = {}
        if above(sums.failed, wires.domain_least, limit):
            failed = dict(
                self.store.rows(
                    f"SELECT {_DOMAIN}, count(*) FROM recipient WHERE campaign_id = ? AND bounced_at IS NOT NULL"
                    f" AND delivery IN ({_FAILED}) GROUP BY 1",
                    (campaign_id,),
                )
            )
        known = self._settled.setdefault(campaign_id, {})
        near = {
            domain
            for domain, count in failed.items()
            if above(count, max(wires.domain_least, known.get(domain, 0)), limit)
        }
        wanted = near | standing
        if not wanted:
            return {}
        settled = self._passed(campaign_id, wanted, taken=sums.taken > 0)
        known.update(settled)
        return {domain: (failed.get(domain, 0), settled.get(domain, 0)) for domain in sorted(wanted)}

    def _passed(self, campaign_id: int, domains: set[str], *, taken: bool) -> dict[str, int]:
        """Count the mails with an outcome at these domains, in one pass over the campaign."""
        import json

        outcome = f"({_SETTLED} OR delivery = {Delivery.SENT.code})" if taken else _SETTLED

        return dict(
            self.store.rows(
                f"SELECT {_DOMAIN} AS domain, count(*) FROM recipient NOT INDEXED WHERE campaign_id = ?1 AND id BETWEEN"
                f" {edge('min', '?1')} AND {edge('max', '?1')} AND {outcome}"
                f" AND {_DOMAIN} IN (SELECT value FROM json_each(?2, '$')) GROUP BY 1",
                (campaign_id, json.dumps(sorted(domains))),
            )
        )
