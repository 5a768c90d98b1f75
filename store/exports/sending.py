"""The send monitor and its tripwires as objects for JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from store.exports.json import campaign_object, iso, plain
from store.pace import pace
from store.queries.tripwires import ALL, Held
from store.rows.monitor import MonitorRow
from store.rows.tripwires import TripRow
from store.tripwires import SETTINGS, WHOLE, Tripwires, Wire

_PLACES = 4


def trip_object(trip: TripRow) -> dict[str, Any]:
    """Return what tripped a wire.

    "hook" is how its hook ended: null not at all, or not yet, "" well, else what went wrong.
    """
    counted = trip.wire is Wire.COMPLAINTS
    return {
        "campaign": trip.campaign,
        "wire": trip.wire.value,
        "domain": trip.domain or None,
        "part": trip.part,
        "whole": trip.whole,
        "share": round(trip.part / trip.whole, _PLACES) if trip.whole else None,
        "limit": trip.limit if counted else trip.limit / WHOLE,
        "why": trip.why,
        "rings": trip.rings,
        "since": iso(trip.tripped_at),
        "over_at": plain(trip.over_at),
        "acknowledged_at": plain(trip.acked_at),
        "acknowledged_by": trip.acked_by,
        "hook_at": plain(trip.hook_at),
        "hook": trip.hook_note,
    }


def tripwire_objects(held: Held, campaign_id: int | None) -> list[dict[str, Any]]:
    """Return every setting of the tripwires with its value, what would hold without it, and whether it was set here."""
    of = ALL if campaign_id is None else campaign_id
    wires = held.default if campaign_id is None else held.of(campaign_id)
    below = Tripwires() if campaign_id is None else held.default
    own = held.own.get(of, {})
    return [
        {
            "name": setting.name,
            "value": wires.text(setting.name),
            "default": below.text(setting.name),
            "set": setting.name in own,
            "help": setting.help,
            "allowed": setting.allowed,
        }
        for setting in SETTINGS
    ]


def monitor_object(row: MonitorRow, now: datetime) -> dict[str, Any]:
    """Return how a sending goes at ``now``; rates are mails a minute, "minutes" those with outcomes."""
    found = pace(row, now)
    return {
        **campaign_object(row.campaign),
        "going": found.going.value,
        "rate_now": None if found.now is None else round(found.now, 1),
        "rate_average": None if found.average is None else round(found.average, 1),
        "from": plain(found.begin),
        "to": plain(found.end),
        "last_at": plain(row.last_at),
        "to_send": row.to_send,
        "settled": row.settled,
        "done": round(row.settled / row.to_send, _PLACES) if row.to_send else None,
        "to_go": row.to_go,
        "left_s": None if found.left is None else round(found.left.total_seconds()),
        "hard": row.hard,
        "deferred": row.deferred,
        "deferred_domains": row.domain_count,
        "domains": [{name: plain(value) for name, value in asdict(domain).items()} for domain in row.domains],
        "minutes": [
            {"at": iso(minute.at), "delivered": minute.delivered, "hard": minute.hard, "other": minute.other}
            for minute in row.minutes
        ],
        "tripwires": [trip_object(trip) for trip in row.trips],
        "watched_until": plain(row.watched_until),
    }
