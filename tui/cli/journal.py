"""aftersend journal."""

from __future__ import annotations

import click

from store.rows import JournalRow
from tui.cli.arguments import json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.present.times import moment, number

_COLUMNS = (
    Column("When"),
    Column("Who", floor=6),
    Column("Host", floor=8, rank=3),
    Column("Verb", rank=2),
    Column("Rows", right=True),
    Column("What", floor=40),
    Column("Undone", rank=1),
)


@click.command("journal")
@json_option
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", default=100, show_default=True, help="At most so many entries."
)
@click.pass_context
def journal_command(ctx: click.Context, as_json: bool, limit: int) -> None:
    """Print what operators did, newest first."""
    from store.queries.journal import journal

    page = journal(store_to_read(ctx), limit=limit)
    if as_json:
        from store.exports.json import journal_object

        print_objects(map(journal_object, page.rows))
        return
    print_table(_COLUMNS, map(_cells, page.rows))
    if page.total > len(page.rows):
        click.echo(f"{page.total - len(page.rows):,} older entries; --limit shows more.", err=True)


def _cells(row: JournalRow) -> tuple[str, ...]:
    who = (row.operator, row.host, row.verb)
    return (moment(row.ts), *who, number(row.subjects), row.sentence, moment(row.undone_at))
