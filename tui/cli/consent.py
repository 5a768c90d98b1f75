"""aftersend consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.arguments import json_option
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import report_change

if TYPE_CHECKING:
    from store.database import Store


@click.command("consent")
@click.argument("person", metavar="PERSON")
@click.argument("said", required=False, metavar="[yes|no|unknown]", type=click.Choice(["yes", "no", "unknown"]))
@click.option("--source", default="", metavar="TEXT", help="Where they said so: a call, a form, a letter.")
@json_option
@click.pass_context
def consent_command(ctx: click.Context, person: str, said: str | None, source: str, as_json: bool) -> None:
    """Show or note whether somebody may be tracked: whether openings and clicks may be told by name.

    PERSON is an address, crm:ID, or words of the name. The time and the source are kept, undo takes it back. Reminders
    and reports name those who refuse as unknown, since nobody can tell whether they read. Lists say it in a column
    “Tracking consent”.
    """
    from store.actions.consent import track
    from store.errors import NotFound
    from store.journal import current_operator
    from store.queries.identity import who_is

    if said is None and source:
        raise click.UsageError("--source goes with yes, no or unknown.")
    store = store_to_read(ctx) if said is None else store_to_write(ctx)
    one = who_is(store, person)
    if not one.contacts:
        raise NotFound(f"{one.called} is in no plan, only in records of nobody.")
    if said is None:
        _print(store, one.contacts[0], as_json=as_json)
    else:
        report_change(track(store, one.contacts, said, current_operator(), now(), source), as_json=as_json)


def _print(store: Store, contact_id: int, *, as_json: bool) -> None:
    from store.exports.json import plain
    from store.queries.person import person
    from tui.cli.objects import print_objects
    from tui.present.times import exact

    found = person(store, contact_id)
    words = {True: "yes", False: "no", None: "unknown"}[found.tracking_consent]
    if as_json:
        told = {"tracking": words, "since": plain(found.tracking_at), "source": found.tracking_source or None}
        print_objects([{"name": found.person.name, "address": found.person.address} | told])
        return
    since = exact(found.tracking_at) if found.tracking_at is not None else "-"
    click.echo("\t".join((found.person.address, words, since, found.tracking_source or "-")))
