"""aftersend find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

import click

from store.errors import NotFound
from store.rows import EventRow
from tui.cli.arguments import json_option
from tui.cli.columns import Column, print_table, terminal_width
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.cli.writing import file_options, write_file
from tui.present.times import day, number

if TYPE_CHECKING:
    from store.database import Store
    from store.rows.people import Happening, PersonRow

_MOST = 200
_COLUMNS = (
    Column("Name", floor=10),
    Column("Address", floor=18),
    Column("Company", floor=10, rank=2),
    Column("Campaigns", right=True),
    Column("Last", floor=8),
    Column("When", rank=1),
    Column("Campaign", floor=10, rank=3),
    Column("Against", floor=8),
    Column("Earlier", rank=4),
)
_TIMELINE = (Column("When"), Column("Campaign"), Column("What"), Column("Words"))


@click.command("find")
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"At most so many people; a table ends after {_MOST} otherwise, --json and files after the last.",
)
@file_options
@json_option
@click.pass_context
def find_command(
    ctx: click.Context, words: Sequence[str], limit: int | None, target: str | None, force: bool, as_json: bool
) -> None:
    """Find people in all campaigns by name, address or company.

    Every word has to occur; earlier addresses count, too. One line tells of a person what happened last and what stands
    against writing to them. Of a single person everything that happened in any campaign follows, in one timeline; with
    --json it stands under "timeline" of each person.
    """
    from store.queries.people import PeopleView
    from store.queries.snapshot import counted

    if as_json and target is not None:
        raise click.UsageError("Give either --json or --to; a FILE.json holds JSON.")
    store, text = store_to_read(ctx), " ".join(words)
    if not text.strip():
        raise click.UsageError("Give a name, an address or a company.")
    with counted(PeopleView(store), lambda view: view.build(text)) as (total, rows):
        if not total:
            raise NotFound(f"Nobody in any campaign has “{text}” in name, address or company.")
        most = limit if limit is not None else total if as_json or target is not None else _MOST
        people: Iterator[PersonRow] = islice(rows, most)
        if target is not None:
            _write(store, people, target, text, force=force, total=min(total, most))
        elif as_json:
            _print_objects(store, people)
        else:
            _print(store, people)
    if total > most:
        click.echo(f"{number(total - most)} more people have it; --limit shows more.", err=True)


def _write(store: Store, people: Iterator[PersonRow], target: str, text: str, *, force: bool, total: int) -> None:
    from store.exports.fields import PERSON_FIELDS

    write_file(store, people, target, PERSON_FIELDS, "people", f"people · “{text}”", force=force, total=total)


def _print_objects(store: Store, people: Iterator[PersonRow]) -> None:
    from store.exports.json import person_history_object
    from store.queries.person import person

    print_objects(person_history_object(person(store, row.id)) for row in people)


def _print(store: Store, people: Iterator[PersonRow]) -> None:
    first = list(islice(people, 2))
    if len(first) > 1:
        print_table(_COLUMNS, map(_cells, chain(first, people)))
        return
    _print_person(store, first[0])


def _print_person(store: Store, row: PersonRow) -> None:
    from store.queries.person import person
    from tui.present.people import person_lines

    found, width = person(store, row.id), terminal_width()
    if width is None:
        print_table(_COLUMNS, [_cells(row)])
        print_table(_TIMELINE, map(_told, found.happened))
        return
    for line in person_lines(found, width):
        click.echo("".join(text for text, _ in line).rstrip())


def _cells(row: PersonRow) -> tuple[str, ...]:
    from tui.present.people import person_marks

    marks = ", ".join(person_marks(row))
    last = (row.last_event, day(row.last_at), row.last_campaign)
    return (row.name, row.address, row.company, number(row.campaigns), *last, marks, row.other_addresses)


def _told(happening: Happening) -> tuple[str, ...]:
    from tui.present.history import event_look
    from tui.present.times import exact

    what = happening.what
    if isinstance(what, EventRow):
        return (exact(what.ts), happening.campaign, event_look(what).word, what.diagnostic or what.url or "")
    return (exact(what.ts), happening.campaign, f"{what.verb} by {what.operator}", what.sentence)
