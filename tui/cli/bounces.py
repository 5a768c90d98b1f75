"""aftersend bounces."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import click

from store.asking import Grouping, Sort
from store.rows import BounceGroupRow, OutcomeRow, RecipientRow
from store.vocabulary import FAILED_DELIVERY, State
from tui.cli.arguments import campaign_argument, chosen, json_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.present.bounces import cause, domains, whose
from tui.present.times import moment, number
from tui.present.words import state_word, why

if TYPE_CHECKING:
    from store.database import Store

_COLUMNS = (
    Column("Address", floor=24),
    Column("State", floor=12),
    Column("Why", floor=16),
    Column("When", rank=1),
    Column("Campaign", floor=14, rank=2),
    Column("Server's\N{NO-BREAK SPACE}words", floor=16),
)

_GROUP_COLUMNS = (
    Column("Group"),
    Column("Bounces", right=True),
    Column("Whose"),
    Column("Cause", floor=16),
    Column("Domains", floor=14, rank=1),
    Column("First", rank=2),
    Column("Last", rank=3),
    Column("Servers'\N{NO-BREAK SPACE}words", floor=16, rank=4),
)
_BATCH = 500


@click.command("bounces")
@campaign_argument(required=False)
@json_option
@click.option("--open", "only_open", is_flag=True, help="Only those that nobody has decided about.")
@click.option(
    "--group",
    "by",
    type=click.Choice([grouping.value for grouping in Grouping]),
    default=Grouping.NONE.value,
    show_default=True,
    help="Print undecided ones in groups; the first column is the name that `excuse --group` and the like take.",
)
@click.pass_context
def bounces_command(ctx: click.Context, campaign: str | None, as_json: bool, only_open: bool, by: str) -> None:
    """Print the failures with the servers' words, or in groups.

    Bounced, expired and rejected, of CAMPAIGN or of all. In a pipe tab-separated without headings (address, state,
    why, when, campaign, the server's words; of groups name, number, whose fault, cause, domains, first, last, words).
    """
    from store.queries.campaigns import find_campaign
    from store.queries.history import with_outcomes
    from store.queries.recipients import stream

    store = store_to_read(ctx)
    campaign_id = find_campaign(store, campaign).id if campaign is not None else None
    if by != Grouping.NONE:
        _print_groups(store, campaign_id, Grouping(by), as_json)
        return
    rows = stream(store, chosen(campaign_id, [State.OPEN if only_open else State.BOUNCED]), Sort("reason"))
    found = with_outcomes(store, rows)
    if as_json:
        from store.exports.json import recipient_object

        print_objects(recipient_object(row, outcomes) for row, outcomes in found)
        return
    if not print_table(_COLUMNS, (_cells(row, outcomes) for row, outcomes in found)):
        say("No failure is open." if only_open else "Nothing has failed.")


def _print_groups(store: Store, campaign_id: int | None, by: Grouping, as_json: bool) -> None:
    from store.queries.bounces import BounceView

    view = BounceView(store)
    try:
        view.build(campaign_id, by)
        groups = chain.from_iterable(view.groups(at, _BATCH) for at in range(0, view.group_count, _BATCH))
        if as_json:
            from store.exports.json import bounce_group_object

            print_objects(map(bounce_group_object, groups))
        elif not print_table(_GROUP_COLUMNS, map(_group_cells, groups)):
            say("No failure is open.")
    finally:
        view.close()


def _group_cells(row: BounceGroupRow) -> tuple[str, ...]:
    return (
        row.key,
        number(row.n),
        "later" if row.later else whose(row),
        cause(row),
        domains(row),
        moment(row.first),
        moment(row.last),
        row.words,
    )


def _cells(row: RecipientRow, outcomes: tuple[OutcomeRow, ...]) -> tuple[str, ...]:
    failed = [outcome for outcome in outcomes if outcome.delivery in FAILED_DELIVERY]
    words = failed[-1].diagnostic if failed else None
    return (
        row.address,
        state_word(row),
        why(row),
        moment(row.bounced_at),
        row.campaign,
        words or "",
    )
