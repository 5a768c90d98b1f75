"""Whether everything adds up: the buckets of each campaign with its plan, the records of each feed with its events."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from store.cleaning import clean
from store.database import Store
from store.queries.campaigns import list_campaigns
from store.rows import CampaignRow
from store.rows.reconciliation import CampaignAccount, DefectRow, FeedAccount, Reconciliation
from store.times import from_ms
from store.vocabulary import BUCKET_OF, Bucket, Delivery

_Pairs = Mapping[tuple[int | None, int | None], int]


def reconcile(store: Store, *, deep: bool = True) -> Reconciliation:
    """Count what stands in the tables one by one and put it beside what is shown.

    Args:
        store: the open store.
        deep: count events, too, which reads all of them; without, a moment is enough.
    """
    events: Counter[tuple[int | None, int | None]] | None = None
    # What is counted and what is shown must be of the same moment, also while feeds are followed.
    with store.reading():
        if deep:
            found = store.rows("SELECT feed_id, campaign_id, count(*) FROM event GROUP BY feed_id, campaign_id")
            gone = store.rows("SELECT nullif(feed_id, 0), nullif(campaign_id, 0), n FROM folded_count")
            events = Counter()
            for feed, campaign, count in [*found, *gone]:
                events[feed, campaign] += count
        other = None if events is None else _sum(events, 0).get(None, 0)
        return Reconciliation(_campaigns(store, events), _feeds(store, events), other)


def defects(store: Store, feed_id: int) -> tuple[DefectRow, ...]:
    """Return what could not be read of a feed, in its order."""
    found = store.rows("SELECT id, location, sentence FROM feed_defect WHERE feed_id = ? ORDER BY id", (feed_id,))
    return tuple(DefectRow(id_, clean(where), clean(sentence)) for id_, where, sentence in found)


def _campaigns(store: Store, events: _Pairs | None) -> tuple[CampaignAccount, ...]:
    counted: dict[int, Counter[Bucket]] = defaultdict(Counter)
    for campaign, delivery, count in store.rows(
        "SELECT campaign_id, delivery, count(*) FROM recipient GROUP BY campaign_id, delivery"
    ):
        counted[campaign][BUCKET_OF[Delivery.of(delivery)]] += count
    strangers = {
        campaign: (records, addresses)
        for campaign, records, addresses in store.rows(
            "SELECT campaign_id, count(*), count(DISTINCT address_key) FROM stranger GROUP BY campaign_id"
        )
    }
    of_campaign = None if events is None else _sum(events, 1)

    def account(row: CampaignRow | None) -> CampaignAccount:
        id_ = None if row is None else row.id
        buckets = Counter[Bucket]() if id_ is None else counted[id_]
        told = None if of_campaign is None else of_campaign.get(id_, 0)
        return CampaignAccount(row, buckets.total(), dict(buckets), told, *strangers.get(id_, (0, 0)))

    accounts = [account(row) for row in list_campaigns(store)]
    return tuple([*accounts, account(None)] if None in strangers else accounts)


def _feeds(store: Store, events: _Pairs | None) -> tuple[FeedAccount, ...]:
    of_feed = None if events is None else _sum(events, 0)
    strangers = dict(store.rows("SELECT feed_id, count(*) FROM stranger GROUP BY feed_id"))
    found = store.rows(
        "SELECT f.id, f.path, f.format, f.records, f.defects, f.read_at, f.fingerprint <> '' OR p.feed_id IS NOT NULL"
        " FROM feed AS f LEFT JOIN feed_position AS p ON p.feed_id = f.id ORDER BY f.read_at DESC, f.id DESC"
    )
    return tuple(
        FeedAccount(
            id_,
            clean(path),
            clean(kind),
            records,
            None if of_feed is None else of_feed.get(id_, 0),
            strangers.get(id_, 0),
            failed,
            from_ms(read_at),
            bool(ended),
        )
        for id_, path, kind, records, failed, read_at, ended in found
    )


def _sum(events: _Pairs, part: int) -> Counter[int | None]:
    """Return how many events each feed (``part`` 0) or each campaign (1) has."""
    found: Counter[int | None] = Counter()
    for pair, count in events.items():
        found[pair[part]] += count
    return found
