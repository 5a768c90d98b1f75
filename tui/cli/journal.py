"""aftersend journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import click

from store.asking import JournalFilter
from store.rows import JournalLineRow, JournalRow
from tui.cli.arguments import CampaignName, json_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.cli.writing import aware, file_options, since_option, write_file
from tui.present.journal import changes_words
from tui.present.times import moment, number

if TYPE_CHECKING:
    from store.database import Store

_COLUMNS = (
    Column("Entry", right=True, rank=4),
    Column("When"),
    Column("Who", floor=6),
    Column("Host", floor=8, rank=3),
    Column("Verb", rank=2),
    Column("Rows", right=True),
    Column("What", floor=40),
    Column("Undone", rank=1),
)
_LINES = (
    Column("Row"),
    Column("Whose", floor=24),
    Column("Before\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}after", floor=32),
    Column("Of", floor=14, rank=1),
)
_PAGE = 1000


@click.command("journal")
@click.argument("entry", type=int, required=False)
@click.option("--operator", metavar="NAME", help="Only what NAME did.")
@click.option("--own", is_flag=True, help="Only what you did.")
@click.option("--verb", metavar="VERB", help="Only this verb, such as fix or undo.")
@click.option("--campaign", type=CampaignName(), help="Only what changed recipients or lists of this campaign.")
@click.option("--find", "text", default="", metavar="TEXT", help="Only entries with all these words.")
@click.option("--standing", is_flag=True, help="Only what was not undone.")
@since_option
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="At most so many entries; a table ends after 100 otherwise.",
)
@file_options
@json_option
@click.pass_context
def journal_command(
    ctx: click.Context,
    entry: int | None,
    operator: str | None,
    own: bool,
    verb: str | None,
    campaign: str | None,
    text: str,
    standing: bool,
    since: datetime | None,
    limit: int | None,
    target: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Print what operators did, newest first.

    With ENTRY, the number of one, the rows that it changed, before and after; `undo --entry` takes it back. In a pipe
    tab-separated without headings (entry, when, who, host, verb, rows, what, undone; of rows kind, whose, before and
    after, of what).
    """
    if as_json and target is not None:
        raise click.UsageError("Give either --json or --to; a FILE.json holds JSON.")
    store = store_to_read(ctx)
    if entry is not None:
        _print_entry(store, entry, as_json=as_json)
        return
    wanted = JournalFilter(
        text, _who(operator, own), verb, _campaign_id(store, campaign), aware(since), standing=standing
    )
    rows = islice(_entries(store, wanted), limit)
    if target is not None:
        from store.exports.fields import JOURNAL_FIELDS

        write_file(store, rows, target, JOURNAL_FIELDS, "actions", _scope(wanted, campaign), force=force)
    elif as_json:
        from store.exports.json import journal_object

        print_objects(map(journal_object, rows))
    else:
        _print(store, wanted, rows if limit is not None else None)


def _print(store: Store, wanted: JournalFilter, rows: Iterable[JournalRow] | None) -> None:
    """Print the rows that were asked for; None: a hundred, and how many there are more."""
    from store.queries.journal import JournalView

    if rows is not None:
        shown, left = print_table(_COLUMNS, map(_cells, rows)), 0
    else:
        view = JournalView(store)
        try:
            total = view.build(wanted)
            shown = print_table(_COLUMNS, map(_cells, view.page(0, 100)))
            left = total - shown
        finally:
            view.close()
    if left:
        click.echo(f"{left:,} older entries; --limit shows more.", err=True)
    elif not shown:
        say("Nothing that was done fits.")


def _who(operator: str | None, own: bool) -> str | None:
    if not own:
        return operator
    if operator is not None:
        raise click.UsageError("--own and --operator do not go together.")
    from store.journal import current_operator

    return current_operator().name


def _campaign_id(store: Store, campaign: str | None) -> int | None:
    if campaign is None:
        return None
    from store.queries.campaigns import find_campaign

    return find_campaign(store, campaign).id


def _entries(store: Store, wanted: JournalFilter) -> Iterator[JournalRow]:
    from store.queries.journal import JournalView
    from store.queries.snapshot import streamed

    # Nothing is opened before a row is asked for.
    yield from streamed(JournalView(store), lambda view: view.build(wanted))


def _scope(wanted: JournalFilter, campaign: str | None) -> str:
    """Return which entries are written, for people."""
    by = f"by {wanted.operator}" if wanted.operator is not None else ""
    since = f"since {wanted.since:%Y-%m-%d %H:%M} UTC" if wanted.since is not None else ""
    text = f"“{wanted.text}”" if wanted.text else ""
    parts = ("journal", by, wanted.verb, campaign, text, since, "not undone" if wanted.standing else "")
    return " · ".join(filter(None, parts))


def _print_entry(store: Store, entry: int, *, as_json: bool) -> None:
    from store.queries.journal import journal_entry

    row = journal_entry(store, entry)
    lines = _lines(store, entry)
    if as_json:
        from store.exports.json import journal_line_object, journal_object

        print_objects([{**journal_object(row), "lines": [journal_line_object(line) for line in lines]}])
        return
    say(f"{row.operator} on {moment(row.ts)}: {row.sentence}")
    if not print_table(_LINES, map(_line_cells, lines)):
        say("This changed no row that could be shown.")


def _lines(store: Store, entry: int) -> Iterator[JournalLineRow]:
    from store.queries.journal_lines import EntryLines

    lines = EntryLines(store, entry)
    for offset in range(0, lines.total, _PAGE):
        yield from lines.page(offset, _PAGE)


def _cells(row: JournalRow) -> tuple[str, ...]:
    who = (row.operator, row.host, row.verb)
    return (str(row.id), moment(row.ts), *who, number(row.subjects), row.sentence, moment(row.undone_at))


def _line_cells(row: JournalLineRow) -> tuple[str, ...]:
    return (row.kind, row.name, changes_words(row), row.of)
