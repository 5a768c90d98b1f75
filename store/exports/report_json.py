"""A report as objects for JSON, one for each part; times in ISO 8601 UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta, tzinfo
from typing import Any

from store.cleaning import clean
from store.exports.json import campaign_object, iso, link_object
from store.rates import METHOD
from store.rows.reports import ComparisonRow, DomainRow, OpeningsRow, ReportRow, Share
from store.weekhours import DAYS, best, week, zone_words

_PLACES = 4


def report_objects(report: ReportRow, zone: tzinfo | None = None) -> Iterator[dict[str, Any]]:
    """Yield the parts of a whole report: "campaign", "openings", "hours", "links", "benchmark", "comparison".

    Args:
        report: the report; a part that was not read is left out.
        zone: of the hours of the week; None: the zone of the machine.
    """
    yield {"part": "campaign", **campaign_object(report.campaign), "unknown": report.unknown}
    if report.people is not None and report.machines is not None:
        yield _openings(report, report.people, report.machines)
        yield _hours(report.people, zone)
    if report.links is not None:
        yield {"part": "links", "links": [link_object(link) for link in report.links]}
    yield {
        "part": "benchmark",
        "earlier": report.earlier,
        "shares": {
            row.measure.value: {
                **_share(row.share),
                "median": _rounded(row.median),
                "rank": row.rank,
                "among": row.among,
            }
            for row in report.benchmark
        },
    }
    if report.comparison is not None:
        yield _comparison(report.comparison)


def domain_object(row: DomainRow) -> dict[str, Any]:
    """Return a receiving domain; "domain" is as it is written, "key" as mail systems see it."""
    return {
        "part": "domain",
        "domain": row.domain,
        "key": clean(row.key),
        "planned": row.planned,
        "waiting": row.waiting,
        "delivered": row.delivered,
        "hard": row.hard,
        "soft": row.soft,
        "block": row.block,
        "other": row.other,
        "deferred": row.deferred,
        "opened": row.opened,
        "machine": row.machine,
        "clicked": row.clicked,
    }


def _openings(report: ReportRow, people: OpeningsRow, machines: OpeningsRow) -> dict[str, Any]:
    start = report.campaign.started_at
    pairs = zip(people.hours, machines.hours, strict=True)
    return {
        "part": "openings",
        "from": None if start is None else iso(start),
        "hours": [
            {"hour": hour, "begin": iso(start + timedelta(hours=hour)), "people": one, "machines": other}
            for hour, (one, other) in enumerate(pairs)
            if start is not None
        ],
        "before": {"people": people.before, "machines": machines.before},
        "later": {"people": people.later, "machines": machines.later},
        "total": {"people": people.total, "machines": machines.total},
    }


def _hours(people: OpeningsRow, zone: tzinfo | None) -> dict[str, Any]:
    grid = week(people.quarters, zone)
    ends = [people.quarters[0][0], people.quarters[-1][0]] if people.quarters else []
    return {
        "part": "hours",
        "zone": zone_words(ends, zone) if ends else None,
        "people": {day: list(row) for day, row in zip(DAYS, grid, strict=True)},
        "best": [{"day": DAYS[day], "hour": hour, "people": count} for day, hour, count in best(grid)],
    }


def _comparison(found: ComparisonRow) -> dict[str, Any]:
    return {
        "part": "comparison",
        "with": found.other.name,
        "key": found.other.key,
        "both": found.both,
        "method": METHOD,
        "shares": {
            row.measure.value: {
                "this": _share(row.share),
                "other": _share(row.other),
                "difference": _rounded(row.difference),
                "low": _rounded(row.low),
                "high": _rounded(row.high),
                "verdict": row.verdict.value,
            }
            for row in found.rows
        },
    }


def _share(share: Share) -> dict[str, Any]:
    return {"part": share.part, "whole": share.whole, "share": _rounded(share.value)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _PLACES)
