"""aftersend segments and segment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from store.asking import RecipientFilter, Source
from tui.cli.arguments import CampaignName, SegmentName, json_option
from tui.cli.choosing import list_option, narrowing_options, whose
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import report_change
from tui.present.times import moment, number

if TYPE_CHECKING:
    from store.database import Store
    from store.rows import SegmentRow

_COLUMNS = (
    Column("Segment", floor=16),
    Column("Fit\N{NO-BREAK SPACE}now", right=True),
    Column("Asks\N{NO-BREAK SPACE}for", floor=20),
    Column("Saved", rank=2),
    Column("By", floor=6, rank=3),
    Column("Note", floor=10, rank=1),
)
_name_argument = click.argument("name", type=SegmentName())


@click.command("segments")
@json_option
@click.pass_context
def segments_command(ctx: click.Context, as_json: bool) -> None:
    """Print the segments: filters with names, which stay live.

    How many recipients fit is counted now; `aftersend recipients --segment NAME` prints them.
    """
    from store.queries.segments import list_segments

    store = store_to_read(ctx)
    rows = list_segments(store)
    if as_json:
        print_objects(_object(row, count) for row, count in _counted(store, rows))
        return
    if not rows:
        click.echo("There are no segments yet.", err=True)
    print_table(_COLUMNS, (_cells(row, count) for row, count in _counted(store, rows)))


@click.group("segment")
def segment_command() -> None:
    """Save a filter as a segment, rename or delete one."""


@segment_command.command("save")
@click.argument("name")
@click.option("--campaign", type=CampaignName(), help="Only recipients of this campaign; otherwise of all.")
@list_option
@narrowing_options
@click.option("--replace", is_flag=True, help="Give a segment that is there already this filter.")
@json_option
@click.pass_context
def save_command(
    ctx: click.Context,
    name: str,
    campaign: str | None,
    list_name: str | None,
    narrowed: RecipientFilter,
    replace: bool,
    as_json: bool,
) -> None:
    """Save a filter under a name."""
    from store.actions.segments import save
    from store.journal import current_operator

    store = store_to_write(ctx)
    wanted = narrowed
    if campaign is not None or list_name is not None:
        wanted = whose(store, narrowed, campaign, list_name).filter
    elif narrowed == RecipientFilter():
        raise click.UsageError("Give --campaign, --list or a condition such as --state.")
    report_change(save(store, name, wanted, current_operator(), now(), replace=replace), as_json=as_json)


@segment_command.command("rename")
@_name_argument
@click.argument("new_name")
@json_option
@click.pass_context
def rename_command(ctx: click.Context, name: str, new_name: str, as_json: bool) -> None:
    """Give a segment another name."""
    from store.actions.listkeeping import rename
    from store.journal import current_operator

    store = store_to_write(ctx)
    report_change(rename(store, _source(store, name), new_name, current_operator(), now()), as_json=as_json)


@segment_command.command("note")
@_name_argument
@click.argument("text")
@json_option
@click.pass_context
def note_command(ctx: click.Context, name: str, text: str, as_json: bool) -> None:
    """Write a note to a segment; an empty TEXT takes it off."""
    from store.actions.listkeeping import annotate
    from store.journal import current_operator

    store = store_to_write(ctx)
    report_change(annotate(store, _source(store, name), text, current_operator(), now()), as_json=as_json)


@segment_command.command("delete")
@_name_argument
@json_option
@click.pass_context
def delete_command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Delete a segment; the recipients stay as they are."""
    from store.actions.listkeeping import delete
    from store.journal import current_operator

    store = store_to_write(ctx)
    report_change(delete(store, [_source(store, name)], current_operator(), now()), as_json=as_json)


def _source(store: Store, name: str) -> Source:
    from store.queries.segments import find_segment

    return Source(segment_id=find_segment(store, name).id)


def _counted(store: Store, rows: tuple[SegmentRow, ...]) -> Iterator[tuple[SegmentRow, int | None]]:
    from store.queries.recipients import count

    for row in rows:
        yield row, None if row.filter is None else count(store, row.filter)


def _object(row: SegmentRow, count: int | None) -> dict[str, Any]:
    from store.exports.json import iso
    from store.filters import to_object

    return {
        "id": row.id,
        "name": row.name,
        "recipients": count,
        "words": row.words,
        "filter": None if row.filter is None else to_object(row.filter),
        "created_at": iso(row.created_at),
        "created_by": row.created_by,
        "note": row.note,
    }


def _cells(row: SegmentRow, count: int | None) -> tuple[str, ...]:
    fit = "" if count is None else number(count)
    return (row.name, fit, row.words, moment(row.created_at), row.created_by, row.note)
