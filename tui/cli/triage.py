"""aftersend mark-hard, clear, excuse, block and so on: the decisions about recipients, as on the keys."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from store.errors import Refused
from tui.cli.arguments import campaign_argument, json_option, recipients_named
from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_change

if TYPE_CHECKING:
    from store.database import Store


def _decision(verb: str, summary: str, effect: str) -> click.Command:
    """Return the command for one verb; its function in the store has the verb's name with an underscore."""

    @click.command(
        verb,
        help=f"{summary}\n\n{effect} Either all addresses are recipients of CAMPAIGN or nothing happens. Instead of"
        " addresses, --group names a group of undecided bounces that `bounces --group` printed.",
    )
    @campaign_argument()
    @click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
    @click.option("--group", metavar="NAME", help="All undecided bounces of this group.")
    @click.option(
        "--count", type=click.IntRange(min=1), metavar="N", help="Do it only if the group has exactly N by now."
    )
    @json_option
    @click.pass_context
    def command(
        ctx: click.Context,
        campaign: str,
        addresses: tuple[str, ...],
        group: str | None,
        count: int | None,
        as_json: bool,
    ) -> None:
        from store.journal import current_operator
        from store.queries.campaigns import find_campaign

        if bool(addresses) == bool(group):
            raise click.UsageError("Give either addresses or --group.")
        store = store_to_write(ctx)
        row = find_campaign(store, campaign)
        named = recipients_named(store, row.id, row.name, addresses)
        ids = list(named) if group is None else _members(store, row.id, group, count)
        decide = getattr(import_module("store.actions.triage"), verb.replace("-", "_"))
        report_change(decide(store, ids, current_operator(), now()), named, as_json=as_json)

    return command


def _members(store: Store, campaign_id: int, group: str, count: int | None) -> list[int]:
    from store.queries.bounces import group_members

    ids = group_members(store, campaign_id, group)
    if count is not None and len(ids) != count:
        raise Refused(f"The group {group} has {len(ids):,} undecided bounces by now, not {count:,}.")
    return ids


mark_hard_command = _decision(
    "mark-hard", "Mark recipients as bounced hard.", "Their addresses are blocked for later campaigns."
)
mark_soft_command = _decision(
    "mark-soft", "Mark recipients as bounced soft.", "A passing fault; the addresses stay in use."
)
clear_command = _decision("clear", "Clear the bounce flag of recipients.", "The failure was not the address's fault.")
excuse_command = _decision(
    "excuse",
    "Excuse bounces that were our fault.",
    "They do not count against the addresses, and the people go on the campaign's resend list.",
)
block_command = _decision("block", "Block the addresses of recipients.", "They get no campaign any more.")
former_command = _decision(
    "former", "Mark recipients as former employees.", "They stay in the books and are never written to again."
)
delete_command = _decision(
    "delete",
    "Delete the addresses of recipients.",
    "The contacts stay in the books without an address, and the addresses are blocked.",
)
later_command = _decision("later", "Put off the decision about bounces.", "They stay open, behind the others.")
