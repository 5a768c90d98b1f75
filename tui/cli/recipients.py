"""aftersend recipients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import click

from store.asking import RecipientFilter, Sort
from store.rows import RecipientRow, StrangerRow
from tui.cli.arguments import ListName, campaign_argument, chosen, json_option, state_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.present.times import moment
from tui.present.words import reason_word, state_word, stranger_look, why

if TYPE_CHECKING:
    from store.database import Store
    from store.rows import OutcomeRow

SORTS = (
    "plan",
    "name",
    "address",
    "company",
    "state",
    "reason",
    "responsible",
    "sent",
    "bounced",
    "opened",
    "clicked",
)
_BATCH = 500
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
@state_option
@click.option("--text", default="", help="Only those with all these words in name, address or company.")
@click.option("--without", multiple=True, metavar="TEXT", help="Not those with any of these words; repeatable.")
@click.option(
    "--sort",
    "column",
    type=click.Choice(SORTS),
    default="plan",
    metavar="COLUMN",
    help=f"The order: {', '.join(SORTS)}; plan is that of the imported list.",
)
@click.option("--reverse", is_flag=True, help="Turn the order round.")
@click.option("--list", "list_name", type=ListName(), help="Only members of this list; CAMPAIGN may be left out then.")
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
    states: Sequence[str],
    text: str,
    without: Sequence[str],
    column: str,
    reverse: bool,
    list_name: str | None,
    strangers: bool,
) -> None:
    """Print the recipients of a campaign or of a list.

    A table on a terminal; tab-separated without headings in a pipe (address, name, state, why, company, sent, read).
    """
    if campaign is None and list_name is None and not strangers:
        raise click.UsageError("Give CAMPAIGN or --list.")
    from store.queries.campaigns import find_campaign
    from store.queries.lists import find_list

    store = store_to_read(ctx)
    campaign_id = find_campaign(store, campaign).id if campaign is not None else None
    if strangers:
        _print_strangers(store, campaign_id, as_json)
        return
    list_id = find_list(store, list_name).id if list_name is not None else None
    which = chosen(
        campaign_id,
        states,
        text=text,
        without=tuple(term for given in without for term in given.split()),
        list_id=list_id,
    )
    print_recipients(store, which, Sort(column, reverse), as_json=as_json)


def print_recipients(store: Store, which: RecipientFilter, sort: Sort, *, as_json: bool) -> None:
    """Print the recipients of a filter, as they come, at constant memory."""
    from store.queries.recipients import stream

    rows = stream(store, which, sort)
    if as_json:
        from store.exports.json import recipient_object

        print_objects(recipient_object(row, outcomes) for row, outcomes in with_outcomes(store, rows))
        return
    if not print_table(_COLUMNS, map(_cells, rows)):
        say("Nobody fits.")


def with_outcomes(store: Store, rows: Iterable[RecipientRow]) -> Iterator[tuple[RecipientRow, tuple[OutcomeRow, ...]]]:
    """Yield each row with its outcomes, read in batches."""
    from store.queries.history import outcomes

    taken = iter(rows)
    while batch := tuple(islice(taken, _BATCH)):
        found = outcomes(store, [row.id for row in batch])
        for row in batch:
            yield row, found.get(row.id, ())


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
