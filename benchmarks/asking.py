"""What a screen asks of a store of millions of events: first pages, pages far down, views, counts, searches."""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

from benchmarks.figure import Figure, Missing
from benchmarks.held import held_store
from benchmarks.subjects import timed
from store.asking import RecipientFilter, Sort
from store.database import Store, open_store
from store.queries.campaigns import list_campaigns
from store.queries.ordering import SORT_COLUMNS
from store.queries.view import RecipientView

_PAGE = 50
_QUICK = 15
_TERMS = (
    ("T10 search, a domain", "firma123.", 1 / 20),
    ("T10 search, many hits", "firma12", 1 / 3),
    ("T10 search, two characters", "77", 1 / 2),
)
_THREE_LIKES = (
    "SELECT count(*) FROM recipient AS r CROSS JOIN contact AS c ON c.id = r.contact_id WHERE r.campaign_id = ?"
    " AND (c.name LIKE ? OR r.address LIKE ? OR c.company LIKE ?)"
)


def asked(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure T8 to T10 on the newest campaign of a store that holds five times as many events as it has recipients."""
    store = open_store(held_store(size, size * 5))
    campaign = list_campaigns(store)[0].id
    try:
        with closing(RecipientView(store)) as view, closing(store.connection()) as raw:
            yield from _pages(view, raw, campaign)
            yield from _views(store, view, raw, campaign, rounds)
            yield from _searches(view, raw, campaign, rounds)
    finally:
        store.close()


def ms(work: Callable[[], object], times: int) -> float:
    """Return the median milliseconds of ``work``, done once before."""
    work()
    return statistics.median(timed(work) for _ in range(times)) * 1000


def _pages(view: RecipientView, raw: sqlite3.Connection, campaign: int) -> Iterator[Figure]:
    """Compare first pages with the same 50 rows when their ids are known: what finding them takes."""
    low = raw.execute("SELECT min(id) FROM recipient WHERE campaign_id = ?", (campaign,)).fetchone()[0]
    bound = ms(lambda: view.rows_of(range(low, low + _PAGE)), _QUICK)
    for name in SORT_COLUMNS:
        wanted, sort = RecipientFilter(campaign), Sort(name)
        if view.first(wanted, sort, _PAGE).rows:
            taken = ms(partial(view.first, wanted, sort, _PAGE), _QUICK)
            yield Figure(f"T8 first page by {name}", "ms", taken, "50 known rows", bound, 5, at_most=True)
        else:
            # There is no index in this order: nothing is shown before all are sorted.
            taken = ms(partial(view.build, wanted, sort), 1)
            yield Figure(f"first page by {name}, after sorting", "ms", taken, "", None, None, at_most=True)
    view.build(RecipientFilter(campaign), Sort())
    first = ms(lambda: view.page(0, _PAGE), _QUICK)
    middle = ms(lambda: view.page(view.total // 2, _PAGE), _QUICK)
    yield Figure("T8 page in the middle", "ms", middle, "page 1", first, 2, at_most=True)


def _views(store: Store, view: RecipientView, raw: sqlite3.Connection, campaign: int, rounds: int) -> Iterator[Figure]:
    scan = "SELECT sum(id) FROM recipient WHERE campaign_id = ?"
    bound = ms(lambda: raw.execute(scan, (campaign,)).fetchall(), rounds)
    taken = ms(lambda: view.build(RecipientFilter(campaign), Sort()), rounds)
    yield Figure("T9 view of the whole campaign", "ms", taken, "sum(id)", bound, 5, at_most=True)
    by_name = ms(lambda: view.build(RecipientFilter(campaign), Sort("name")), rounds)
    yield Figure("view in the order of names", "ms", by_name, "", None, None, at_most=True)
    groups = "SELECT delivery, engagement, count(*) FROM recipient WHERE campaign_id = ? GROUP BY 1, 2"
    bound = ms(lambda: raw.execute(groups, (campaign,)).fetchall(), rounds)
    counters = "SELECT delivery, facts, sum(n) FROM campaign_stat WHERE campaign_id = ? GROUP BY 1, 2"
    taken = ms(lambda: raw.execute(counters, (campaign,)).fetchall(), _QUICK)
    yield Figure("T9 counts by state", "ms", taken, "GROUP BY", bound, 1 / 1000, at_most=True)
    taken = ms(lambda: list_campaigns(store), _QUICK)
    yield Figure("all campaigns with their figures", "ms", taken, "", None, None, at_most=True)


def _searches(view: RecipientView, raw: sqlite3.Connection, campaign: int, rounds: int) -> Iterator[Figure]:
    for name, term, target in _TERMS:
        like = f"%{term}%"
        bound = ms(lambda like=like: raw.execute(_THREE_LIKES, (campaign, *[like] * 3)).fetchall(), rounds)  # type: ignore[misc]
        taken = ms(partial(view.build, RecipientFilter(campaign, text=term), Sort()), rounds)
        yield Figure(f"{name} ({view.total:,})", "ms", taken, "LIKE, 3 columns", bound, target, at_most=True)
