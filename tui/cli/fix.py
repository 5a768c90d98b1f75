"""aftersend fix."""

from __future__ import annotations

import click

from store.errors import Refused
from tui.cli.arguments import campaign_argument, recipients_named
from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_change


@click.command("fix")
@campaign_argument()
@click.argument("old")
@click.argument("new")
@click.pass_context
def fix_command(ctx: click.Context, campaign: str, old: str, new: str) -> None:
    """Correct the address of a recipient.

    The contact moves from OLD to NEW; a block stays with OLD.
    """
    from store.actions.contacts import fix
    from store.journal import current_operator
    from store.queries.campaigns import find_campaign

    store = store_to_write(ctx)
    row = find_campaign(store, campaign)
    ids = list(recipients_named(store, row.id, row.name, [old]))
    if len(ids) > 1:
        raise Refused(f"{len(ids)} recipients of {row.name} have {old}; fix them on the screen, one by one.")
    report_change(fix(store, ids[0], new, current_operator(), now()))
