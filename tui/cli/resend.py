"""aftersend resend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli.arguments import ListName, campaign_argument, json_option, recipients_named
from tui.cli.columns import Column, print_table
from tui.cli.following import (
    confirmed,
    message_for,
    message_path,
    relay_option,
    report_prepared,
    send_option,
    start,
    start_option,
    yes_option,
)
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.present.times import number

if TYPE_CHECKING:
    from store.database import Store
    from store.queries.unreached import Wanted
    from store.rows import CampaignRow, ResendCounts
    from store.rows.unreached import UnreachedCounts

_PEOPLE = (
    Column("Address", floor=24),
    Column("Because", floor=20),
    Column("Name", floor=12, rank=1),
    Column("Sent\N{NO-BREAK SPACE}to", floor=20, rank=2),
)


@click.command("resend")
@campaign_argument()
@click.option("--fixed", is_flag=True, help="To those whose address was fixed after their mail failed.")
@click.option("--not-reached", is_flag=True, help="To all whom the message has not reached, at their address of today.")
@click.option("--list", "list_name", type=ListName(), help="To the members of this list.")
@click.option("--to", "addresses", multiple=True, metavar="ADDRESS", help="To this recipient; repeatable.")
@click.option("--message", "path", type=message_path, help="The message; otherwise the one that was sent from here.")
@click.option("--name", default="", metavar="NAME", help="What the resend is called.")
@relay_option
@click.option("--dry-run", is_flag=True, help="Only count; make no list and no send.")
@click.option("--left-out", is_flag=True, help="Print by name who is left out and why, instead of who gets it.")
@send_option
@start_option
@yes_option
@json_option
@click.pass_context
def resend_command(
    ctx: click.Context,
    /,
    campaign: str,
    fixed: bool,
    not_reached: bool,
    list_name: str | None,
    addresses: tuple[str, ...],
    dry_run: bool,
    left_out: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Send a campaign's message again to those whom it did not reach, or list them.

    With --fixed, --not-reached, --list or --to it makes a send ready that is a child of the campaign, and nobody whom
    the message has reached, or may have, gets it twice. Without, it makes or refreshes the resend list: those whose
    bounce was excused or whose address was fixed. Never anyone who unsubscribed, complained, is blocked or a former
    employee, or has not consented.
    """
    from store.queries.campaigns import find_campaign

    store = store_to_read(ctx) if dry_run or left_out else store_to_write(ctx)
    row = find_campaign(store, campaign)
    if sum([fixed, not_reached, list_name is not None, bool(addresses)]) > 1:
        raise click.UsageError("--fixed, --not-reached, --list and --to exclude each other.")
    wanted = _wanted(store, row, fixed, not_reached, list_name, addresses)
    if wanted is None:
        if left_out or how["at_once"] or how["path"]:
            raise click.UsageError("Say to whom: --fixed, --not-reached, --list or --to.")
        _list(store, row, dry_run=dry_run, as_json=as_json)
    elif dry_run or left_out:
        _print_people(store, wanted, left_out=left_out, as_json=as_json)
    else:
        _send(ctx, store, wanted, how, as_json=as_json)


def _wanted(
    store: Store,
    row: CampaignRow,
    fixed: bool,
    not_reached: bool,
    list_name: str | None,
    addresses: Sequence[str],
) -> Wanted | None:
    from store.queries.lists import find_list
    from store.queries.unreached import Sought, Wanted

    if fixed or not_reached:
        return Wanted(row.id, Sought.FIXED if fixed else Sought.NOT_REACHED)
    if list_name is not None:
        return Wanted(row.id, list_id=find_list(store, list_name).id)
    if addresses:
        return Wanted(row.id, ids=tuple(recipients_named(store, row.id, row.name, addresses)))
    return None


def _print_people(store: Store, wanted: Wanted, *, left_out: bool, as_json: bool) -> None:
    from store.queries.unreached import named, unreached

    rows = named(store, wanted, left_out=left_out)
    if as_json:
        print_objects(
            {"address": row.address, "sent_to": row.old, "name": row.name, "because": row.because} for row in rows
        )
    else:
        print_table(_PEOPLE, ((row.address, row.because, row.name, row.old) for row in rows))
    say(f"{_told(unreached(store, wanted))}; nothing was sent.")


def _told(counts: UnreachedCounts) -> str:
    left = ", ".join(f"{number(count)} {reason}" for reason, count in counts.left_out.items())
    noun = "person gets" if counts.total == 1 else "people get"
    return f"{number(counts.total)} {noun} it{f'; left out: {left}' if left else ''}"


def _send(ctx: click.Context, store: Store, wanted: Wanted, how: dict[str, Any], *, as_json: bool) -> None:
    from store.actions.resending import Resend, send_again
    from store.journal import current_operator
    from store.queries.unreached import family_root, unreached

    message = message_for(store, family_root(store, wanted.campaign_id), how["path"])
    counts = unreached(store, wanted)
    say(f"{_told(counts)}.")
    if how["at_once"] and counts.total:
        confirmed(f"Send “{message.subject}” to {number(counts.total)} people?", how["yes"])
    made = send_again(store, Resend(wanted, message, how["name"], how["relay"]), current_operator(), now())
    if as_json:
        print_objects([{"send": made.campaign, "key": made.key, "people": made.count, "left_out": counts.left_out}])
    else:
        report_prepared(made)
    start(ctx, made, how["start_in_s"], at_once=how["at_once"])


def _list(store: Store, row: CampaignRow, *, dry_run: bool, as_json: bool) -> None:
    from store.queries.resends import resend_counts, resend_list_name

    counts = resend_counts(store, row.id)
    if not as_json:
        _show(row.name, counts)
    change = None
    if not dry_run:
        from store.actions.resends import resend
        from store.journal import current_operator

        change = resend(store, row.id, current_operator(), now())
        click.echo(change.sentence, err=as_json)
    if as_json:
        print_objects([
            {
                "campaign": row.name,
                "excused": counts.excused,
                "fixed": counts.fixed,
                "total": counts.total,
                "coming": counts.coming,
                "going": counts.going,
                "left_out": counts.left_out,
                "list": resend_list_name(row.name) if change else None,
                "members": counts.total if change else 0,
            }
        ])


def _show(campaign: str, counts: ResendCounts) -> None:
    click.echo(f"Those whom {campaign} did not reach through no fault of theirs:")
    click.echo(f"{number(counts.excused):>9}  excused: the failure was ours")
    click.echo(f"{number(counts.fixed):>9}  fixed: the address was corrected")
    click.echo(f"{number(counts.total):>9}  in all")
    if counts.left_out:
        click.echo("Left out:")
    for reason, many in counts.left_out.items():
        click.echo(f"{number(many):>9}  {reason}")
