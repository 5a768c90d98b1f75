"""aftersend reload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.arguments import ListName, json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.present.times import moment, number

if TYPE_CHECKING:
    from store.rows import Change, ReloadCounts, ReloadRow

_COLUMNS = (
    Column("What"),
    Column("Address", floor=24),
    Column("New\N{NO-BREAK SPACE}address", floor=20),
    Column("Name", floor=12, rank=1),
)


@click.command("reload")
@click.argument("name", type=ListName(), metavar="LIST")
@click.option("--dry-run", is_flag=True, help="Only show what has changed.")
@click.option(
    "--all",
    "everybody",
    is_flag=True,
    help="Take those off, too, who must not be written to as was known when they came on the list.",
)
@json_option
@click.pass_context
def reload_command(ctx: click.Context, name: str, dry_run: bool, everybody: bool, as_json: bool) -> None:
    """Take those off a list who must not be written to any more.

    Shows what has changed since the list was made or last reloaded: who complained, unsubscribed, left, lost the
    address or the consent, or is blocked, and leaves the list; who read a reminder or got what is sent again; whose
    address was fixed, and who bounced, who both stay. In a pipe tab-separated: what, address, new address, name.
    """
    from store.actions.reloading import reload
    from store.journal import current_operator
    from store.queries.lists import find_list
    from store.queries.reloading import changes

    store = store_to_read(ctx) if dry_run else store_to_write(ctx)
    row = find_list(store, name)
    counts, rows = changes(store, row.id)
    change = None if dry_run else reload(store, row.id, current_operator(), now(), everybody=everybody)
    if as_json:
        print_objects([_object(row.name, counts, rows, change)])
        return
    print_table(_COLUMNS, ((r.what, r.address, r.new_address, r.name) for r in rows))
    click.echo(change.sentence if change is not None else _sentence(row.name, counts), err=True)


def _sentence(name: str, counts: ReloadCounts) -> str:
    why = ", ".join(f"{number(count)} {reason}" for reason, count in counts.off.items())
    off = f"{number(sum(counts.off.values()))} of {number(counts.members)} would leave the list"
    said = f"“{name}” since {moment(counts.since)}: {off}{f' ({why})' if why else ''}"
    if counts.fixed:
        said += f", {number(counts.fixed)} fixed"
    if counts.before:
        known = ", ".join(f"{number(count)} {why}" for why, count in counts.before.items())
        said += f"; with --all also those known before: {known}"
    return said


def _object(name: str, counts: ReloadCounts, rows: tuple[ReloadRow, ...], change: Change | None) -> dict[str, object]:
    from store.exports.json import iso

    return {
        "list": name,
        "since": iso(counts.since),
        "members": counts.members,
        "fixed": counts.fixed,
        "off": counts.off,
        "known_before": counts.before,
        "told": counts.told,
        "journal": change.journal_id if change else None,
        "sentence": change.sentence if change else None,
        "changes": [
            {"what": r.what, "name": r.name, "address": r.address, "new_address": r.new_address, "leaves": r.leaves}
            for r in rows
        ],
    }
