"""A report on a campaign: when it was opened first, and how it stands among the others.

Openings are the first of each recipient, since only these are kept with the recipient: whoever reads a mail twice
counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from store.database import Store, spoken
from store.errors import NotFound
from store.queries.campaigns import list_campaigns
from store.queries.conditions import edge
from store.queries.links import list_links
from store.rates import benchmark, differences, earlier
from store.rows import CampaignRow
from store.rows.reports import FIRST_HOURS, ComparisonRow, OpeningsRow, ReportRow
from store.times import from_ms, to_ms
from store.vocabulary import Delivery, Engagement

_HOUR_MS = 3_600_000
_QUARTER_MS = 900_000
_WITHIN = f"r.campaign_id = ?1 AND r.id BETWEEN {edge('min', '?1')} AND {edge('max', '?1')}"
_COUNTED = f"SELECT t / {_QUARTER_MS}, t < ?2, (t - ?2) / {_HOUR_MS}, count(*) FROM ({{}}) GROUP BY 1, 2, 3"
_OPENED = (
    "SELECT opened_at AS t FROM recipient WHERE campaign_id = ?1 AND opened_at IS NOT NULL",
    "SELECT clicked_at AS t FROM recipient WHERE campaign_id = ?1 AND clicked_at IS NOT NULL AND opened_at IS NULL",
)
_MACHINES = (
    "SELECT coalesce(r.machine_opened_at, r.machine_clicked_at) AS t FROM recipient AS r NOT INDEXED"
    f" WHERE {_WITHIN} AND r.opened_at IS NULL AND r.clicked_at IS NULL"
    " AND (r.machine_opened_at IS NOT NULL OR r.machine_clicked_at IS NOT NULL)",
)
_UNKNOWN = (
    "SELECT count(*) FROM recipient AS r NOT INDEXED CROSS JOIN contact AS c ON c.id = r.contact_id"
    f" WHERE {_WITHIN} AND r.delivery = {Delivery.DELIVERED.code} AND r.engagement = {Engagement.NONE.code}"
    " AND c.tracking_consent IS FALSE"
)
_BOTH = (
    f"SELECT count(DISTINCT r.contact_id) FROM recipient AS r NOT INDEXED WHERE {_WITHIN} AND EXISTS (SELECT 1"
    " FROM recipient AS o WHERE o.contact_id = r.contact_id AND o.campaign_id = ?2)"
)


def report(store: Store, campaign_id: int, other_id: int | None = None) -> ReportRow:
    """Return the whole report on a campaign, beside ``other_id`` if that is given.

    Raises:
        NotFound: there is no such campaign.
    """
    *_, whole = growing_report(store, campaign_id, other_id)
    return whole


def growing_report(store: Store, campaign_id: int, other_id: int | None = None) -> Iterator[ReportRow]:
    """Yield the report again whenever one more part of it is read; the parts that take longest come last.

    Raises:
        NotFound: there is no such campaign.
    """
    campaigns = list_campaigns(store)
    campaign = _one(campaigns, campaign_id)
    before = earlier(campaign, campaigns)
    found = ReportRow(campaign, len(before), benchmark(campaign, before))
    if other_id is not None:
        other = _one(campaigns, other_id)
        found = replace(found, comparison=ComparisonRow(other, differences(campaign, other)))
    yield found
    found = replace(found, links=list_links(store, campaign_id))
    yield found
    found = replace(found, people=_openings(store, campaign, _OPENED))
    yield found
    found = replace(found, machines=_openings(store, campaign, _MACHINES), unknown=_number(store, _UNKNOWN, campaign))
    yield found
    if found.comparison is not None:
        both = _number(store, _BOTH, campaign, found.comparison.other.id)
        yield replace(found, comparison=replace(found.comparison, both=both))


def _one(campaigns: Iterable[CampaignRow], campaign_id: int) -> CampaignRow:
    for row in campaigns:
        if row.id == campaign_id:
            return row
    raise NotFound("This campaign is not in the store any more.")


def _number(store: Store, sql: str, campaign: CampaignRow, *more: int) -> int:
    return next(int(number) for (number,) in _read(store, sql, (campaign.id, *more)))


def _read(store: Store, sql: str, parameters: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the rows of a statement that reads a whole campaign, on a connection that keeps little of it in memory."""
    with spoken(store.place):
        for some in store.stream(sql, parameters):
            yield from some


def _openings(store: Store, campaign: CampaignRow, sources: Iterable[str]) -> OpeningsRow:
    begun = campaign.started_at
    start = 0 if begun is None else to_ms(begun)
    quarters: Counter[int] = Counter()
    hours: Counter[int] = Counter()
    for source in sources:
        for quarter, early, hour, count in _read(store, _COUNTED.format(source), (campaign.id, start)):
            quarters[quarter] += count
            # Division in SQL goes towards nothing, also from below.
            hours[-1 if early else min(hour, FIRST_HOURS)] += count
    by_quarter = tuple((from_ms(quarter * _QUARTER_MS), quarters[quarter]) for quarter in sorted(quarters))
    if begun is None:
        return OpeningsRow((), 0, 0, by_quarter)
    return OpeningsRow(tuple(hours[hour] for hour in range(FIRST_HOURS)), hours[-1], hours[FIRST_HOURS], by_quarter)
