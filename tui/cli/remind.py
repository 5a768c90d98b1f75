"""aftersend remind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from store.asking import Unread
from tui.cli.arguments import campaign_argument, json_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.present.reminders import group_words
from tui.present.times import number
from tui.present.words import state_word, why

if TYPE_CHECKING:
    from store.database import Store
    from store.rows import LeftOutRow, ReminderCounts

_COLUMNS = (
    Column("Address", floor=24),
    Column("Name", floor=14),
    Column("Because", floor=12),
    Column("State", floor=12, rank=1),
    Column("Details", floor=14, rank=2),
    Column("Company", floor=14, rank=3),
)
_PAGE = 2000
_GROUPS = click.Choice([group.value.replace(" ", "-") for group in Unread])


@click.command("remind")
@campaign_argument()
@click.option(
    "--days",
    type=click.IntRange(min=0),
    metavar="N",
    default=3,
    show_default=True,
    help="Days since each of them was sent to.",
)
@click.option("--name", metavar="NAME", help='Name of the list; otherwise "Reminder: " and the campaign.')
@click.option(
    "--without", "out", type=_GROUPS, multiple=True, help="A group that shall not be reminded; may be repeated."
)
@click.option("--dry-run", is_flag=True, help="Only count; make no list.")
@click.option("--left-out", is_flag=True, help="Print who is left out, by name and with the reason; make no list.")
@json_option
@click.pass_context
def remind_command(
    ctx: click.Context,
    campaign: str,
    days: int,
    name: str | None,
    out: tuple[str, ...],
    dry_run: bool,
    left_out: bool,
    as_json: bool,
) -> None:
    """Make the list of those who have not read a campaign.

    It never holds anyone who bounced, unsubscribed, complained, is blocked, replied or clicked, nor former employees
    and those without consent. With --left-out tab-separated in a pipe (address, name, because, state, details,
    company).
    """
    from store.queries.campaigns import find_campaign
    from store.queries.reminders import reminder_counts

    groups = frozenset(group for group in Unread if group.value.replace(" ", "-") not in out)
    if not groups:
        raise click.UsageError("Nobody is left to remind when every group is left out.")
    store = store_to_read(ctx) if dry_run or left_out else store_to_write(ctx)
    row = find_campaign(store, campaign)
    moment = now()
    if left_out:
        _print_left_out(_left_out(store, row.id, days, moment, groups), as_json=as_json)
        return
    counts = reminder_counts(store, row.id, days, moment)
    if not as_json:
        _show(row.name, counts, groups)
    change = None
    if not dry_run:
        from store.actions.lists import remind
        from store.journal import current_operator

        name = name or f"Reminder: {row.name}"
        change = remind(store, row.id, name, days, current_operator(), moment, groups)
        click.echo(change.sentence, err=as_json)
    if as_json:
        made = {"list": name if change else None, "members": change.count if change else 0}
        print_objects([{"campaign": row.name, **_object(counts, groups), **made}])


def _object(counts: ReminderCounts, groups: frozenset[Unread]) -> dict[str, Any]:
    return {
        "days": counts.days,
        "not_read": counts.not_read,
        "unknown": counts.unknown,
        "why_unknown": counts.why_unknown,
        "machine": counts.machine,
        "groups": [group.value for group in Unread if group in groups],
        "total": counts.of(groups),
        "left_out": counts.left_out,
        "openings_seen": counts.seen,
    }


def _left_out(
    store: Store, campaign_id: int, days: int, moment: datetime, groups: frozenset[Unread]
) -> Iterator[LeftOutRow]:
    from store.queries.reminders import ReminderView

    view = ReminderView(store)
    try:
        for offset in range(0, view.build(campaign_id, days, moment, groups=groups), _PAGE):
            yield from view.page(offset, _PAGE)
    finally:
        view.close()


def _print_left_out(rows: Iterator[LeftOutRow], *, as_json: bool) -> None:
    if as_json:
        from store.exports.json import recipient_object

        print_objects({"because": row.reason, **recipient_object(row.recipient)} for row in rows)
    elif not print_table(_COLUMNS, map(_cells, rows)):
        say("Nobody is left out.")


def _cells(row: LeftOutRow) -> tuple[str, ...]:
    person = row.recipient
    return (person.address, person.name, row.reason, state_word(person), why(person), person.company)


def _show(campaign: str, counts: ReminderCounts, groups: frozenset[Unread]) -> None:
    click.echo(f"Those who have not read {campaign} after {counts.days} days:")
    for group, count in counts.groups.items():
        click.echo(f"{number(count):>9}  {group_words(group, counts)}{'' if group in groups else ' (not reminded)'}")
    click.echo(f"{number(counts.of(groups)):>9}  in all")
    if not counts.seen:
        say("No opening of this campaign was seen at all; were its openings read in?")
    left_out = [(reason, many) for reason, many in counts.left_out.items() if many]
    if left_out:
        click.echo("Left out:")
    for reason, many in left_out:
        click.echo(f"{number(many):>9}  {reason}")
