"""aftersend export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tui.cli.arguments import ListName, campaign_argument, chosen, state_option
from tui.cli.opening import now, store_to_read
from tui.cli.recipients import with_outcomes
from tui.present.times import number

FORMATS = ("csv", "json")
JSON_SUFFIXES = frozenset({".json", ".ndjson", ".jsonl"})


@click.command("export")
@campaign_argument(required=False)
@click.option("--list", "list_name", type=ListName(), help="The members of this list instead of a campaign.")
@click.option("--to", "target", required=True, metavar="FILE|-", help="The file to write; - is stdout.")
@state_option
@click.option("--format", "kind", type=click.Choice(FORMATS), help="Otherwise json for *.json and *.ndjson, else csv.")
@click.option("--force", is_flag=True, help="Write over an existing file.")
@click.option("--bom", is_flag=True, help="Begin a CSV file with a byte order mark, which Excel needs for accents.")
@click.pass_context
def export_command(
    ctx: click.Context,
    campaign: str | None,
    list_name: str | None,
    target: str,
    states: Sequence[str],
    kind: str | None,
    force: bool,
    bom: bool,
) -> None:
    """Write recipients to a CSV or JSON file.

    JSON is one object a line, the same as `aftersend recipients --json`.
    """
    if campaign is None and list_name is None:
        raise click.UsageError("Give CAMPAIGN or --list.")
    kind = kind or ("json" if Path(target).suffix.lower() in JSON_SUFFIXES else "csv")
    if bom and kind == "json":
        raise click.UsageError("--bom is for CSV.")
    from store.actions.exports import note_export
    from store.journal import current_operator
    from store.queries.campaigns import find_campaign
    from store.queries.lists import find_list
    from store.queries.recipients import stream

    store = store_to_read(ctx)
    campaign_id = None if campaign is None else find_campaign(store, campaign).id
    list_id = None if list_name is None else find_list(store, list_name).id
    rows = stream(store, chosen(campaign_id, states, list_id=list_id))
    if kind == "json":
        from store.exports import json

        objects = (json.recipient_object(row, outcomes) for row, outcomes in with_outcomes(store, rows))
        count = json.export(objects, target, overwrite=force)
    else:
        from store.exports import csv

        count = csv.export(rows, target, bom=bom, overwrite=force)
    scope = campaign if campaign is not None else f"list {list_name}"
    note_export(store, count, "standard output" if target == "-" else target, scope, current_operator(), now())
    if target != "-":
        click.echo(f"{number(count)} recipients written to {target}.")
