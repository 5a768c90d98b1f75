"""aftersend recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from store.asking import RecipientFilter, Sort
from store.rows import RecipientRow, StrangerRow
from tui.cli.arguments import campaign_argument, json_option
from tui.cli.choosing import list_option, narrowing_options, segment_option, sort_options, whose
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.present.times import moment
from tui.present.words import reason_word, state_word, stranger_look, why

if TYPE_CHECKING:
    from store.database import Store

_COLUMNS = (
    Column("Address", floor=28),
    Column("Name", floor=14),
    Column("State", floor=14),
    Column("Why", floor=14),
    Column("Company", floor=14, rank=1),
    Column("Sent", rank=2),
    Column("Read", rank=3),
)
_STRANGER_COLUMNS = (
    Column("Address", floor=24),
    Column("Asked\N{NO-BREAK SPACE}for", floor=16, rank=2),
    Column("State", floor=12),
    Column("Why", floor=12, rank=1),
    Column("When"),
    Column("Records", floor=7),
    Column("Server's\N{NO-BREAK SPACE}words", floor=20, rank=3),
)


@click.command("recipients")
@campaign_argument(required=False)
@json_option
@narrowing_options
@sort_options
@list_option
@segment_option
@click.option(
    "--strangers",
    is_flag=True,
    help="Print mail to addresses outside the plan instead, with the numbers of its records that `assign` takes.",
)
@click.pass_context
def recipients_command(
    ctx: click.Context,
    campaign: str | None,
    as_json: bool,
    narrowed: RecipientFilter,
    sort: Sort,
    list_name: str | None,
    segment: str | None,
    strangers: bool,
) -> None:
    """Print the recipients of a campaign, of a list or of a segment.

    A table on a terminal; tab-separated without headings in a pipe (address, name, state, why, company, sent, read).
    """
    store = store_to_read(ctx)
    if strangers:
        from store.queries.campaigns import find_campaign

        _print_strangers(store, find_campaign(store, campaign).id if campaign is not None else None, as_json)
        return
    chosen = whose(store, narrowed, campaign, list_name, segment)
    print_recipients(store, chosen.filter, sort, as_json=as_json)


def print_recipients(store: Store, which: RecipientFilter, sort: Sort, *, as_json: bool) -> None:
    """Print the recipients of a filter, as they come, at constant memory."""
    from store.queries.recipients import stream

    rows = stream(store, which, sort)
    if as_json:
        from store.exports.recipients import recipient_objects

        print_objects(recipient_objects(store, rows))
        return
    if not print_table(_COLUMNS, map(_cells, rows)):
        say("Nobody fits.")


def _cells(row: RecipientRow) -> tuple[str, ...]:
    return (
        row.address,
        row.name,
        state_word(row),
        why(row),
        row.company,
        moment(row.sent_at),
        moment(row.opened_at or row.clicked_at),
    )


def _print_strangers(store: Store, campaign_id: int | None, as_json: bool) -> None:
    from store.queries.strangers import strangers

    rows = strangers(store, campaign_id)
    if as_json:
        from store.exports.json import stranger_object

        print_objects(map(stranger_object, rows))
        return
    if not print_table(_STRANGER_COLUMNS, map(_stranger_cells, rows)):
        say("No event is about a stranger.")


def _stranger_cells(row: StrangerRow) -> tuple[str, ...]:
    return (
        row.address,
        row.original or "",
        stranger_look(row).word,
        " ".join(part for part in (reason_word(row.reason), row.status or str(row.reply or "")) if part),
        moment(row.ts),
        ",".join(map(str, row.ids)),
        row.diagnostic or "",
    )
