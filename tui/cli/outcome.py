"""Saying what an action did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from store.cleaning import clean
from store.errors import Refused
from tui.cli.group import say

if TYPE_CHECKING:
    from store.feeds.record import Defect
    from store.rows import Change

SHOWN = 20
"""How many refused rows or bad lines are named; the rest is counted."""


def report_change(change: Change, addresses: Mapping[int, str] | None = None, *, as_json: bool = False) -> None:
    """Print what an action did to stdout, and the rows that it left alone to stderr.

    Args:
        change: what the action returned.
        addresses: recipient id -> the address the operator typed, to name the rows left alone by.
        as_json: print one JSON object instead of the sentence.

    Raises:
        Refused: nothing was changed.
    """
    known = addresses or {}
    named = [(known[id_], why) for id_, why in change.refused if id_ in known]
    if not change.count:
        raise Refused(f"{named[0][0]}: {named[0][1]}" if len(named) == 1 else change.sentence)
    if as_json:
        from store.exports.json import change_object
        from tui.cli.objects import print_objects

        print_objects([change_object(change, known)])
        return
    click.echo(change.sentence)
    for address, why in named[:SHOWN]:
        say(f"{address}: {why}")
    if len(named) > SHOWN:
        say(f"and {len(named) - SHOWN:,} more were left alone.")


def report_defects(defects: Sequence[Defect], count: int, one: str, many: str, place: str = "") -> None:
    """Print to stderr what could not be read: the first ones by name, the rest as a number.

    Args:
        defects: what could not be read, at least the first ones.
        count: how many there are.
        one: what a single one is called.
        many: what several are called.
        place: the file they stand in, if several were read.
    """
    if not count:
        return
    say(f"{place}{count:,} {one if count == 1 else many}:")
    for defect in defects[:SHOWN]:
        click.echo(clean(f"  {defect.where}: {defect.sentence}"), err=True)
    if count > SHOWN:
        click.echo(f"  and {count - SHOWN:,} more", err=True)
