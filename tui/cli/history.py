"""aftersend history."""

from __future__ import annotations

from dataclasses import replace

import click

from store.errors import NotFound
from tui.cli.arguments import json_option
from tui.cli.columns import terminal_width
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read
from tui.present.history import history_lines

_READABLE = 100


@click.command("history")
@click.argument("address")
@json_option
@click.pass_context
def history_command(ctx: click.Context, address: str, as_json: bool) -> None:
    """Show what happened to one address in all campaigns.

    Every event with the server's words, whole, and what operators did; oldest first within a campaign.
    """
    from store.queries.addresses import recipients_of_address
    from store.queries.history import history

    store = store_to_read(ctx)
    ids = recipients_of_address(store, address)
    if not ids:
        raise NotFound(f"{address} is in no campaign.")
    if as_json:
        from store.exports.json import history_object

        print_objects(history_object(history(store, recipient_id)) for recipient_id in ids)
        return
    width = terminal_width() or _READABLE
    for position, recipient_id in enumerate(ids):
        if position:
            click.echo()
        found = replace(history(store, recipient_id), elsewhere=())
        for line in history_lines(found, width, now()):
            click.echo("".join(text for text, _ in line).rstrip())
