"""aftersend reconcile."""

from __future__ import annotations

from typing import Any

import click

from store.rows.reconciliation import CampaignAccount, FeedAccount, Reconciliation
from tui.cli.arguments import json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.present.reconciliation import NO_CAMPAIGN, difference_cell, verdict
from tui.present.times import moment, number

_CAMPAIGNS = (
    Column("Campaign", floor=14),
    Column("Planned", right=True),
    Column("Buckets", right=True),
    Column("Difference", right=True),
    Column("Events", right=True, rank=1),
    Column("Stray\N{NO-BREAK SPACE}records", right=True, rank=2),
    Column("Stray\N{NO-BREAK SPACE}addresses", right=True, rank=3),
)
_FEEDS = (
    Column("Feed", floor=20),
    Column("Records", right=True),
    Column("Events", right=True),
    Column("Strangers", right=True),
    Column("Known", right=True),
    Column("Defects", right=True),
    Column("Last\N{NO-BREAK SPACE}read", rank=1),
    Column("Format", floor=10, rank=2),
)


@click.command("reconcile")
@json_option
@click.pass_context
def reconcile_command(ctx: click.Context, as_json: bool) -> None:
    """Tell whether everything adds up; exit 1 if not.

    Each campaign's buckets, their sum and its difference to the plan, counted one by one; what is told of addresses
    outside the plan; each feed's records and what became of them: events, strangers, known before, or not readable.
    """
    from store.queries.reconciliation import reconcile

    found = reconcile(store_to_read(ctx))
    if as_json:
        print_objects([*map(_campaign_object, found.campaigns), *map(_feed_object, found.feeds), _total(found)])
    else:
        if found.campaigns:
            print_table(_CAMPAIGNS, map(_campaign_cells, found.campaigns), always=True)
            click.echo()
        if found.feeds:
            print_table(_FEEDS, map(_feed_cells, found.feeds), always=True)
            click.echo()
        click.echo(verdict(found))
    if not found.adds_up:
        raise click.exceptions.Exit(1)


def _campaign_cells(row: CampaignAccount) -> tuple[str, ...]:
    return (
        row.campaign.name if row.campaign is not None else NO_CAMPAIGN,
        number(row.planned),
        number(row.sum),
        difference_cell(row)[0],
        number(row.events or 0),
        number(row.stray_records),
        number(row.stray_addresses),
    )


def _feed_cells(row: FeedAccount) -> tuple[str, ...]:
    return (
        row.path,
        number(row.records),
        number(row.events or 0),
        number(row.strangers),
        number(row.known or 0),
        number(row.defects),
        moment(row.read_at) if row.ended else "broken off",
        row.format,
    )


def _campaign_object(row: CampaignAccount) -> dict[str, Any]:
    shown = row.campaign.buckets if row.campaign is not None else {}
    return {
        "kind": "campaign",
        "campaign": row.campaign.name if row.campaign is not None else None,
        "planned": row.planned,
        "buckets": {bucket.value: count for bucket, count in shown.items()},
        "counted": {bucket.value: row.counted.get(bucket, 0) for bucket in shown},
        "sum": row.sum,
        "difference": row.difference,
        "events": row.events,
        "stray_records": row.stray_records,
        "stray_addresses": row.stray_addresses,
        "adds_up": row.adds_up,
    }


def _feed_object(row: FeedAccount) -> dict[str, Any]:
    from store.exports.json import iso

    return {
        "kind": "feed",
        "path": row.path,
        "format": row.format,
        "records": row.records,
        "events": row.events,
        "strangers": row.strangers,
        "known": row.known,
        "defects": row.defects,
        "read_at": iso(row.read_at),
        "ended": row.ended,
        "adds_up": row.adds_up,
    }


def _total(found: Reconciliation) -> dict[str, Any]:
    return {"kind": "total", "events_without_feed": found.other_events, "adds_up": found.adds_up}
