"""aftersend assign."""

from __future__ import annotations

from typing import Any

import click

from store.errors import Refused
from tui.cli.arguments import campaign_argument, recipients_named
from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_change


class Numbers(click.ParamType[tuple[int, ...]]):
    """Numbers of records, as `recipients --strangers` prints them: "12" or "12,13"."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Split and check ``value``."""
        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in str(value).split(",") if part.strip()]
        if not parts or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
            self.fail(f"{value!r} is no number of a record; `recipients --strangers` prints them.", param, ctx)
        return tuple(int(part) for part in parts)


@click.command("assign")
@campaign_argument()
@click.argument("address")
@click.argument("records", nargs=-1, required=True, type=Numbers(), metavar="STRANGER_ID...")
@click.pass_context
def assign_command(ctx: click.Context, campaign: str, address: str, records: tuple[tuple[int, ...], ...]) -> None:
    """Give strangers' records to a recipient.

    They become events of the recipient of CAMPAIGN with ADDRESS; `recipients --strangers` prints their numbers.
    """
    from store.actions.strangers import assign
    from store.journal import current_operator
    from store.queries.campaigns import find_campaign

    store = store_to_write(ctx)
    row = find_campaign(store, campaign)
    (recipient, *more) = recipients_named(store, row.id, row.name, [address])
    if more:
        raise Refused(f"{1 + len(more)} recipients of {row.name} have {address}; assign it on the screen.")
    ids = [number for some in records for number in some]
    named = {number: f"Record {number}" for number in ids}
    report_change(assign(store, ids, recipient, current_operator(), now()), named)
