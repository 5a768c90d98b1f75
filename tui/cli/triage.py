"""aftersend mark-hard, mark-soft, clear, block, former: the decisions about recipients, as on the keys."""

from __future__ import annotations

from importlib import import_module

import click

from tui.cli.arguments import campaign_argument, recipients_named
from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_change


def _decision(verb: str, summary: str, effect: str) -> click.Command:
    """Return the command for one verb; its function in the store has the verb's name with an underscore."""

    @click.command(
        verb, help=f"{summary}\n\n{effect} Either all addresses are recipients of CAMPAIGN or nothing happens."
    )
    @campaign_argument()
    @click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
    @click.pass_context
    def command(ctx: click.Context, campaign: str, addresses: tuple[str, ...]) -> None:
        from store.journal import current_operator
        from store.queries.campaigns import find_campaign

        store = store_to_write(ctx)
        row = find_campaign(store, campaign)
        named = recipients_named(store, row.id, row.name, addresses)
        decide = getattr(import_module("store.actions.triage"), verb.replace("-", "_"))
        report_change(decide(store, list(named), current_operator(), now()), named)

    return command


mark_hard_command = _decision(
    "mark-hard", "Mark recipients as bounced hard.", "Their addresses are blocked for later campaigns."
)
mark_soft_command = _decision(
    "mark-soft", "Mark recipients as bounced soft.", "A passing fault; the addresses stay in use."
)
clear_command = _decision("clear", "Clear the bounce flag of recipients.", "The failure was not the address's fault.")
block_command = _decision("block", "Block the addresses of recipients.", "They get no campaign any more.")
former_command = _decision(
    "former", "Mark recipients as former employees.", "They stay in the books and are never written to again."
)
