"""aftersend add."""

from __future__ import annotations

from collections.abc import Sequence

import click

from store.vocabulary import ListKind
from tui.cli.arguments import ListTarget, campaign_argument, chosen, recipients_named, state_option
from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_change


@click.command("add")
@campaign_argument()
@click.option("--to", "target", type=ListTarget(), required=True, help="The list; it is made if it is missing.")
@state_option
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.pass_context
def add_command(
    ctx: click.Context, campaign: str, target: tuple[ListKind, str], states: Sequence[str], addresses: tuple[str, ...]
) -> None:
    """Add recipients to a new or existing list.

    Name the recipients by ADDRESS or choose them with --state.
    """
    from store.actions.lists import add
    from store.journal import current_operator
    from store.queries.campaigns import find_campaign
    from store.queries.recipients import stream

    if bool(states) == bool(addresses):
        raise click.UsageError("Give either addresses or --state.")
    store = store_to_write(ctx)
    row = find_campaign(store, campaign)
    named = recipients_named(store, row.id, row.name, addresses)
    ids = list(named) or [recipient.id for recipient in stream(store, chosen(row.id, states))]
    kind, name = target
    report_change(add(store, ids, kind, name, current_operator(), now(), campaign_id=row.id), named)
