"""aftersend tripwire."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from store.errors import BadInput, Refused
from store.tripwires import SETTINGS, Wire, command_of
from tui.cli.arguments import campaign_argument, json_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say, tell
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import report_change
from tui.cli.tripped import end, look
from tui.present.times import moment

if TYPE_CHECKING:
    from store.database import Store
    from store.rows.tripwires import TripRow

_SETTINGS = (
    Column("Tripwire"),
    Column("Value", floor=8),
    Column("Set\N{NO-BREAK SPACE}here", rank=1),
    Column("What it is", floor=20),
)
_TRIPS = (
    Column("Campaign", floor=14),
    Column("Wire"),
    Column("Since"),
    Column("Over", rank=3),
    Column("Why", floor=24),
    Column("Acknowledged", rank=1),
    Column("Hook", floor=8, rank=2),
)


@click.group("tripwire", invoke_without_command=True)
@click.pass_context
def tripwire_command(ctx: click.Context) -> None:
    """Show or set what rings during a send, and acknowledge what has rung (show, set, list, ack, test)."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show_command)


@tripwire_command.command("show")
@campaign_argument(required=False)
@json_option
@click.pass_context
def show_command(ctx: click.Context, campaign: str | None = None, as_json: bool = False) -> None:
    """Show the tripwires of a campaign, or those that hold where a campaign has none of its own."""
    from store.exports.sending import tripwire_objects
    from store.queries.tripwires import load

    store = store_to_read(ctx)
    found = tripwire_objects(load(store), _campaign_id(store, campaign))
    if as_json:
        print_objects(found)
        return
    labels = {setting.name: setting.label for setting in SETTINGS}
    rows = [(each["name"], each["value"], "yes" if each["set"] else "", labels[each["name"]]) for each in found]
    print_table(_SETTINGS, rows, always=True)


@tripwire_command.command("set")
@click.argument("words", nargs=-1, required=True, metavar="[CAMPAIGN] NAME=VALUE...")
@click.pass_context
def set_command(ctx: click.Context, words: Sequence[str]) -> None:
    """Set tripwires of a campaign, or of all campaigns without their own; undo takes it back.

    `hard=2% complaints=1 complaint-rate=0.1% domain=10% deferred=25%` are the limits above which a campaign rings (off:
    never), `least=100 domain-least=50` the mails below which no share is looked at, `days=3` how long after its last
    mail a campaign is watched, `hook="/path/to/program argument" hook-timeout=10` what is run once for each trip.
    NAME=default gives up what was set.
    """
    from store.actions.tripwires import set_tripwires
    from store.journal import current_operator

    campaign, pairs = _parted(words)
    store = store_to_write(ctx)
    report_change(set_tripwires(store, _campaign_id(store, campaign), pairs, current_operator(), now()))
    _warn_of_hook(pairs.get("hook", ""))
    look(store)


@tripwire_command.command("list")
@campaign_argument(required=False)
@json_option
@click.option("--past", is_flag=True, help="Also those that are over.")
@click.pass_context
def list_command(ctx: click.Context, campaign: str | None, as_json: bool, past: bool) -> None:
    """Print what has tripped, newest first; the exit code is 3 if any of it waits to be acknowledged."""
    from store.queries.tripwires import standing, trips

    store = store_to_read(ctx)
    campaign_id = _campaign_id(store, campaign)
    ringing = standing(store, now(), campaign_id)
    found = trips(store, campaign_id) if past else ringing
    if as_json:
        from store.exports.sending import trip_object

        print_objects(map(trip_object, found))
    elif not print_table(_TRIPS, map(_cells, found)):
        say("No tripwire has tripped.")
    end(ringing)


@tripwire_command.command("ack")
@campaign_argument(required=False)
@click.option("--wire", type=click.Choice([wire.value for wire in Wire]), help="Only this wire.")
@json_option
@click.pass_context
def ack_command(ctx: click.Context, campaign: str | None, wire: str | None, as_json: bool) -> None:
    """Acknowledge what rings, of a campaign or of all: it is quiet until it has gone down and trips again."""
    from store.actions.tripwires import acknowledge
    from store.journal import current_operator
    from store.queries.tripwires import standing

    store = store_to_write(ctx)
    found = standing(store, now(), _campaign_id(store, campaign))
    ids = [trip.id for trip in found if trip.rings and wire in {None, trip.wire.value}]
    if not ids:
        raise Refused("No tripwire rings.")
    report_change(acknowledge(store, ids, current_operator(), now()), as_json=as_json)


@tripwire_command.command("test")
@campaign_argument()
@click.pass_context
def test_command(ctx: click.Context, campaign: str) -> None:
    """Run the hook of a campaign as if 1 mail in 10 had bounced hard, and say how it ended; nothing is written down."""
    from store import hooks
    from store.queries.campaigns import find_campaign
    from store.queries.tripwires import load
    from store.rows.tripwires import TripRow

    store = store_to_read(ctx)
    row = find_campaign(store, campaign)
    wires = load(store).of(row.id)
    command = hooks.hook_of(wires, store.place, os.environ)
    if not command:
        raise Refused("There is no hook; `aftersend tripwire set hook=/path/to/program` sets one.")
    limit = wires.hard if wires.hard is not None else 2_000
    nothing = (None, None, None, None, None)
    trip = TripRow(0, row.id, row.name, row.key, Wire.HARD, "", 100, 1000, limit, now(), *nothing)
    failed = hooks.run(command, hooks.told(trip, store.place) | {"test": "yes"}, wires.hook_timeout, os.environ)
    if failed:
        raise Refused(failed)
    tell(f"{shlex.join(command)} ended well.")


def _campaign_id(store: Store, campaign: str | None) -> int | None:
    from store.queries.campaigns import find_campaign

    return None if campaign is None else find_campaign(store, campaign).id


def _parted(words: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """Return the campaign, if the first word names one, and the settings."""
    name, sign, _ = words[0].partition("=")
    known = name.strip().casefold().replace("_", "-") in {setting.name for setting in SETTINGS}
    campaign = None if sign and (known or len(words) == 1) else words[0]
    rest = words if campaign is None else words[1:]
    pairs = [word.partition("=") for word in rest]
    for name, sign, _ in pairs:
        if not sign:
            raise BadInput(f"“{name}” is not NAME=VALUE, for example hard=2%.")
    if not pairs:
        raise BadInput(f"Say what to set for {words[0]}, for example hard=2%.")
    return campaign, {name.strip(): value for name, _, value in pairs}


def _warn_of_hook(text: str) -> None:
    """Say at once what would else be found out when it matters."""
    if not text or text.strip().casefold() in {"off", "default"}:
        return
    program = command_of(text)[0]
    if not os.access(program, os.X_OK) or os.path.isdir(program):
        say(f"{program} is not there, or may not be run.")


def _cells(trip: TripRow) -> tuple[str, ...]:
    acknowledged = f"{trip.acked_by}, {moment(trip.acked_at)}" if trip.acked_at else ""
    hook = trip.hook_note or ("" if trip.hook_at is None else "running" if trip.hook_note is None else "ended well")
    wire = f"{trip.wire} {trip.domain}" if trip.domain else trip.wire.value
    return (trip.campaign, wire, moment(trip.tripped_at), moment(trip.over_at), trip.why, acknowledged, hook)
