"""aftersend blocked, aftersend clear-block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from store.asking import Sort
from store.errors import NotFound
from tui.cli.arguments import json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import report_change
from tui.cli.writing import file_options, write_file
from tui.present.times import day, number

if TYPE_CHECKING:
    from store.database import Store
    from store.rows import BlockedGroupRow, BlockedRow

_COLUMNS = (
    Column("Address", floor=20),
    Column("Reason"),
    Column("Since"),
    Column("Failed", right=True, rank=1),
    Column("By", floor=10, rank=1),
    Column("Arrived", rank=3),
    Column("Name", floor=8, rank=2),
    Column("Company", floor=8, rank=3),
)
_GROUPS = (Column("Group", floor=16), Column("Addresses", right=True), Column("From"), Column("To"))
_SORTED = ("since", "address", "domain", "reason", "by", "failures", "success", "name", "company")
_GROUPED = ("reason", "domain", "by", "month", "company", "failures")


@click.command("blocked")
@click.option("--sort", type=click.Choice(_SORTED), default="since", show_default=True, help="The order.")
@click.option("--reverse", is_flag=True, help="Turn the order round.")
@click.option("--group", type=click.Choice(_GROUPED), help="Print groups and how many addresses each has.")
@click.option("--find", "text", default="", metavar="TEXT", help="Only addresses that contain this.")
@file_options
@json_option
@click.pass_context
def blocked_command(
    ctx: click.Context,
    sort: str,
    reverse: bool,
    group: str | None,
    text: str,
    target: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Print the blocked addresses of all campaigns: why, since when, by what.

    With --to they go to a file, whose head (of CSV and JSON FILE.meta.json) says which they are, when they were written
    and by whom; cells that a spreadsheet could take for formulas are defused.
    """
    if group is not None and target is not None:
        raise click.UsageError("--group and --to do not go together; a file holds addresses.")
    if as_json and target is not None:
        raise click.UsageError("Give either --json or --to; a FILE.json holds JSON.")
    store = store_to_read(ctx)
    if group is not None:
        _print_groups(store, group, text, as_json)
    else:
        _print_addresses(store, Sort(sort, reverse), text, target, force, as_json)


@click.command("clear-block")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@click.pass_context
def clear_block_command(ctx: click.Context, addresses: Sequence[str]) -> None:
    """Free blocked addresses: only later failures count from now on.

    A block after a complaint stays.
    """
    from store.actions.blocks import clear_block
    from store.journal import current_operator
    from store.queries.blocked import blocked_ids

    store = store_to_write(ctx)
    found = blocked_ids(store, addresses)
    ids = {id_: address for address, id_ in found.items() if id_ is not None}
    if len(ids) < len(found):
        missing = next(address for address, id_ in found.items() if id_ is None)
        raise NotFound(f"{missing} is not blocked; nothing was changed.")
    report_change(clear_block(store, list(ids), current_operator(), now()), ids)


def _print_addresses(store: Store, sort: Sort, text: str, target: str | None, force: bool, as_json: bool) -> None:
    from store.exports.fields import BLOCKED_FIELDS
    from store.queries.blocked import BlockedView
    from store.queries.snapshot import counted

    with counted(BlockedView(store), lambda view: view.build(sort, text=text)) as (total, rows):
        if target is not None:
            scope = f"blocked · “{text}”" if text else "blocked"
            write_file(store, rows, target, BLOCKED_FIELDS, "addresses", scope, force=force, total=total, sort=sort)
        elif as_json:
            print_objects(map(_object, rows))
        elif not print_table(_COLUMNS, map(_cells, rows)):
            click.echo("No address is blocked." if not text else "No blocked address contains this.", err=True)


def _print_groups(store: Store, group: str, text: str, as_json: bool) -> None:
    from store.exports.json import iso
    from store.queries.blocked import blocked_groups

    rows = blocked_groups(store, group, text)
    if as_json:
        print_objects(
            {"by": row.by, "group": row.told, "count": row.n, "first": iso(row.first), "last": iso(row.last)}
            for row in rows
        )
    else:
        print_table(_GROUPS, map(_group_cells, rows))


def _group_cells(row: BlockedGroupRow) -> tuple[str, ...]:
    return (row.told, number(row.n), day(row.first), day(row.last))


def _cells(row: BlockedRow) -> tuple[str, ...]:
    return (
        row.address,
        row.reason or "",
        day(row.since),
        number(row.failures),
        row.by,
        day(row.last_success_at),
        row.name,
        row.company,
    )


def _object(row: BlockedRow) -> dict[str, Any]:
    from store.exports.json import plain

    names = ("address", "domain", "reason", "since", "by", "failures", "last_success_at", "name", "company")
    return {name: plain(getattr(row, name)) for name in names}
