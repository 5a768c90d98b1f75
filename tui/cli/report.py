"""aftersend report."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import click

from store.rows.reports import DomainRow, ReportRow
from tui.cli.arguments import CampaignName, campaign_argument, json_option
from tui.cli.columns import Column, print_table, terminal_width
from tui.cli.group import tell
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read
from tui.present.domains import domain_words
from tui.present.times import number

if TYPE_CHECKING:
    from store.database import Store

_COLUMNS = (
    Column("Domain", floor=16),
    Column("Planned", right=True),
    Column("No outcome", right=True, rank=2),
    Column("Delivered", right=True),
    Column("Put\N{NO-BREAK SPACE}off", right=True, rank=1),
    Column("Hard", right=True),
    Column("Soft", right=True),
    Column("Block", right=True),
    Column("Other", right=True, rank=2),
    Column("Opened", right=True),
    Column("Machine", right=True, rank=2),
    Column("Clicked", right=True, rank=1),
)
_NARROW = 80
_BARS = 24
_DOMAINS = 10
_BATCH = 500


@click.command("report")
@campaign_argument()
@click.option("--compare", "other", type=CampaignName(), metavar="OTHER", help="Put another campaign beside it (A/B).")
@click.option("--figures", is_flag=True, help="Print tables in place of the charts.")
@click.option("--domains", "only_domains", is_flag=True, help="Print only the receiving domains, all of them.")
@json_option
@click.option("--html", "target", metavar="FILE|-", help="Write it as one HTML file instead; - is stdout.")
@click.option("--force", is_flag=True, help="Write over an existing file.")
@click.pass_context
def report_command(
    ctx: click.Context,
    campaign: str,
    other: str | None,
    figures: bool,
    only_domains: bool,
    as_json: bool,
    target: str | None,
    force: bool,
) -> None:
    """Print the report on a campaign, or write it as one HTML file.

    Buckets and answers, first openings in the 48 hours from its sending, hours of the week in your time zone, clicks by
    link, its place among your earlier campaigns, receiving domains. What machines opened is counted beside.
    """
    if target is not None and (as_json or only_domains):
        raise click.UsageError("Give --html, or --json or --domains.")
    if only_domains and other is not None:
        raise click.UsageError("--compare is about shares, not about --domains.")
    if force and target is None:
        raise click.UsageError("--force is for --html.")
    from store.queries.campaigns import find_campaign
    from store.queries.reports import report

    store = store_to_read(ctx)
    campaign_id = find_campaign(store, campaign).id
    if only_domains:
        _print_domains(store, campaign_id, as_json)
        return
    beside = None if other is None else find_campaign(store, other).id
    if beside == campaign_id:
        raise click.UsageError("--compare takes another campaign.")
    found = report(store, campaign_id, beside)
    if target is not None:
        _write(store, found, target, force)
    elif as_json:
        from store.exports.report_json import domain_object, report_objects

        print_objects(report_objects(found))
        print_objects(map(domain_object, _domains(store, campaign_id)))
    else:
        _print(found, figures)
        _print_first_domains(store, campaign_id)


def _write(store: Store, found: ReportRow, target: str, force: bool) -> None:
    from store.exports import report_html

    report_html.export(store, found, target, now(), overwrite=force)
    if target != "-":
        tell(f"The report was written to {target}.")


def _print(found: ReportRow, figures: bool) -> None:
    from tui.present.ink import ASCII, ink_for
    from tui.present.report import Manner, report_lines

    ink = ink_for(sys.stdout.encoding, os.environ)
    how = Manner(terminal_width() or _NARROW, _BARS, now(), figures, ink=ink)
    title = f"Report on {found.campaign.name}"
    for line in [title, "", *("".join(text for text, _ in pieces).rstrip() for pieces in report_lines(found, how))]:
        click.echo(line.replace("…", "~") if ink is ASCII else line)


def _print_first_domains(store: Store, campaign_id: int) -> None:
    rows = list(islice(_domains(store, campaign_id), _DOMAINS + 1))
    if rows:
        more = f": the {_DOMAINS} with most recipients; --domains prints all" if len(rows) > _DOMAINS else ""
        click.echo(f"\nReceiving domains{more}")
        print_table(_COLUMNS, map(_cells, rows[:_DOMAINS]), always=True)


def _print_domains(store: Store, campaign_id: int, as_json: bool) -> None:
    rows = _domains(store, campaign_id)
    if as_json:
        from store.exports.report_json import domain_object

        print_objects(map(domain_object, rows))
    else:
        print_table(_COLUMNS, map(_cells, rows))


def _domains(store: Store, campaign_id: int) -> Iterator[DomainRow]:
    """Yield all receiving domains, the one with most recipients first."""
    from store.asking import Sort
    from store.queries.domains import DomainView

    view = DomainView(store)
    try:
        total = view.build(campaign_id, Sort("planned", reverse=True))
        for at in range(0, total, _BATCH):
            yield from view.page(at, _BATCH)
    finally:
        view.close()


def _cells(row: DomainRow) -> tuple[str, ...]:
    counts = (row.planned, row.waiting, row.delivered, row.deferred, row.hard, row.soft, row.block, row.other)
    return (domain_words(row), *map(number, (*counts, row.opened, row.machine, row.clicked)))
