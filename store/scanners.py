"""Telling security scanners from people: who follows many links of one mail within seconds is none.

The clicks of a burst are labelled as a machine's, never dropped. Whether a click is in a burst depends on the set of
the recipient's clicks alone, and more clicks never take one out of it: whatever the order in which they land, the
same ones are labelled in the end. A short time since the sending alone tells nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from store.database import Store
from store.vocabulary import Actor, EventType

BURSTS = ((3, 2_000), (6, 10_000))
"""So many different links within so many milliseconds are more than a person follows."""

_FEWEST = min(links for links, _ in BURSTS)
_CLICKED, _MACHINE = EventType.CLICKED.code, Actor.MACHINE.code


@dataclass(frozen=True, slots=True, order=True)
class Click:
    """One click of a recipient: when (epoch milliseconds), on which link, and the event's id."""

    ts: int
    link: int
    id: int


def in_bursts(clicks: Iterable[Click]) -> frozenset[int]:
    """Return the ids of those clicks of one recipient that are part of a burst."""
    ordered = sorted(clicks)
    found: set[int] = set()
    for links, span in BURSTS:
        within: Counter[int] = Counter()
        first = 0
        labelled = 0
        for last, click in enumerate(ordered):
            within[click.link] += 1
            while click.ts - ordered[first].ts > span:
                gone = ordered[first].link
                within[gone] -= 1
                if not within[gone]:
                    del within[gone]
                first += 1
            if len(within) >= links:
                found.update(one.id for one in ordered[max(first, labelled) : last + 1])
                labelled = last + 1
    return frozenset(found)


def label(store: Store, after_event: int) -> dict[int, list[int]]:
    """Label the clicks of bursts that the events above ``after_event`` complete, before these are absorbed.

    Returns:
        Recipient -> links, where clicks that had counted as a person's do so no more.
    """
    wanted = store.execute(
        "SELECT b.recipient_id FROM (SELECT recipient_id, count(*) AS n FROM event WHERE id > ?"
        f" AND type = {_CLICKED} AND link_id IS NOT NULL GROUP BY +recipient_id) AS b CROSS JOIN recipient AS r"
        f" WHERE r.id = b.recipient_id AND (r.clicks + b.n >= {_FEWEST} OR r.machine_clicked_at IS NOT NULL)",
        (after_event,),
    ).fetchall()
    if not wanted:
        return {}
    clicks: dict[int, list[Click]] = defaultdict(list)
    people: dict[int, tuple[int, int]] = {}
    sql = (
        f"SELECT recipient_id, ts, link_id, id, actor FROM event WHERE type = {_CLICKED} AND link_id IS NOT NULL"
        " AND recipient_id IN ({})"
    )
    for recipient, ts, link, id_, actor in store.among(sql, [recipient for (recipient,) in wanted]):
        clicks[recipient].append(Click(ts, link, id_))
        if actor != _MACHINE:
            people[id_] = (recipient, link)
    changed = [id_ for some in clicks.values() for id_ in in_bursts(some) if id_ in people]
    store.execute_many(f"UPDATE event SET actor = {_MACHINE} WHERE id = ?", [(id_,) for id_ in changed])
    before: dict[int, list[int]] = defaultdict(list)
    for recipient, link in sorted({people[id_] for id_ in changed if id_ <= after_event}):
        before[recipient].append(link)
    return before
