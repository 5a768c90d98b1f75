"""aftersend export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from store.asking import RecipientFilter, Sort
from tui.cli.arguments import campaign_argument
from tui.cli.choosing import Chosen, list_option, narrowing_options, segment_option, sort_options, whose
from tui.cli.group import tell
from tui.cli.opening import now, store_to_read
from tui.cli.progress import ProgressBar
from tui.present.times import number

if TYPE_CHECKING:
    from store.database import Store
    from store.exports.about import About
    from store.exports.formats import Format

FORMATS = ("csv", "xlsx", "html", "json", "text")


@click.command("export")
@campaign_argument(required=False)
@list_option
@segment_option
@click.option("--to", "target", required=True, metavar="FILE|-", help="The file to write; - is stdout.")
@narrowing_options
@sort_options
@click.option("--clickers", "link", metavar="URL|ID", help="Write who clicked this link of CAMPAIGN instead.")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="Otherwise what FILE's suffix says; csv on stdout.")
@click.option("--force", is_flag=True, help="Write over existing files.")
@click.option("--bom", is_flag=True, help="Begin a CSV file with a byte order mark, which Excel needs for accents.")
@click.option("--no-meta", is_flag=True, help="Write no FILE.meta.json beside a CSV or JSON file.")
@click.pass_context
def export_command(
    ctx: click.Context,
    campaign: str | None,
    list_name: str | None,
    segment: str | None,
    target: str,
    narrowed: RecipientFilter,
    sort: Sort,
    link: str | None,
    kind: str | None,
    force: bool,
    bom: bool,
    no_meta: bool,
) -> None:
    """Write recipients to a CSV, XLSX, HTML, JSON or text file.

    CSV and XLSX hold every column, HTML and text those that people read. JSON is one object a line, the same as
    `aftersend recipients --json`. What the file holds, by which filter, when and by whom it was written stands in its
    head, of CSV and JSON in FILE.meta.json. Cells that a spreadsheet could take for formulas are defused.
    """
    from store.exports.formats import Format, format_of

    wanted = Format(kind) if kind is not None else format_of(target)
    if bom and wanted is not Format.CSV:
        raise click.UsageError("--bom is for CSV.")
    if link is not None and campaign is None:
        raise click.UsageError("--clickers needs CAMPAIGN.")
    store = store_to_read(ctx)
    to = _To(target, wanted, bom=bom, beside=not no_meta, overwrite=force)
    if link is not None and campaign is not None:
        _clickers(store, to, campaign, link)
    else:
        _recipients(store, to, whose(store, narrowed, campaign, list_name, segment), sort)


@dataclass(frozen=True, slots=True)
class _To:
    """Where and how to write."""

    target: str
    kind: Format
    bom: bool
    beside: bool
    overwrite: bool

    def write(self, store: Store, rows: Iterable[Any], about: About, **more: Any) -> None:
        """Write the rows, note it in the journal, and say so."""
        from store.actions.exports import note_export
        from store.exports.formats import write
        from store.feeds.record import Progress

        with ProgressBar(self.target) as bar:
            count = write(
                rows,
                self.target,
                about,
                kind=self.kind,
                bom=self.bom,
                beside=self.beside,
                overwrite=self.overwrite,
                on_progress=lambda done: bar(Progress(done, about.count)),
                **more,
            )
        where = "standard output" if self.target == "-" else self.target
        note_export(store, count, where, about.scope, about.who, now(), noun=about.noun)
        if self.target != "-":
            tell(f"{number(count)} {about.noun} written to {self.target}.")


def _recipients(store: Store, to: _To, chosen: Chosen, sort: Sort) -> None:
    from store.exports.about import About
    from store.exports.recipients import recipient_objects
    from store.journal import current_operator
    from store.queries.recipients import counted_stream

    with counted_stream(store, chosen.filter, sort) as (count, rows):
        who, names = current_operator(), (chosen.campaign, chosen.members_of)
        about = About("recipients", chosen.scope, count, now(), who, *names, chosen.filter, sort)
        to.write(store, rows, about, to_objects=partial(recipient_objects, store))


def _clickers(store: Store, to: _To, campaign: str, link: str) -> None:
    from store.exports.about import About
    from store.exports.fields import CLICKER_FIELDS
    from store.journal import current_operator
    from store.queries.campaigns import find_campaign
    from store.queries.links import ClickersView, list_links
    from store.queries.snapshot import counted
    from tui.cli.links import find_link

    row = find_campaign(store, campaign)
    found = find_link(list_links(store, row.id), link, row.name)
    with counted(ClickersView(store), lambda view: view.build(found.id)) as (total, rows):
        about = About("clickers", f"{row.name} · clicked {found.url}", total, now(), current_operator(), row.name)
        to.write(store, rows, about, fields=CLICKER_FIELDS)
