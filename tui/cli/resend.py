"""aftersend resend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.arguments import campaign_argument, json_option
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.present.times import number

if TYPE_CHECKING:
    from store.rows import ResendCounts


@click.command("resend")
@campaign_argument()
@click.option("--dry-run", is_flag=True, help="Only count; make no list.")
@json_option
@click.pass_context
def resend_command(ctx: click.Context, campaign: str, dry_run: bool, as_json: bool) -> None:
    """Make or refresh the list of those whom a campaign is sent to again.

    It holds those whose bounce was excused or whose address was fixed, unless the mail reached them since; never
    anyone who unsubscribed, complained, is blocked or a former employee, or has not consented.
    """
    from store.queries.campaigns import find_campaign
    from store.queries.resends import resend_counts, resend_list_name

    store = store_to_read(ctx) if dry_run else store_to_write(ctx)
    row = find_campaign(store, campaign)
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
