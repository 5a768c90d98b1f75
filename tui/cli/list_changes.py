"""What `aftersend lists` changes: combining, splitting and keeping lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from store.asking import Combining
from store.vocabulary import ListKind
from tui.cli.arguments import ListName, ListTarget, SourceName, json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import report_change
from tui.present.times import number

if TYPE_CHECKING:
    from store.rows import ListRow, SegmentRow

_KINDS = {kind.value: kind for kind in ListKind}
_PARTS = (Column("List", floor=20), Column("Members", right=True), Column("Responsible", floor=10, rank=1))
_dry_run = click.option("--dry-run", is_flag=True, help="Only count; make no list.")
_list_argument = click.argument("name", type=ListName(), metavar="LIST")


def _combination(how: Combining, summary: str) -> click.Command:
    """Return the command for one way of combining."""

    @click.command(how.value, help=f"{summary}\n\nLists and segments are named; the new list must not be there yet.")
    @click.argument("names", type=SourceName(), nargs=-1, required=True, metavar="LIST LIST...")
    @click.option("--into", "target", type=ListTarget(), required=True, help="The new list.")
    @_dry_run
    @json_option
    @click.pass_context
    def command(
        ctx: click.Context, names: tuple[str, ...], target: tuple[ListKind, str], dry_run: bool, as_json: bool
    ) -> None:
        from store.actions.combining import counted
        from store.actions.lists import Target, combine
        from store.journal import current_operator
        from store.queries.segments import find_source, source_of

        if len(names) < 2:
            raise click.UsageError("Name two lists or more.")
        store = store_to_read(ctx) if dry_run else store_to_write(ctx)
        rows = [find_source(store, name) for name in names]
        sources = [source_of(row) for row in rows]
        if dry_run:
            counts, result = counted(store, how, sources)
            _count(rows, counts, result, as_json)
            return
        wanted = Target(*target, note=f" {how.value} ".join(row.name for row in rows))
        change = combine(store, how, sources, wanted, current_operator(), now())
        report_change(change, as_json=as_json)

    return command


def _count(rows: list[ListRow | SegmentRow], counts: list[int], result: int, as_json: bool) -> None:
    if as_json:
        parts = [{"list": row.name, "people": count} for row, count in zip(rows, counts, strict=True)]
        print_objects([{"of": parts, "people": result}])
        return
    for row, count in zip(rows, counts, strict=True):
        click.echo(f"{number(count):>9}  {row.name}")
    click.echo(f"{number(result):>9}  would be on the new list")


@click.command("split")
@click.argument("name", type=SourceName(), metavar="LIST")
@click.option(
    "--kind",
    type=click.Choice(list(_KINDS)),
    help="Of the new lists; otherwise that of LIST, or project if it is neither selection nor project.",
)
@_dry_run
@json_option
@click.pass_context
def split_command(ctx: click.Context, name: str, kind: str | None, dry_run: bool, as_json: bool) -> None:
    """Make one list for each responsible person, so that they check the addresses they know.

    The lists are called "LIST · RESPONSIBLE", the one of those whom nobody looks after "LIST · without responsible".
    LIST itself stays as it is.
    """
    from store.actions.lists import Target
    from store.actions.splitting import preview, split
    from store.journal import current_operator
    from store.queries.segments import find_source, source_of

    store = store_to_read(ctx) if dry_run else store_to_write(ctx)
    row = find_source(store, name)
    source = source_of(row)
    parts = preview(store, source, row.name)
    if not dry_run:
        target = Target(_KINDS[kind] if kind else part_kind(row), row.name, getattr(row, "campaign_id", None))
        change = split(store, source, target, current_operator(), now())
        click.echo(change.sentence, err=True)
    if as_json:
        print_objects({"list": part.name, "responsible": part.responsible, "people": part.members} for part in parts)
    else:
        print_table(_PARTS, ((part.name, number(part.members), part.responsible) for part in parts))


def part_kind(row: ListRow | SegmentRow) -> ListKind:
    """Return which kind of lists a list or segment is split into unless somebody says otherwise."""
    kind = getattr(row, "kind", None)
    return kind if kind in {ListKind.SELECTION, ListKind.PROJECT} else ListKind.PROJECT


@click.command("remove")
@_list_argument
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@json_option
@click.pass_context
def remove_command(ctx: click.Context, name: str, addresses: tuple[str, ...], as_json: bool) -> None:
    """Take members off a list."""
    from store.actions.listkeeping import remove
    from store.errors import NotFound
    from store.journal import current_operator
    from store.queries.addresses import recipients_of_address
    from store.queries.lists import find_list

    store = store_to_write(ctx)
    row = find_list(store, name)
    named: dict[int, str] = {}
    for address in addresses:
        ids = recipients_of_address(store, address)
        if not ids:
            raise NotFound(f"{address} is in no campaign; nothing was changed.")
        named.update(dict.fromkeys(ids, address))
    report_change(remove(store, row.id, list(named), current_operator(), now()), named, as_json=as_json)


@click.command("rename")
@_list_argument
@click.argument("new_name", metavar="NAME")
@json_option
@click.pass_context
def rename_command(ctx: click.Context, name: str, new_name: str, as_json: bool) -> None:
    """Give a list another name."""
    _keep(ctx, "rename", name, as_json, new_name)


@click.command("note")
@_list_argument
@click.argument("text")
@json_option
@click.pass_context
def note_command(ctx: click.Context, name: str, text: str, as_json: bool) -> None:
    """Write a note to a list; an empty TEXT takes it off."""
    _keep(ctx, "annotate", name, as_json, text)


@click.command("delete")
@_list_argument
@json_option
@click.pass_context
def delete_command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Delete a list; its people, and what they got, stay as they are."""
    _keep(ctx, "delete", name, as_json)


def _keep(ctx: click.Context, verb: str, name: str, as_json: bool, *more: Any) -> None:
    from store.actions import listkeeping
    from store.asking import Source
    from store.journal import current_operator
    from store.queries.lists import find_list

    store = store_to_write(ctx)
    source = Source(list_id=find_list(store, name).id)
    what = [source] if verb == "delete" else source
    report_change(getattr(listkeeping, verb)(store, what, *more, current_operator(), now()), as_json=as_json)


CHANGES = (
    _combination(Combining.UNION, "Make a list of everybody who is on any of some lists."),
    _combination(Combining.MINUS, "Make a list of those on the first list who are on none of the others."),
    _combination(Combining.INTERSECT, "Make a list of those who are on all of some lists."),
    split_command,
    remove_command,
    rename_command,
    note_command,
    delete_command,
)
"""The commands under `aftersend lists` that change something."""
