"""aftersend bounces."""

from __future__ import annotations

import click

from store.asking import Sort
from store.rows import OutcomeRow, RecipientRow
from store.vocabulary import FAILED_DELIVERY, State
from tui.cli.arguments import campaign_argument, chosen, json_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.cli.recipients import with_outcomes
from tui.present.times import moment
from tui.present.words import state_word, why

_COLUMNS = (
    Column("Address", floor=24),
    Column("State", floor=12),
    Column("Why", floor=16),
    Column("When", rank=1),
    Column("Campaign", floor=14, rank=2),
    Column("Server's\N{NO-BREAK SPACE}words", floor=16),
)


@click.command("bounces")
@campaign_argument(required=False)
@json_option
@click.option("--open", "only_open", is_flag=True, help="Only those that nobody has decided about.")
@click.pass_context
def bounces_command(ctx: click.Context, campaign: str | None, as_json: bool, only_open: bool) -> None:
    """Print the failures with the servers' words.

    Bounced, expired and rejected, of CAMPAIGN or of all. In a pipe tab-separated without headings (address, state,
    why, when, campaign, the server's words).
    """
    from store.queries.campaigns import find_campaign
    from store.queries.recipients import stream

    store = store_to_read(ctx)
    campaign_id = find_campaign(store, campaign).id if campaign is not None else None
    rows = stream(store, chosen(campaign_id, [State.OPEN if only_open else State.BOUNCED]), Sort("reason"))
    found = with_outcomes(store, rows)
    if as_json:
        from store.exports.json import recipient_object

        print_objects(recipient_object(row, outcomes) for row, outcomes in found)
        return
    if not print_table(_COLUMNS, (_cells(row, outcomes) for row, outcomes in found)):
        say("No failure is open." if only_open else "Nothing has failed.")


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
