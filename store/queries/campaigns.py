"""Campaigns with their buckets and rates, from the counters alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from store.addresses import campaign_key
from store.cleaning import clean, clean_or_none
from store.database import Connection, Store
from store.errors import NotFound
from store.rows import CampaignRow
from store.times import from_ms, from_ms_or_none
from store.vocabulary import (
    BUCKET_OF,
    FACT_CLICKED,
    FACT_COMPLAINED,
    FACT_MACHINE,
    FACT_READ,
    FACT_REPLIED,
    FACT_UNSUBSCRIBED,
    FAILED_DELIVERY,
    Bucket,
    FollowUp,
    Triage,
)

_NEAR = 3
_FACTS = (FACT_READ, FACT_MACHINE, FACT_CLICKED, FACT_REPLIED, FACT_UNSUBSCRIBED, FACT_COMPLAINED)
_FAILED = ", ".join(str(delivery.code) for delivery in sorted(FAILED_DELIVERY))


def _sum(test: str) -> str:
    return f"coalesce(sum(CASE WHEN {test} THEN s.n END), 0)"


def _bucket(bucket: Bucket) -> str:
    codes = ", ".join(str(delivery.code) for delivery, found in BUCKET_OF.items() if found is bucket)
    return _sum(f"s.delivery IN ({codes})")


_BUCKETS = (
    Bucket.READY,
    Bucket.SKIPPED,
    Bucket.UNDER_WAY,
    Bucket.DELIVERED,
    Bucket.BOUNCED,
    Bucket.EXPIRED,
    Bucket.REJECTED,
)
_SQL = (
    "SELECT p.id, p.name, p.key, p.subject, p.created_at, p.started_at, coalesce(sum(s.n), 0),"
    f" {', '.join(map(_bucket, _BUCKETS))},"
    " (SELECT count(DISTINCT x.address_key) FROM stranger AS x WHERE x.campaign_id = p.id),"
    f" {', '.join(_sum(f's.facts & {fact} <> 0') for fact in _FACTS)},"
    f" {_sum(f's.delivery IN ({_FAILED}) AND s.triage IN ({Triage.OPEN.code}, {Triage.LATER.code})')}"
    ", min(q.id), min(q.name), p.follow_up FROM campaign AS p LEFT JOIN campaign_stat AS s ON s.campaign_id = p.id"
    " LEFT JOIN campaign AS q ON q.id = p.parent_id{}"
    " GROUP BY p.id ORDER BY coalesce(p.started_at, p.created_at) DESC, p.id DESC"
)


def any_trip(store: Store) -> bool:
    """Tell whether a tripwire of any campaign has ever tripped; what tripwires are is not loaded for that."""
    return store.row("SELECT 1 FROM trip LIMIT 1") is not None


def list_campaigns(store: Store) -> tuple[CampaignRow, ...]:
    """Return all campaigns, the newest sending first (by its making where nothing was sent yet).

    What follows a campaign up stands below it, in the order in which it was made; the newest of them places all.
    """
    return _in_families([_row(values) for values in store.rows(_SQL.format(""))])


def _in_families(rows: Sequence[CampaignRow]) -> tuple[CampaignRow, ...]:
    if all(row.parent_id is None for row in rows):
        return tuple(rows)
    known = {row.id: row for row in rows}
    children: dict[int, list[CampaignRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        # A parent is older than its children: nothing can go round in a circle.
        if row.parent_id is not None and row.parent_id < row.id:
            children[row.parent_id].append(row)
    placed: dict[int, CampaignRow] = {}

    def place(row: CampaignRow, depth: int) -> None:
        placed[row.id] = replace(row, depth=depth)
        for child in children[row.id]:
            place(child, depth + 1)

    for row in rows:
        root = row
        while root.parent_id is not None and root.parent_id < root.id:
            root = known[root.parent_id]
        if root.id not in placed:
            place(root, 0)
    return tuple(placed.values())


def read_campaign(connection: Connection, campaign_id: int) -> CampaignRow | None:
    """Return a campaign as a connection sees it, perhaps in a transaction; None if it is not there."""
    found = connection.execute(_SQL.format(" WHERE p.id = ?"), (campaign_id,)).fetchone()
    return _row(found) if found else None


def find_campaign(store: Store, name: str) -> CampaignRow:
    """Return the campaign of this name or key; case and blanks do not matter.

    Raises:
        NotFound: there is none; the text names those that are nearly called so.
    """
    wanted = campaign_key(name)
    known = store.rows("SELECT id, name, key FROM campaign ORDER BY id")
    for column in (1, 2):
        for row in known:
            if campaign_key(row[column]) == wanted:
                return _row(store.rows(_SQL.format(" WHERE p.id = ?"), (row[0],))[0])
    if not known:
        raise NotFound(f"There is no campaign “{clean(name)}”; the store holds none yet.")
    from difflib import get_close_matches

    by_word = {campaign_key(word): row[1] for row in known for word in row[1:]}
    near = dict.fromkeys(by_word[word] for word in get_close_matches(wanted, by_word, _NEAR, 0.5))
    listed = ", ".join(f"“{clean(word)}”" for word in near or [row[1] for row in known[-_NEAR:]])
    raise NotFound(f"There is no campaign “{clean(name)}”; {f'is it {listed}?' if near else f'the last are {listed}.'}")


def _row(values: Sequence[Any]) -> CampaignRow:
    id_, name, key, subject, created_at, started_at, *counts, parent_id, parent, follow_up = values
    row = CampaignRow(
        id_, clean(name), clean(key), clean(subject), from_ms(created_at), from_ms_or_none(started_at), *counts
    )
    what = None if follow_up is None else FollowUp.of(follow_up)
    return replace(row, parent_id=parent_id, parent=clean_or_none(parent), follow_up=what)
