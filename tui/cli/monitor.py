"""aftersend monitor."""

from __future__ import annotations

import os
import shutil
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tui.cli.arguments import campaign_argument, json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read
from tui.cli.tripped import end
from tui.present.times import moment, number

if TYPE_CHECKING:
    from store.database import Store
    from store.queries.monitor import SendMonitor
    from store.rows.monitor import DeferredRow, MonitorRow
    from store.rows.tripwires import TripRow

_COLUMNS = (
    Column("Deferred by", floor=18),
    Column("Mails", right=True),
    Column("Since", rank=2),
    Column("Last try", rank=1),
    Column("Server's\N{NO-BREAK SPACE}words", floor=20),
)
_SHOWN = 10
_TICK_S = 1.0
_STEP_S = 10.0


@click.command("monitor")
@campaign_argument()
@json_option
@click.option("--watch", is_flag=True, help="Print again whenever something changed, until Ctrl-C.")
@click.option("--all", "everything", is_flag=True, help="Print all domains that defer, not only the first ten.")
@click.pass_context
def monitor_command(ctx: click.Context, campaign: str, as_json: bool, watch: bool, everything: bool) -> None:
    """Show how a campaign goes out: rate, share done, time left, failures, who defers.

    "Now" is the last three minutes. Time left is what is still to go at that rate; what receiving servers have put off
    comes on top. The exit code is 3 if one of the campaign's tripwires has tripped and nobody has acknowledged it.
    """
    if watch and not (as_json or sys.stdout.isatty()):
        raise click.UsageError("--watch needs a terminal, or --json.")
    from store.queries.campaigns import find_campaign
    from store.queries.monitor import SendMonitor

    store = store_to_read(ctx)
    monitor = SendMonitor(store, find_campaign(store, campaign).id)
    ctx.call_on_close(monitor.close)
    printer = _Printer(monitor, as_json, everything)
    try:
        if watch:
            _watch(store, printer)
        else:
            printer.show()
    finally:
        end(printer.trips)


class _Printer:
    """Prints how a campaign goes out, again where anything of it differs.

    Attributes:
        trips: the trips that stand.
    """

    def __init__(self, monitor: SendMonitor, as_json: bool, everything: bool) -> None:
        self.as_json = as_json
        self.trips: tuple[TripRow, ...] = ()
        self._monitor = monitor
        self._everything = everything
        self._printed: object = None

    def show(self, *, clear: bool = False) -> None:
        """Read and print; ``clear`` clears the terminal first."""
        at_ = now()
        row = self._monitor.read(at_)
        self.trips = row.trips
        if self.as_json:
            from store.exports.sending import monitor_object

            print_objects([monitor_object(row, at_)])
            return
        lines = self._lines(row, at_)
        if (lines, row.domains) == self._printed:
            return
        self._printed = (lines, row.domains)
        if clear:
            click.clear()
        for line in lines:
            click.echo(line)
        self._domains(row)

    def _lines(self, row: MonitorRow, at_: datetime) -> list[str]:
        from tui.present.ink import ink_for
        from tui.present.monitor import monitor_lines, monitor_state, plain

        width = shutil.get_terminal_size((100, 24)).columns
        ink = ink_for(sys.stdout.encoding, os.environ)
        heading = f"{row.campaign.name}  ({monitor_state(row, at_)[0]})"
        return [heading, *(plain(line) for line in monitor_lines(row, at_, width, ink))]

    def _domains(self, row: MonitorRow) -> None:
        if row.domains:
            click.echo()
            shown = row.domains if self._everything else row.domains[:_SHOWN]
            print_table(_COLUMNS, map(_cells, shown), always=True)
            if row.domain_count > len(shown):
                click.echo(f"and {number(row.domain_count - len(shown))} more domains")


def _watch(store: Store, printer: _Printer) -> None:
    """Print again when something changed, on a terminal also as time passes."""
    from store.changes import Watch

    # What is committed while the first page is printed must not be missed.
    watch = Watch(store)
    printer.show()
    shown = time.monotonic()
    while True:
        sys.stdout.flush()
        time.sleep(_TICK_S)
        if watch.changed() or (not printer.as_json and time.monotonic() - shown >= _STEP_S):
            printer.show(clear=True)
            shown = time.monotonic()


def _cells(row: DeferredRow) -> tuple[str, ...]:
    words = row.words or row.status or str(row.reply or "")
    return (row.domain or "(no domain)", number(row.n), moment(row.since), moment(row.last), words)
