"""Taking events out of recipients again: the way back of :func:`store.landing.insert_events`.

The recipients are derived anew from all events that remain; clickers, links, the campaigns' dates, the counters and the
addresses follow. Whoever put the events in knows what else followed from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from store import derive
from store.database import Store
from store.fold import SENDING
from store.merging import OF_EVENTS
from store.vocabulary import Actor, EventType

_SENDING = ", ".join(str(type_.code) for type_ in sorted(SENDING))
_CLICKED, _MACHINE = EventType.CLICKED.code, Actor.MACHINE.code


def withdraw(store: Store, taken: Mapping[int, Sequence[bytes]]) -> None:
    """Take events with these dedupe keys out of these recipients; call it inside a transaction."""
    sql = "SELECT id, recipient_id, campaign_id, type, ts, link_id, dedupe FROM event WHERE dedupe IN ({})"
    wanted = {key: recipient for recipient, keys in taken.items() for key in keys}
    found = [row for row in store.among(sql, list(wanted)) if wanted[bytes(row[-1])] == row[1]]
    store.execute_many("DELETE FROM event WHERE id = ?", [(row[0],) for row in found])
    links: dict[int, set[int]] = {}
    times: dict[int, set[int]] = defaultdict(set)
    for _, recipient, campaign, type_, ts, link, _ in found:
        links.setdefault(recipient, set()).update(() if link is None else (link,))
        if EventType.of(type_) in SENDING:
            times[campaign].add(ts)
    refold(store, {recipient: sorted(some) for recipient, some in links.items()})
    for campaign, some in times.items():
        _date(store, campaign, some)


def refold(store: Store, changed: Mapping[int, Sequence[int]]) -> None:
    """Derive recipients anew from all of their events, and their clicks on links; call it inside a transaction.

    Args:
        store: the open store.
        changed: recipient -> links on which its clicks have changed.
    """
    if not changed:
        return
    derive.touch(store, changed)
    with derive.counted(store):
        store.execute(
            f"UPDATE recipient SET ({', '.join(OF_EVENTS)}) = (SELECT {', '.join(OF_EVENTS.values())} FROM event"
            " WHERE recipient_id = recipient.id) WHERE id IN (SELECT id FROM touched)"
        )
    derive.settle(store)
    _collect_clicks(store, [(link, recipient) for recipient, links in changed.items() for link in links])


def _collect_clicks(store: Store, clicked: Sequence[tuple[int, int]]) -> None:
    """Count clicks of (link, recipient) anew, and drop links that no event names any more."""
    store.execute_many("DELETE FROM clicker WHERE link_id = ? AND recipient_id = ?", clicked)
    store.execute_many(
        "INSERT INTO clicker (campaign_id, link_id, recipient_id, clicks, machine_clicks, first_at, last_at)"
        " SELECT campaign_id, link_id, recipient_id,"
        f" sum(CASE WHEN actor <> {_MACHINE} THEN times ELSE 0 END),"
        f" sum(CASE WHEN actor = {_MACHINE} THEN times ELSE 0 END),"
        f" min(ts), max(ts) FROM event WHERE link_id = ? AND recipient_id = ? AND type = {_CLICKED} GROUP BY 1, 2, 3",
        clicked,
    )
    store.execute_many(
        "DELETE FROM link WHERE id = ? AND NOT EXISTS (SELECT 1 FROM clicker AS c WHERE"
        " c.campaign_id = link.campaign_id AND c.link_id = link.id)"
        " AND NOT EXISTS (SELECT 1 FROM event AS e WHERE e.link_id = link.id)",
        [(link,) for link in sorted({link for link, _ in clicked})],
    )


def _date(store: Store, campaign_id: int, times: set[int]) -> None:
    """Find the campaign's first and last event of its sending anew, if it may have been one of those taken out."""
    bounds = store.execute("SELECT started_at, ended_at FROM campaign WHERE id = ?", (campaign_id,)).fetchone()
    if times.intersection(bounds):
        store.execute(
            "UPDATE campaign SET (started_at, ended_at) = (SELECT min(ts), max(ts) FROM event"
            f" WHERE campaign_id = campaign.id AND type IN ({_SENDING})) WHERE id = ?",
            (campaign_id,),
        )
