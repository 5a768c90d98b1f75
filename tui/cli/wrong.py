"""aftersend wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli.arguments import SegmentName, campaign_argument, json_option
from tui.cli.columns import Column, print_table
from tui.cli.following import (
    confirmed,
    message_path,
    postfix_option,
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
from tui.present.wrong import DELIVERED_STAYS, outbox_words, queue_words, split_lines

if TYPE_CHECKING:
    from store.database import Store
    from store.queries.wrong import Narrow
    from store.rows import CampaignRow
    from store.rows.wrong import WrongRow

_WHO = (
    Column("Address", floor=24),
    Column("Because", floor=20),
    Column("Name", floor=12, rank=1),
)
_PARTS = {"erratum": "ERRATUM", "right": "RIGHT", "nothing": "NOTHING", "not-told": "NARROWED"}


@dataclass(frozen=True, slots=True)
class _Given:
    """What the command was asked to do."""

    erratum: Path | None
    right: Path | None
    relay: str | None
    start_in_s: float
    at_once: bool
    yes: bool


@click.command("wrong")
@campaign_argument()
@click.option("--stop", "stopping", is_flag=True, help="Stop what waits in our outbox, hold what waits in Postfix.")
@postfix_option
@click.option("--no-queue", is_flag=True, help="Do not look into Postfix's queue.")
@click.option("--readers", is_flag=True, help="The erratum only to those who opened or clicked it.")
@click.option("--clickers", is_flag=True, help="The erratum only to those who clicked in it.")
@click.option("--link", metavar="URL", help="The erratum only to those who clicked this link.")
@click.option("--segment", type=SegmentName(), help="The erratum only to those of this segment.")
@click.option("--who", type=click.Choice(list(_PARTS)), help="Print by name who is in this part.")
@click.option("--lists", "listing", is_flag=True, help="Make the two lists.")
@click.option("--erratum", type=message_path, help="The message to those who got the wrong one: .eml or folder.")
@click.option("--right", type=message_path, help="The message to those who did not get it.")
@relay_option
@send_option
@start_option
@yes_option
@json_option
@click.pass_context
def wrong_command(
    ctx: click.Context,
    /,
    campaign: str,
    stopping: bool,
    config: str | None,
    no_queue: bool,
    readers: bool,
    clickers: bool,
    link: str | None,
    segment: str | None,
    who: str | None,
    listing: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """It went out wrong: stop what can be stopped, then tell those who got it.

    Shows what still waits in our outbox and in Postfix's queue, and who gets what: the erratum goes to those who got
    the wrong mail or may have; the right mail to those who surely did not; nothing to those who bounced, unsubscribed,
    complained or are blocked. --erratum and --right make the two sends ready; nothing leaves before they are started.
    """
    from store.queries.campaigns import find_campaign
    from store.queries.wrong import wrong_row

    asked = _Given(**given)
    writes = stopping or listing or asked.erratum or asked.right
    store = store_to_write(ctx) if writes else store_to_read(ctx)
    row = find_campaign(store, campaign)
    narrow = _narrow(store, row, readers, clickers, link, segment)
    if who is not None:
        _print_who(store, row.id, _PARTS[who], narrow, as_json)
        return
    if stopping:
        _stop(store, row, None if no_queue else config, queue=not no_queue)
    found = wrong_row(store, row.id, now(), narrow)
    if as_json and not writes:
        print_objects([_object(found)])
        return
    _show(store, found, narrow, config, queue=not no_queue and not stopping)
    if listing:
        _lists(store, row.id, narrow)
    if asked.erratum or asked.right:
        _send(ctx, store, row.id, narrow, asked)


def _narrow(
    store: Store, row: CampaignRow, readers: bool, clickers: bool, link: str | None, segment: str | None
) -> Narrow:
    from store.errors import NotFound
    from store.queries.links import list_links
    from store.queries.segments import find_segment
    from store.queries.wrong import Narrow

    words = ["who read it"] * readers + ["who clicked in it"] * clickers
    link_id = None
    if link is not None:
        link_id = next((one.id for one in list_links(store, row.id) if one.url == link), None)
        if link_id is None:
            raise NotFound(f"There is no link {link} in {row.name}.")
        words.append(f"who clicked {link}")
    found = find_segment(store, segment) if segment is not None else None
    if found is not None:
        words.append(f"segment {found.name}")
    told = " and ".join(words) if words else "everybody who got it"
    return Narrow(readers, clickers, link_id, found.filter if found is not None else None, told)


def _stop(store: Store, row: CampaignRow, config: str | None, *, queue: bool) -> None:
    from store.actions import pulling
    from store.actions.wrong import stop_all
    from store.errors import NotFound, Refused, Unreachable
    from store.journal import current_operator
    from store.outbox.postfix import instance
    from store.queries.queued import queued

    try:
        click.echo(stop_all(store, row.id, current_operator(), now()).sentence)
    except Refused as error:
        say(str(error))
    if not queue:
        return
    try:
        postfix = instance(config)
        waiting = queued(store, row.id, postfix).mails
        if waiting:
            click.echo(pulling.hold(store, row.id, postfix, waiting, current_operator(), now()).sentence)
        else:
            say(f"Nothing of {row.name} waits in the queue of {postfix.words}.")
    except (NotFound, Refused, Unreachable) as error:
        say(str(error))


def _show(store: Store, row: WrongRow, narrow: Narrow, config: str | None, *, queue: bool) -> None:
    from store.errors import NotFound, Refused, Unreachable
    from store.outbox.postfix import instance
    from store.queries.queued import queued

    click.echo(f"{row.campaign} went out wrong. {DELIVERED_STAYS}\n")
    click.echo(outbox_words(row))
    if queue:
        try:
            click.echo(queue_words(queued(store, row.campaign_id, instance(config))))
        except (NotFound, Refused, Unreachable) as error:
            click.echo(f"Postfix's queue could not be looked at: {error}")
    click.echo()
    for line, _ in split_lines(row.split, narrow.words):
        click.echo(line)


def _lists(store: Store, campaign_id: int, narrow: Narrow) -> None:
    from store.actions.wrong import wrong
    from store.journal import current_operator

    click.echo(wrong(store, campaign_id, narrow, current_operator(), now()).sentence)


def _send(ctx: click.Context, store: Store, campaign_id: int, narrow: Narrow, asked: _Given) -> None:
    from store.actions.wrong import Correction, correct
    from store.journal import current_operator
    from store.outbox.reading import read_message

    erratum = read_message(asked.erratum) if asked.erratum else None
    right = read_message(asked.right) if asked.right else None
    if asked.at_once:
        confirmed("Send to them? What has left cannot be called back.", asked.yes)
    correction = Correction(campaign_id, erratum, right, narrow, asked.relay)
    made = correct(store, correction, current_operator(), now())
    for prepared in made.values():
        report_prepared(prepared)
    for prepared in made.values():
        start(ctx, prepared, asked.start_in_s, at_once=asked.at_once)


def _print_who(store: Store, campaign_id: int, part: str, narrow: Narrow, as_json: bool) -> None:
    from store.queries.wrong import Part, named

    rows = named(store, campaign_id, Part[part], narrow)
    if as_json:
        print_objects({"address": row.address, "name": row.name, "because": row.because} for row in rows)
    elif not print_table(_WHO, ((row.address, row.because, row.name) for row in rows)):
        say("Nobody is in this part.")


def _object(row: WrongRow) -> dict[str, Any]:
    return {
        "campaign": row.campaign,
        "waiting": row.left,
        "unsure": row.unsure,
        "erratum": row.split.got,
        "right": row.split.not_got,
        "nothing": row.split.nothing,
        "not_told": row.split.narrowed,
        "people": row.split.total,
    }
