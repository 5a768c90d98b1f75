"""aftersend suggest and accept: which addresses were probably meant, and taking that over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from store.errors import Refused
from store.rows import AdviceRow
from tui.cli.arguments import campaign_argument, json_option, recipients_named
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import SHOWN, report_change
from tui.present.times import number

if TYPE_CHECKING:
    from store.database import Store

_COLUMNS = (
    Column("Address", floor=24),
    Column("Meant", floor=24),
    Column("Score", right=True, rank=2),
    Column("Why", floor=24, rank=1),
    Column("Campaign", floor=14, rank=3),
)

dns_option = click.option(
    "--dns", is_flag=True, help="Ask the DNS whether the domains suggested take mail; their names leave this machine."
)


@click.command("suggest")
@campaign_argument(required=False)
@click.option("--all", "every", is_flag=True, help="Also what is not sure enough to be accepted, or must not be.")
@dns_option
@json_option
@click.pass_context
def suggest_command(ctx: click.Context, campaign: str | None, every: bool, dns: bool, as_json: bool) -> None:
    """Print which addresses were probably meant by those that failed.

    Undecided failures of CAMPAIGN or of all that speak against the address, and texts that are no address. In a pipe
    tab-separated without headings (address, meant, score from 0 to 99, why, campaign). Nothing is changed; `aftersend
    accept` does that. JSON has every choice with what speaks against it.
    """
    from store.queries.campaigns import find_campaign
    from store.queries.suggestions import doubtful

    store = store_to_read(ctx)
    campaign_id = find_campaign(store, campaign).id if campaign is not None else None
    rows = advice_of(store, doubtful(store, campaign_id), dns=dns)
    if as_json:
        from store.exports.json import advice_object

        print_objects(map(advice_object, rows))
    elif not print_table(_COLUMNS, (cells for row in rows for cells in _cells(row, every))):
        say("No better address is known for any failure.")


@click.command("accept")
@campaign_argument()
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option("--group", metavar="NAME", help="The undecided bounces of this group that have a suggestion.")
@dns_option
@click.option("--yes", is_flag=True, help="Do it; without this only what would change is printed.")
@json_option
@click.pass_context
def accept_command(
    ctx: click.Context,
    campaign: str,
    addresses: tuple[str, ...],
    group: str | None,
    dns: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Correct addresses to what `suggest` offers.

    Without --yes nothing is changed: old and new addresses are printed, and on stderr those that are left alone and
    why. The contacts move to the new addresses, blocks stay with the old ones; `aftersend resend` puts the people on
    the campaign's resend list. Instead of addresses, --group names a group that `bounces --group` printed.
    """
    from store.queries.bounces import group_members
    from store.queries.campaigns import find_campaign

    if bool(addresses) == bool(group):
        raise click.UsageError("Give either addresses or --group.")
    store = store_to_write(ctx) if yes else store_to_read(ctx)
    row = find_campaign(store, campaign)
    named = recipients_named(store, row.id, row.name, addresses)
    ids = list(named) if group is None else group_members(store, row.id, group)
    found = {advice.id: advice for advice in advice_of(store, ids, dns=dns)}
    shown = [found[id_] for id_ in ids if id_ in found and found[id_].best is not None]
    wanted = {advice.id: advice.best.address for advice in shown if advice.best is not None}
    _tell_left(ids, found, named)
    if not wanted:
        raise Refused("Nothing can be accepted here; `aftersend fix` takes an address.")
    if yes:
        from store.actions.contacts import accept
        from store.journal import current_operator

        old = {advice.id: advice.address for advice in shown}
        report_change(accept(store, wanted, current_operator(), now()), named | old, as_json=as_json)
        return
    if as_json:
        from store.exports.json import advice_object

        print_objects(map(advice_object, shown))
    else:
        print_table(_COLUMNS, (cells for advice in shown for cells in _cells(advice, every=False)))
    these = "this one" if len(wanted) == 1 else f"these {number(len(wanted))}"
    say(f"Nothing was changed; --yes corrects {these}.")


def advice_of(store: Store, ids: Sequence[int], *, dns: bool) -> Iterator[AdviceRow]:
    """Yield what may be meant by the addresses of these recipients."""
    from store.queries.suggestions import advised, known_domains, with_dns

    rows = advised(store, ids, known_domains(store))
    if dns:
        from store.mailhosts import MailHosts

        rows = iter(with_dns(list(rows), MailHosts()))
    return rows


def _tell_left(ids: Sequence[int], found: dict[int, AdviceRow], named: dict[int, str]) -> None:
    """Print to stderr which recipients have no suggestion that could be accepted."""
    left = [id_ for id_ in ids if id_ not in found or found[id_].best is None]
    for id_ in left[:SHOWN]:
        if id_ in found:
            say(found[id_].refusal)
        elif id_ in named:
            say(f"No better address is known for {named[id_]}.")
    silent = sum(id_ not in found and id_ not in named for id_ in left)
    if silent:
        say(f"No better address is known for {number(silent)} of the group.")


def _cells(row: AdviceRow, every: bool) -> Iterator[tuple[str, ...]]:
    for choice in row.choices if every else (row.best,):
        if choice is None:
            continue
        sign = "" if choice == row.best else "✗ " if choice.against else "? "
        asked = f"Its domain {choice.asked}." if choice.asked and not choice.against else ""
        why = " ".join(part for part in (choice.against, choice.why, asked) if part)
        yield row.address, f"{sign}{choice.address}", str(choice.score), why, row.campaign
