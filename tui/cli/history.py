"""aftersend history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from store.errors import NotFound
from tui.cli.arguments import json_option
from tui.cli.columns import terminal_width
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read
from tui.present.history import history_lines

if TYPE_CHECKING:
    from store.database import Store
    from store.evidence import RawMailRow
    from store.rows import EventRow

_READABLE = 100


@click.command("history")
@click.argument("address")
@json_option
@click.option("--raw", is_flag=True, help="Print the mails and log lines themselves that the events were read from.")
@click.pass_context
def history_command(ctx: click.Context, address: str, as_json: bool, raw: bool) -> None:
    """Show what happened to one address in all campaigns.

    Every event with the server's words, whole, and what operators did; oldest first within a campaign. With --raw the
    mails and lines behind the events, each once; one that is gone is told on stderr.
    """
    from store.queries.addresses import recipients_of_address
    from store.queries.history import history

    store = store_to_read(ctx)
    ids = recipients_of_address(store, address)
    if not ids:
        raise NotFound(f"{address} is in no campaign.")
    if raw:
        raws = _raws(store, [event for id_ in ids for event in history(store, id_).events])
        if as_json:
            from store.exports.json import raw_object

            print_objects(map(raw_object, raws))
        else:
            _print_raws(raws)
        return
    if as_json:
        from store.exports.json import history_object

        print_objects(history_object(history(store, recipient_id)) for recipient_id in ids)
        return
    width = terminal_width() or _READABLE
    for position, recipient_id in enumerate(ids):
        if position:
            click.echo()
        found = replace(history(store, recipient_id), elsewhere=())
        for line in history_lines(found, width, now()):
            click.echo("".join(text for text, _ in line).rstrip())


def _raws(store: Store, events: Iterable[EventRow]) -> Iterator[RawMailRow]:
    """Yield the mails and lines behind events, each once; the sentences about those that are gone go to stderr."""
    from store.queries.mails import raw_mail

    seen: set[tuple[str, str]] = set()
    told: set[str] = set()
    for event in events:
        try:
            raw = raw_mail(store, event.id)
        except NotFound as error:
            if event.where and str(error) not in told:
                say(str(error))
            told.add(str(error))
            continue
        if (raw.path, raw.where) not in seen:
            seen.add((raw.path, raw.where))
            yield raw


def _print_raws(raws: Iterable[RawMailRow]) -> None:
    for number, raw in enumerate(raws):
        if number:
            click.echo()
        click.echo(f"== {raw.path} · {raw.where}" + (" · the first 64 kB" if raw.cut else ""))
        for line in raw.lines:
            click.echo(line)
