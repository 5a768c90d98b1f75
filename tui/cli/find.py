"""aftersend find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from store.asking import RecipientFilter, Sort
from store.errors import NotFound
from tui.cli.arguments import json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.present.times import number
from tui.present.words import state_word

if TYPE_CHECKING:
    from store.database import Store
    from store.rows import EventRow, RecipientRow

_MOST = 200
_COLUMNS = (
    Column("Name", floor=10),
    Column("Address", floor=18),
    Column("Company", floor=10, rank=2),
    Column("Campaigns", right=True),
    Column("Last one", floor=12, rank=1),
    Column("State there", rank=1),
)
_TIMELINE = (Column("When"), Column("Campaign", floor=10), Column("What"), Column("Words", floor=16, rank=1))


@click.command("find")
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@json_option
@click.pass_context
def find_command(ctx: click.Context, words: Sequence[str], as_json: bool) -> None:
    """Find people in all campaigns by name, address or company.

    Every word has to occur. Addresses of earlier campaigns count, too. Of a single person everything that happened in
    any campaign follows, in one timeline; with --json it stands under "timeline" of each person.
    """
    store = store_to_read(ctx)
    people, more = _people(store, " ".join(words))
    if not people:
        raise NotFound(f"Nobody in any campaign has “{' '.join(words)}” in name, address or company.")
    if as_json:
        print_objects(_object(store, rows) for rows in people)
    else:
        print_table(_COLUMNS, map(_cells, people))
        if len(people) == 1:
            click.echo()
            print_table(_TIMELINE, (_event_cells(campaign, event) for campaign, event in _timeline(store, people[0])))
    if more:
        click.echo(f"Only the first {_MOST} people are shown; give more words.", err=True)


def _people(store: Store, text: str) -> tuple[list[list[RecipientRow]], bool]:
    """Return for each person found their recipients, the oldest first, and whether there are more people."""
    from store.queries.recipients import stream

    found: dict[int, list[RecipientRow]] = {}
    for row in stream(store, RecipientFilter(text=text), Sort()):
        if row.contact_id not in found and len(found) == _MOST:
            return list(found.values()), True
        found.setdefault(row.contact_id, []).append(row)
    return list(found.values()), False


def _timeline(store: Store, rows: Sequence[RecipientRow]) -> list[tuple[str, EventRow]]:
    from store.queries.history import history

    told = [(row.campaign, event) for row in rows for event in history(store, row.id).events]
    return sorted(told, key=lambda pair: (pair[1].ts, pair[1].id))


def _cells(rows: Sequence[RecipientRow]) -> tuple[str, ...]:
    last = rows[-1]
    return (last.name, last.contact_address, last.company, number(len(rows)), last.campaign, state_word(last))


def _event_cells(campaign: str, event: EventRow) -> tuple[str, ...]:
    from tui.present.times import exact

    kind = f" {event.kind}" if event.kind else ""
    return (exact(event.ts), campaign, f"{event.type}{kind}", event.diagnostic or event.url or "")


def _object(store: Store, rows: Sequence[RecipientRow]) -> dict[str, Any]:
    from store.exports.json import event_object, recipient_object

    last = rows[-1]
    return {
        "name": last.name,
        "address": last.contact_address,
        "company": last.company,
        "campaigns": [recipient_object(row) for row in rows],
        "timeline": [{"campaign": campaign} | event_object(event) for campaign, event in _timeline(store, rows)],
    }
