"""aftersend links."""

from __future__ import annotations

from collections.abc import Sequence

import click

from store.errors import NotFound
from store.rows import ClickerRow, LinkRow
from tui.cli.arguments import campaign_argument, json_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.present.times import moment, number

_COLUMNS = (
    Column("Id", right=True),
    Column("Clicks", right=True),
    Column("Clickers", right=True),
    Column("Machine", right=True),
    Column("Last", rank=1),
    Column("Link", floor=40),
)
_CLICKER_COLUMNS = (
    Column("Address", floor=24),
    Column("Name", floor=14),
    Column("Company", floor=16, rank=1),
    Column("Clicks", right=True),
    Column("Machine", right=True),
    Column("First", rank=2),
    Column("Last"),
)


@click.command("links")
@campaign_argument()
@json_option
@click.option("--clickers", "link", metavar="URL|ID", help="Print who clicked this link instead.")
@click.pass_context
def links_command(ctx: click.Context, campaign: str, as_json: bool, link: str | None) -> None:
    """Print the links of a campaign, or who clicked one.

    Clicks and clickers are people's; clicks by machines (scanners of mail) stand beside them.
    """
    from store.exports.json import clicker_object, link_object
    from store.queries.campaigns import find_campaign
    from store.queries.links import ClickersView, list_links
    from store.queries.snapshot import streamed

    store = store_to_read(ctx)
    row = find_campaign(store, campaign)
    links = list_links(store, row.id)
    if link is None:
        if as_json:
            print_objects(map(link_object, links))
            return
        if not print_table(_COLUMNS, map(_cells, links)):
            say(f"No click on a link of {row.name} is known.")
        return
    wanted = find_link(links, link, row.name).id
    people = streamed(ClickersView(store), lambda view: view.build(wanted))
    if as_json:
        print_objects(map(clicker_object, people))
        return
    if not print_table(_CLICKER_COLUMNS, map(_clicker_cells, people)):
        say("Nobody clicked this link.")


def find_link(links: Sequence[LinkRow], wanted: str, campaign: str) -> LinkRow:
    """Return the link with this address or number, or the only one whose address contains it.

    Raises:
        NotFound: there is none, or there are several.
    """
    for link in links:
        if wanted in {link.url, str(link.id)}:
            return link
    near = [link for link in links if wanted.casefold() in link.url.casefold()]
    if len(near) == 1:
        return near[0]
    if near:
        raise NotFound(f"{len(near)} links of {campaign} contain {wanted}; give the id, `aftersend links` prints it.")
    raise NotFound(f"{campaign} has no link {wanted}; `aftersend links` prints them.")


def _cells(row: LinkRow) -> tuple[str, ...]:
    counts = (row.clicks, row.clickers, row.machine_clicks)
    return (str(row.id), *map(number, counts), moment(row.last_at), row.url)


def _clicker_cells(row: ClickerRow) -> tuple[str, ...]:
    counts = (number(row.clicks), number(row.machine_clicks))
    return (row.address, row.name, row.company, *counts, moment(row.first_at), moment(row.last_at))
