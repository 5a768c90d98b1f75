"""aftersend lists."""

from __future__ import annotations

import click

from store.asking import RecipientFilter, Sort
from store.rows import ListRow
from tui.cli.arguments import ListName, json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.present.times import moment, number

_COLUMNS = (
    Column("List", floor=16),
    Column("Kind"),
    Column("Members", right=True),
    Column("Campaign", floor=12, rank=2),
    Column("Made"),
    Column("By", floor=6, rank=1),
)


@click.command("lists")
@click.argument("name", type=ListName(), required=False)
@json_option
@click.pass_context
def lists_command(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """Print the lists, or the members of one."""
    from store.queries.lists import find_list, list_lists

    store = store_to_read(ctx)
    if name is not None:
        from tui.cli.recipients import print_recipients

        print_recipients(store, RecipientFilter(list_id=find_list(store, name).id), Sort(), as_json=as_json)
        return
    rows = list_lists(store)
    if as_json:
        from store.exports.json import list_object

        print_objects(map(list_object, rows))
        return
    if not rows:
        click.echo("There are no lists yet.", err=True)
    print_table(_COLUMNS, map(_cells, rows))


def _cells(row: ListRow) -> tuple[str, ...]:
    return (row.name, row.kind, number(row.members), row.campaign or "", moment(row.created_at), row.created_by)
