"""aftersend add."""

from __future__ import annotations

from dataclasses import replace

import click

from store.asking import RecipientFilter
from store.vocabulary import ListKind
from tui.cli.arguments import ListTarget, campaign_argument, json_option, recipients_named
from tui.cli.choosing import list_option, narrowing_options, segment_option
from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_change


@click.command("add")
@campaign_argument(required=False)
@click.option("--to", "target", type=ListTarget(), required=True, help="The list; it is made if it is missing.")
@narrowing_options
@list_option
@segment_option
@json_option
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.pass_context
def add_command(
    ctx: click.Context,
    campaign: str | None,
    target: tuple[ListKind, str],
    narrowed: RecipientFilter,
    list_name: str | None,
    segment: str | None,
    as_json: bool,
    addresses: tuple[str, ...],
) -> None:
    """Add recipients to a new or existing list.

    Name recipients of CAMPAIGN by ADDRESS or choose them with --state and the like; or take all of another list or of
    a segment.
    """
    from store.actions.lists import add, add_source
    from store.journal import current_operator
    from store.queries.campaigns import find_campaign
    from store.queries.lists import find_list
    from store.queries.recipients import ids_of
    from store.queries.segments import find_segment, source_of

    chosen = narrowed != RecipientFilter()
    if [campaign, list_name, segment].count(None) != 2:
        raise click.UsageError("Give CAMPAIGN, --list or --segment, one of them.")
    if campaign is None and (chosen or addresses):
        raise click.UsageError("Conditions and addresses need CAMPAIGN.")
    if campaign is not None and chosen == bool(addresses):
        raise click.UsageError("Give either addresses or --state and the like.")
    store = store_to_write(ctx)
    who, named = current_operator(), {}
    if campaign is not None:
        row = find_campaign(store, campaign)
        named = recipients_named(store, row.id, row.name, addresses)
        ids = list(named) or ids_of(store, replace(narrowed, campaign_id=row.id))
        change = add(store, ids, *target, who, now(), campaign_id=row.id)
    else:
        of = find_list(store, list_name) if list_name is not None else find_segment(store, segment or "")
        change = add_source(store, [source_of(of)], *target, who, now())
    report_change(change, named, as_json=as_json)
