"""aftersend status."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from store.rows import CampaignRow
from tui.cli.arguments import campaign_argument, json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read
from tui.cli.tripped import end, say_tripped
from tui.present.campaigns import name_cell
from tui.present.times import moment, number, percent

if TYPE_CHECKING:
    from store.database import Store
    from store.rows.tripwires import TripRow

_COLUMNS = (
    Column("Campaign", floor=14),
    Column("State", rank=3),
    Column("Planned", right=True),
    Column("Delivered", right=True),
    Column("Under way", right=True),
    Column("Failed", right=True),
    Column("Skipped", right=True, rank=1),
    Column("Ready", right=True, rank=1),
    Column("Open", right=True),
    Column("Click", right=True),
    Column("To\N{NO-BREAK SPACE}do", right=True, rank=2),
)
_TICK_S = 1.0


@click.command("status")
@campaign_argument(required=False)
@json_option
@click.option("--watch", is_flag=True, help="Print again whenever something changed, until Ctrl-C.")
@click.pass_context
def status_command(ctx: click.Context, campaign: str | None, as_json: bool, watch: bool) -> None:
    """Show the campaigns, or one of them, with buckets and rates.

    Each planned recipient is in one bucket: delivered, under way, failed (bounced, expired, rejected), skipped, ready.
    Open and click are shares of the delivered, without machines; "to do" counts the failures that nobody has decided
    about. The exit code is 3 if a tripwire of what is shown has tripped and nobody has acknowledged it.
    """
    if watch and not (as_json or sys.stdout.isatty()):
        raise click.UsageError("--watch needs a terminal, or --json.")
    store = store_to_read(ctx)
    tripped: list[TripRow] = []

    def show() -> None:
        _show(store, campaign, as_json, tripped)

    try:
        if watch:
            _watch(store, show, clear=not as_json)
        else:
            show()
    finally:
        end(tripped)


def _watch(store: Store, show: Callable[[], None], *, clear: bool) -> None:
    from store.changes import Watch

    # What is committed while the first page is printed must not be missed.
    watch = Watch(store)
    show()
    while True:
        sys.stdout.flush()
        time.sleep(_TICK_S)
        if watch.changed():
            if clear:
                click.clear()
            show()


def _show(store: Store, campaign: str | None, as_json: bool, tripped: list[TripRow]) -> None:
    """Print the campaigns; what stands of their tripwires is put into ``tripped`` before anything is printed."""
    from store.queries.campaigns import any_trip, find_campaign, list_campaigns

    rows = list_campaigns(store) if campaign is None else (find_campaign(store, campaign),)
    tripped[:] = _standing(store, None if campaign is None else rows[0].id) if any_trip(store) else ()
    if as_json:
        from store.exports.json import campaign_object
        from store.exports.sending import trip_object

        print_objects(
            campaign_object(row) | {"tripwires": [trip_object(trip) for trip in tripped if trip.campaign_id == row.id]}
            for row in rows
        )
        return
    if campaign is not None:
        _show_one(rows[0])
    elif rows:
        print_table(_COLUMNS, map(_cells, rows), always=True)
    else:
        click.echo(
            "There are no campaigns yet; `aftersend import recipients FILE --campaign NAME` makes one.", err=True
        )
    say_tripped(tripped)


def _standing(store: Store, campaign_id: int | None) -> tuple[TripRow, ...]:
    from store.queries.tripwires import standing

    return standing(store, now(), campaign_id)


def _cells(row: CampaignRow) -> tuple[str, ...]:
    return (
        name_cell(row)[0] if sys.stdout.isatty() else row.name,
        row.state,
        number(row.planned),
        number(row.delivered),
        number(row.under_way),
        number(row.failed),
        number(row.skipped),
        number(row.ready),
        percent(row.opened, row.delivered),
        percent(row.clicked, row.delivered),
        number(row.open_bounces),
    )


def _show_one(row: CampaignRow) -> None:
    click.echo(f"{row.name}  ({row.key}, {row.state})")
    if row.parent is not None:
        click.echo(f"Follows up “{row.parent}”{f' ({row.follow_up})' if row.follow_up else ''}")
    if row.subject:
        click.echo(f"Subject: {row.subject}")
    click.echo(f"Sending began {moment(row.started_at)}" if row.started_at else "Nothing was sent yet.")
    click.echo()
    _line("planned", row.planned)
    for bucket, count in row.buckets.items():
        _line(f"  {bucket.replace('_', ' ')}", count, percent(count, row.planned))
    if not row.adds_up:
        _line("  missing", row.planned - sum(row.buckets.values()), "the buckets do not add up")
    click.echo()
    for word, count in (
        ("opened", row.opened),
        ("clicked", row.clicked),
        ("replied", row.replied),
        ("unsubscribed", row.unsubscribed),
        ("complained", row.complained),
        ("machine only", row.machine),
    ):
        _line(word, count, percent(count, row.delivered))
    click.echo()
    _line("failed", row.failed, f"{percent(row.failed, row.attempted)} of those sent")
    _line("  to do", row.open_bounces, "not decided yet" if row.open_bounces else "")
    _line("strangers", row.strangers, "addresses outside the plan" if row.strangers else "")


def _line(word: str, count: int, note: str = "") -> None:
    click.echo(f"{word:<16}{number(count):>11}   {note:>7}".rstrip())
