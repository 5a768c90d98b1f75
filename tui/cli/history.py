"""aftersend history."""

from __future__ import annotations

from collections.abc import Iterator

import click

from store.errors import NotFound
from store.rows import AddressRow, EventRow, HistoryRow
from tui.cli.arguments import json_option
from tui.cli.columns import terminal_width
from tui.cli.objects import print_object
from tui.cli.opening import store_to_read
from tui.present.cells import wrap
from tui.present.times import moment
from tui.present.words import state_word

_INDENT = 4
_READABLE = 100


@click.command("history")
@click.argument("address")
@json_option
@click.pass_context
def history_command(ctx: click.Context, address: str, as_json: bool) -> None:
    """Show what happened to one address in all campaigns.

    Every event with the server's words, whole, and what operators did; oldest first within a campaign.
    """
    from store.queries.history import history

    from store.queries.addresses import recipients_of_address

    store = store_to_read(ctx)
    ids = recipients_of_address(store, address)
    if not ids:
        raise NotFound(f"{address} is in no campaign.")
    for position, recipient_id in enumerate(ids):
        found = history(store, recipient_id)
        if as_json:
            print_object(found, without=frozenset({"elsewhere"}))
            continue
        if position == 0:
            _person(found)
        for line in _campaign(found, terminal_width() or _READABLE):
            click.echo(line)


def _person(found: HistoryRow) -> None:
    row = found.recipient
    parts = [row.name, row.company, row.contact_address, found.crm_id or ""]
    click.echo(" · ".join(part for part in parts if part))
    facts = [
        "former employee" if found.former else "",
        {True: "consent", False: "no consent", None: ""}[found.consent],
        "tracking refused" if found.tracking_consent is False else "",
        *_address(found.address),
    ]
    shown = [fact for fact in facts if fact]
    if shown:
        click.echo(", ".join(shown))


def _address(row: AddressRow) -> Iterator[str]:
    if row.blocked_at is not None:
        yield f"blocked {moment(row.blocked_at)} ({row.block_reason or 'no reason kept'})"
    if row.consecutive:
        yield f"{row.consecutive} bounces in a row"
    if row.last_success_at is not None:
        yield f"last success {moment(row.last_success_at)}"


def _campaign(found: HistoryRow, width: int) -> Iterator[str]:
    row = found.recipient
    yield ""
    yield f"{row.campaign}: {state_word(row)}" + (f" ({row.address})" if row.address != row.contact_address else "")
    entries = [(event.ts, list(_event(event))) for event in found.events]
    entries += [(entry.ts, [f"{entry.verb}: {entry.sentence} ({entry.operator})"]) for entry in found.journal]
    for when, lines in sorted(entries, key=lambda entry: entry[0]):
        yield f"  {moment(when)}  {lines[0]}"
        for line in lines[1:]:
            yield from (" " * _INDENT + part for part in wrap(line, width - _INDENT))


def _event(event: EventRow) -> Iterator[str]:
    words = [event.type, event.kind or "", event.reason or "", event.status or "", str(event.reply or "")]
    if event.expired:
        words.append("given up")
    if event.actor == "machine":
        words.append("by a machine")
    if event.attribution != "exact":
        words.append(f"({event.attribution})")
    yield " ".join(word for word in words if word)
    if event.url:
        yield event.url
    if event.diagnostic:
        yield event.diagnostic
