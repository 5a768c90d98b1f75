"""listmonk's tables (its schema.sql, from version 2.0 on): the questions, and what the rows of each table mean.

What is new since an earlier reading is told by the row's id. Ids are given out before their rows are committed, so
among the last ids of the earlier reading rows may have been missing; those were written by transactions that were not
over then, which the row's ``xmin`` tells. ``subscriber_lists`` has no ids and its rows change: there the time of the
change and ``xmin`` tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from store.addresses import campaign_key
from store.feeds.campaign import CAMPAIGN_HEADERS
from store.feeds.esp.paths import decoded
from store.feeds.listmonk.bounces import BounceRow, bounce_records
from store.feeds.record import Defect, Record
from store.vocabulary import Attribution, EventType, Source

NEEDED = {
    "campaigns": ("id", "uuid", "name", "type", "started_at"),
    "subscribers": ("id", "email", "name", "status"),
    "links": ("id", "url"),
    "campaign_views": ("id", "campaign_id", "subscriber_id", "created_at"),
    "link_clicks": ("id", "campaign_id", "link_id", "subscriber_id", "created_at"),
    "bounces": ("id", "campaign_id", "subscriber_id", "type", "meta", "created_at"),
    "campaign_lists": ("campaign_id", "list_id"),
    "subscriber_lists": ("subscriber_id", "list_id", "status", "created_at", "updated_at"),
}
"""The tables that are read, with the columns."""

WINDOW = 1000
"""How many ids back a row may still appear: listmonk writes each in a statement of its own, on some dozens of
connections."""

_META_CHARS = 4_000_000
_YEARS_S = (631_152_000, 4_102_444_800)

_NEW = "t.id > %(window)s AND (t.id > %(high)s OR age(t.xmin) <= %(age)s)"
_OF = " AND t.campaign_id = %(campaign)s"
_SINCE = " AND t.created_at >= to_timestamp(%(since)s::float8)"

VIEWS = f"""
SELECT t.id, t.campaign_id, s.email, s.name, EXTRACT(EPOCH FROM t.created_at)::float8
FROM campaign_views t JOIN subscribers s ON s.id = t.subscriber_id WHERE {_NEW}{{}} ORDER BY t.id"""

CLICKS = f"""
SELECT t.id, t.campaign_id, s.email, s.name, EXTRACT(EPOCH FROM t.created_at)::float8, l.url
FROM link_clicks t JOIN subscribers s ON s.id = t.subscriber_id JOIN links l ON l.id = t.link_id
WHERE {_NEW}{{}} ORDER BY t.id"""

BOUNCES = f"""
SELECT t.id, t.campaign_id, s.email, s.name, EXTRACT(EPOCH FROM t.created_at)::float8, t.type::text,
    left(t.meta::text, {_META_CHARS})
FROM bounces t JOIN subscribers s ON s.id = t.subscriber_id WHERE {_NEW}{{}} ORDER BY t.id"""

ANONYMOUS = "SELECT count(*) FROM {} t WHERE t.subscriber_id IS NULL AND t.id > %(high)s{}"

# listmonk does not keep by which mail somebody left. It is taken to be the last campaign that went to the list while
# the person was on it, in the thirty days before. Blocklisting leaves all lists, and says nothing of any mail.
LEFT = """
SELECT t.subscriber_id, t.list_id, c.id, s.email, s.name, EXTRACT(EPOCH FROM t.updated_at)::float8
FROM subscriber_lists t JOIN subscribers s ON s.id = t.subscriber_id LEFT JOIN LATERAL (
    SELECT c.id FROM campaign_lists cl JOIN campaigns c ON c.id = cl.campaign_id
    WHERE cl.list_id = t.list_id AND c.type = 'regular' AND c.started_at >= t.created_at
        AND c.started_at BETWEEN t.updated_at - INTERVAL '30 days' AND t.updated_at
    ORDER BY c.started_at DESC, c.id DESC LIMIT 1) c ON TRUE
WHERE t.status = 'unsubscribed' AND s.status <> 'blocklisted'
    AND (t.updated_at >= to_timestamp(%(high)s::float8) OR age(t.xmin) <= %(age)s)"""
LEFT_OF = " AND c.id = %(campaign)s"
LEFT_SINCE = " AND t.updated_at >= to_timestamp(%(since)s::float8)"


def conditions(campaign: int | None, since: int | None) -> str:
    """Return what the operator wants left out, as the end of a WHERE clause."""
    return (_OF if campaign is not None else "") + (_SINCE if since is not None else "")


def left_conditions(campaign: int | None, since: int | None) -> str:
    """Return the same for :data:`LEFT`."""
    return (LEFT_OF if campaign is not None else "") + (LEFT_SINCE if since is not None else "")


@dataclass(frozen=True, slots=True)
class Campaign:
    """One of listmonk's campaigns.

    Attributes:
        id: its id there.
        uuid: what its mails carry in X-Listmonk-Campaign.
        name: its name; several may have the same.
        keys: what else tells it from the others: an own X-Campaign-ID, and its name if no other one has it.
    """

    id: int
    uuid: str
    name: str
    keys: tuple[str, ...]


Campaigns = Mapping[int, Campaign]


def campaigns_of(rows: list[tuple[Any, ...]]) -> dict[int, Campaign]:
    """Return the campaigns by id, from rows of id, uuid, name and headers (JSON: a list of objects)."""
    names: dict[str, int] = {}
    for _, _, name, _ in rows:
        names[campaign_key(name)] = names.get(campaign_key(name), 0) + 1
    found = {}
    for id_, uuid, name, headers in rows:
        own = [*_headers(headers or ""), *([name] if names[campaign_key(name)] == 1 else [])]
        found[id_] = Campaign(id_, uuid, name, tuple(dict.fromkeys(own)))
    return found


def _headers(text: str) -> Iterator[str]:
    fields = decoded(text)
    for field in fields if isinstance(fields, list) else ():
        for name, value in field.items() if isinstance(field, dict) else ():
            # A template's braces are filled in when the mail is made.
            if name.lower() in CAMPAIGN_HEADERS[:2] and isinstance(value, str) and value.strip() and "{{" not in value:
                yield value.strip()


def viewed(row: tuple[Any, ...], campaigns: Campaigns) -> Iterator[Record | Defect]:
    """Yield what a row of :data:`VIEWS` says."""
    yield from _happened(EventType.OPENED, f"campaign_views {row[0]}", row, campaigns)


def clicked(row: tuple[Any, ...], campaigns: Campaigns) -> Iterator[Record | Defect]:
    """Yield what a row of :data:`CLICKS` says."""
    yield from _happened(EventType.CLICKED, f"link_clicks {row[0]}", row, campaigns, row[5])


def bounced(row: tuple[Any, ...], campaigns: Campaigns) -> Iterator[Record | Defect]:
    """Yield what a row of :data:`BOUNCES` says."""
    id_, campaign_id, email, name, epoch, type_, meta = row
    ts = _ms(epoch)
    if ts is None:
        yield Defect(f"bounces {id_}", "the time is missing or no likely one")
        return
    campaign = campaigns.get(campaign_id)
    uuid, keys = (campaign.uuid, campaign.keys) if campaign else (None, ())
    yield from bounce_records(BounceRow(id_, email, name, ts, type_, uuid, keys), meta)


def left(row: tuple[Any, ...], campaigns: Campaigns) -> Iterator[Record | Defect]:
    """Yield what a row of :data:`LEFT` that has a campaign says.

    Who leaves by a mail leaves all the lists that it went to, at once: that is one unsubscription.
    """
    subscriber, list_, *rest = row
    where = f"subscriber_lists {subscriber} {list_}"
    for item in _happened(EventType.UNSUBSCRIBED, where, (subscriber, *rest), campaigns):
        if isinstance(item, Record):
            item = replace(item, identity=f"unsubscribed {subscriber} {row[2]}", attribution=Attribution.INFERRED)
        yield item


def _happened(
    type_: EventType,
    where: str,
    row: tuple[Any, ...],
    campaigns: Campaigns,
    url: str | None = None,
) -> Iterator[Record | Defect]:
    _, campaign_id, email, name, epoch, *_ = row
    ts = _ms(epoch)
    if ts is None:
        yield Defect(where, "the time is missing or no likely one")
        return
    campaign = campaigns.get(campaign_id)
    yield Record(
        type_,
        ts,
        email,
        Source.LISTMONK,
        where,
        campaign=campaign.uuid if campaign else None,
        keys=campaign.keys if campaign else (),
        identity=where,
        url=url,
        name=name or None,
    )


def _ms(epoch: float | None) -> int | None:
    if epoch is None or not math.isfinite(epoch) or not _YEARS_S[0] <= epoch < _YEARS_S[1]:
        return None
    return round(epoch * 1000)
