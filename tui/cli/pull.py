"""aftersend pull."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.arguments import campaign_argument, json_option
from tui.cli.columns import Column, print_table
from tui.cli.following import confirmed, postfix_option, yes_option
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import report_change
from tui.present.times import moment, number

if TYPE_CHECKING:
    from store.rows.queued import QueuedRow, QueueRow

_COLUMNS = (
    Column("Address", floor=24),
    Column("Queue"),
    Column("Since", rank=1),
    Column("Why\N{NO-BREAK SPACE}not\N{NO-BREAK SPACE}yet", floor=20),
    Column("Queue\N{NO-BREAK SPACE}id", rank=2),
    Column("Name", floor=12, rank=3),
)


@click.command("pull")
@campaign_argument()
@click.option("--hold", "verb", flag_value="hold", help="Put them on hold; undo lets them go on.")
@click.option("--release", "verb", flag_value="release", help="Let those on hold go on.")
@click.option("--delete", "verb", flag_value="delete", help="Delete those on hold; nobody can bring them back.")
@postfix_option
@yes_option
@json_option
@click.pass_context
def pull_command(
    ctx: click.Context, campaign: str, verb: str | None, config: str | None, yes: bool, as_json: bool
) -> None:
    """Show what waits of a campaign in Postfix's queue, hold it, or delete it.

    Only mails that say themselves that they are the campaign's, and go to its recipients alone, are shown and touched.
    Holding and deleting need root. Deleted mails count as not reached, by our fault. In a pipe tab-separated: address,
    queue, since, why not yet, queue id, name.
    """
    from store.outbox.postfix import instance
    from store.queries.campaigns import find_campaign
    from store.queries.queued import queued

    store = store_to_read(ctx) if verb is None else store_to_write(ctx)
    row = find_campaign(store, campaign)
    postfix = instance(config)
    found = queued(store, row.id, postfix)
    if verb is None:
        _show(row.name, found, as_json)
        return
    from store.actions import pulling
    from store.journal import current_operator

    if verb == "delete":
        held = tuple(mail for mail in found.mails if mail.held)
        what = "1 mail that is" if len(held) == 1 else f"{number(len(held))} mails that are"
        if held:
            confirmed(f"Delete {what} on hold? They never arrive, and nobody can bring them back.", yes)
        report_change(pulling.pull(store, row.id, postfix, held, current_operator(), now()), as_json=as_json)
        return
    act = pulling.hold if verb == "hold" else pulling.release
    report_change(act(store, row.id, postfix, found.mails, current_operator(), now()), as_json=as_json)


def _show(campaign: str, found: QueueRow, as_json: bool) -> None:
    if as_json:
        print_objects(map(_object, found.mails))
    elif not print_table(_COLUMNS, map(_cells, found.mails)):
        say(f"Nothing of {campaign} waits in the queue of {found.instance}.")
    if found.held:
        say(f"{number(found.held)} of {number(len(found.mails))} are on hold.")
    if found.unsure:
        say(
            f"{number(found.unsure)} more to its recipients do not say which campaign they are of; they stay untouched."
        )


def _cells(mail: QueuedRow) -> tuple[str, ...]:
    more = f" and {len(mail.addresses) - 1} more" if len(mail.addresses) > 1 else ""
    return (
        f"{mail.addresses[0]}{more}",
        mail.queue,
        moment(mail.arrived_at),
        mail.reason,
        mail.queue_id,
        mail.name,
    )


def _object(mail: QueuedRow) -> dict[str, Any]:
    from store.exports.json import iso

    return {
        "queue_id": mail.queue_id,
        "queue": mail.queue,
        "since": iso(mail.arrived_at),
        "sender": mail.sender,
        "addresses": list(mail.addresses),
        "message_id": mail.message_id or None,
        "reason": mail.reason or None,
    }
