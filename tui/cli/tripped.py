"""What commands do about tripwires: look, say, and exit with 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tui.cli.group import TRIPPED, say
from tui.cli.opening import now

if TYPE_CHECKING:
    from store.database import Store
    from store.rows.tripwires import TripRow


def look(store: Store) -> None:
    """Look at the tripwires after something changed, say what has tripped, and wait for the hooks."""
    from store.lookout import Lookout, told_of

    lookout = Lookout(store, now, say)
    for trip in lookout.look():
        say(told_of(trip))
    lookout.finish()


def say_tripped(trips: Sequence[TripRow]) -> None:
    """Name what rings."""
    ringing = [trip for trip in trips if trip.rings]
    if not ringing:
        return
    from tui.present.monitor import trip_state

    for trip in ringing:
        say(f"tripwire: {trip.campaign}: {trip.why}, {trip_state(trip, now())}")


def end(trips: Sequence[TripRow]) -> None:
    """Exit with 3 if anything rings.

    Raises:
        click.exceptions.Exit: it does.
    """
    if any(trip.rings for trip in trips):
        raise click.exceptions.Exit(TRIPPED)
