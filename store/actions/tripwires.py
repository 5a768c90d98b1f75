"""Setting tripwires, and acknowledging what tripped them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from store import journal
from store.actions.marking import left_alone, lines, nothing, put, read
from store.database import Store
from store.errors import NotFound
from store.journal import Operator
from store.queries.tripwires import ALL, load
from store.rows import Change
from store.times import to_ms
from store.tripwires import Tripwires, setting_named

SCOPES = frozenset({"campaigns", "journal"})
INHERITED = "default"
"""As a value: what holds for all campaigns, or what the program comes with."""


def set_tripwires(
    store: Store, campaign_id: int | None, texts: Mapping[str, str], who: Operator, now: datetime
) -> Change:
    """Change tripwires of a campaign, or what holds for all that have nothing of their own.

    Args:
        store: the open store.
        campaign_id: the campaign; None: all.
        texts: name -> value as operators write it; "default" gives up what was set.
        who: the operator.
        now: aware UTC time.

    Raises:
        BadInput: no tripwire has one of the names, or a value does not fit.
        NotFound: there is no such campaign.
    """
    wanted = {setting_named(name).name: _wanted(name, text) for name, text in texts.items()}

    def change() -> Change:
        of = ALL if campaign_id is None else campaign_id
        held = load(store)
        own = held.own.get(of, {})
        below = held.default if of else Tripwires()
        changing = {name: value for name, value in wanted.items() if own.get(name) != value}
        if not changing:
            return Change("tripwire", None, 0, "The tripwires are set so already.")
        ids = _rows(store, of, list(changing))
        before = read(store, "tripwire", list(ids.values()))
        changes: dict[int, dict[str, Any]] = {ids[name]: {"value": value} for name, value in changing.items()}
        put(store, "tripwire", changes)
        words = [
            f"{name} {own.get(name) or below.text(name)} → {value or f'{below.text(name)} (default)'}"
            for name, value in changing.items()
        ]
        said = f"Tripwires of {_named(store, of)}: {'; '.join(words)}"
        entry = journal.write(store, who, now, "tripwire", said, lines("tripwire", before, changes))
        return Change("tripwire", entry, len(changing), said, scopes=SCOPES)

    return store.run(change)


def acknowledge(store: Store, trip_ids: Sequence[int], who: Operator, now: datetime) -> Change:
    """Take note of trips: they ring no more until their wires were armed again and tripped anew.

    Args:
        store: the open store.
        trip_ids: the trips.
        who: the operator.
        now: aware UTC time.
    """

    def change() -> Change:
        before = read(store, "trip", trip_ids, ("over_at",))
        refused = [(id_, "It is no longer there.") for id_ in trip_ids if id_ not in before]
        changes: dict[int, dict[str, Any]] = {}
        for id_, row in before.items():
            if row["over_at"] is not None:
                refused.append((id_, "It is over."))
            elif row["acked_at"] is not None:
                refused.append((id_, f"{row['acked_by']} has acknowledged it already."))
            else:
                changes[id_] = {"acked_at": to_ms(now), "acked_by": who.name}
        if not changes:
            return Change("acknowledge", None, 0, nothing(refused), tuple(refused))
        put(store, "trip", changes)
        noun = "1 tripwire" if len(changes) == 1 else f"{len(changes):,} tripwires"
        said = f"{noun} acknowledged: {_listed(store, list(changes))}{left_alone(refused)}"
        entry = journal.write(store, who, now, "acknowledge", said, lines("trip", before, changes))
        return Change("acknowledge", entry, len(changes), said, tuple(refused), SCOPES)

    return store.run(change)


def _wanted(name: str, text: str) -> str | None:
    """Return the text to be kept; None for what is inherited."""
    if text.strip().casefold() == INHERITED:
        return None
    setting = setting_named(name)
    return setting.written(setting.read(text))


def _rows(store: Store, campaign_id: int, names: Sequence[str]) -> dict[str, int]:
    """Return the ids of these settings' rows; missing ones are made, with nothing set."""
    store.execute_many(
        "INSERT OR IGNORE INTO tripwire (campaign_id, name) VALUES (?, ?)", [(campaign_id, name) for name in names]
    )
    sql = "SELECT name, id FROM tripwire WHERE campaign_id = ? AND name IN ({})"
    return dict(store.among(sql, names, (campaign_id,)))


def _named(store: Store, campaign_id: int) -> str:
    if campaign_id == ALL:
        return "all campaigns"
    found = store.execute("SELECT name FROM campaign WHERE id = ?", (campaign_id,)).fetchone()
    if found is None:
        raise NotFound("This campaign is no longer there.")
    return str(found[0])


def _listed(store: Store, ids: Sequence[int]) -> str:
    found = store.among(
        "SELECT p.name, t.wire, t.subject FROM trip AS t JOIN campaign AS p ON p.id = t.campaign_id"
        " WHERE t.id IN ({}) ORDER BY t.id",
        ids,
    )
    return "; ".join(f"{name}: {wire}{f' {domain}' if domain else ''}" for name, wire, domain in found)
