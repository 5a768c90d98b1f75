"""aftersend remind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.arguments import campaign_argument, json_option
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.present.times import number

if TYPE_CHECKING:
    from store.rows import ReminderCounts

WORDS = (
    ("surely not read", "not_read"),
    ("unknown (no consent to track, or images off)", "unknown"),
    ("opened by a machine only", "machine"),
)


@click.command("remind")
@campaign_argument()
@click.option(
    "--days",
    type=click.IntRange(min=0),
    metavar="N",
    default=3,
    show_default=True,
    help="Days since the mail was sent.",
)
@click.option("--name", metavar="NAME", help='Name of the list; otherwise "Reminder: " and the campaign.')
@click.option("--dry-run", is_flag=True, help="Only count; make no list.")
@json_option
@click.pass_context
def remind_command(
    ctx: click.Context, campaign: str, days: int, name: str | None, dry_run: bool, as_json: bool
) -> None:
    """Make the list of those who have not read a campaign.

    It never holds anyone who bounced, unsubscribed, complained, is blocked, or clicked.
    """
    from store.queries.campaigns import find_campaign
    from store.queries.reminders import reminder_counts

    store = store_to_read(ctx) if dry_run else store_to_write(ctx)
    row = find_campaign(store, campaign)
    moment = now()
    counts = reminder_counts(store, row.id, days, moment)
    if not as_json:
        _show(row.name, counts)
    change = None
    if not dry_run:
        from store.actions.lists import remind
        from store.journal import current_operator

        name = name or f"Reminder: {row.name}"
        change = remind(store, row.id, name, days, current_operator(), moment)
        click.echo(change.sentence, err=as_json)
    if as_json:
        made = {"list": name if change else None, "members": change.count if change else 0}
        print_objects([
            {
                "campaign": row.name,
                "days": days,
                "not_read": counts.not_read,
                "unknown": counts.unknown,
                "machine": counts.machine,
                "total": counts.total,
                "left_out": counts.left_out,
                **made,
            }
        ])


def _show(campaign: str, counts: ReminderCounts) -> None:
    click.echo(f"Those who have not read {campaign} after {counts.days} days:")
    for words, field in WORDS:
        click.echo(f"{number(getattr(counts, field)):>9}  {words}")
    click.echo(f"{number(counts.total):>9}  in all")
    left_out = [(reason, many) for reason, many in counts.left_out.items() if many]
    if left_out:
        click.echo("Left out:")
    for reason, many in left_out:
        click.echo(f"{number(many):>9}  {reason}")
