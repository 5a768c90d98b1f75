"""aftersend corrections."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from store.rows import CorrectionRow
from tui.cli.arguments import json_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say, tell
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read
from tui.present.times import moment, number

_COLUMNS = (
    Column("Old", floor=24),
    Column("New", floor=24),
    Column("CRM\N{NO-BREAK SPACE}id", rank=1),
    Column("Name", floor=14, rank=2),
    Column("Company", floor=14, rank=4),
    Column("Campaign", floor=14, rank=5),
    Column("When", rank=3),
    Column("Who", floor=6, rank=6),
)


@click.command("corrections")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    metavar="DATE",
    help="Only those made on or after this day (or moment), UTC.",
)
@click.option(
    "--to", "target", metavar="FILE|-", help="Write them to a file instead: .csv, .xlsx, .html, .json or .txt."
)
@click.option("--force", is_flag=True, help="Write over existing files.")
@json_option
@click.pass_context
def corrections_command(
    ctx: click.Context, since: datetime | None, target: str | None, force: bool, as_json: bool
) -> None:
    """Print or write the addresses that were corrected, for the CRM.

    Every `fix` and `accept` that was not undone, the newest first. In a pipe tab-separated without headings (old and
    new address, CRM id, name, company, campaign, when, by whom).
    """
    from store.queries.corrections import count_corrections, stream_corrections

    if as_json and target is not None:
        raise click.UsageError("Give either --json or --to; a FILE.json holds JSON.")
    store = store_to_read(ctx)
    begin = since.replace(tzinfo=UTC) if since is not None else None
    rows = stream_corrections(store, begin)
    if as_json:
        from store.exports.json import correction_object

        print_objects(map(correction_object, rows))
    elif target is None:
        if not print_table(_COLUMNS, map(_cells, rows)):
            say("Nothing was corrected.")
    else:
        from store.actions.exports import note_export
        from store.exports.about import About
        from store.exports.fields import CORRECTION_FIELDS
        from store.exports.formats import format_of, write
        from store.exports.json import correction_object
        from store.journal import current_operator

        scope = f"since {begin:%Y-%m-%d %H:%M} UTC" if begin is not None else "all"
        who, made = current_operator(), now()
        about = About("corrections", scope, count_corrections(store, begin), made, who)
        count = write(
            rows,
            target,
            about,
            kind=format_of(target),
            fields=CORRECTION_FIELDS,
            to_objects=lambda some: map(correction_object, some),
            overwrite=force,
        )
        note_export(store, count, "standard output" if target == "-" else target, scope, who, made, noun="corrections")
        if target != "-":
            tell(f"{number(count)} {'correction' if count == 1 else 'corrections'} written to {target}.")


def _cells(row: CorrectionRow) -> tuple[str, ...]:
    return row.old, row.new, row.crm_id or "", row.name, row.company, row.campaign, moment(row.at), row.operator
