"""aftersend send."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from store.asking import RecipientFilter
from store.cleaning import clean
from tui.cli import send_state, send_tokens
from tui.cli.addressed import addressed
from tui.cli.arguments import CampaignName, SourceName, json_option
from tui.cli.choosing import narrowing_options
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.spans import Seconds
from tui.present.times import number

if TYPE_CHECKING:
    from store.database import Store
    from store.outbox.content import Message
    from store.outbox.whom import Sifted, Whom
    from store.rows.outbox import SiftedRow

_COLUMNS = (
    Column("Address", floor=24),
    Column("Gets\N{NO-BREAK SPACE}it"),
    Column("Because", floor=12),
    Column("Name", floor=14, rank=1),
    Column("Company", floor=14, rank=2),
)
_NEW = "new"


class _SendGroup(click.Group):
    """A group whose first command needs no name: `aftersend send MESSAGE …` is `aftersend send new MESSAGE …`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take what is no command for a message."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = [_NEW, *args]
        return super().resolve_command(ctx, args)


@click.group("send", cls=_SendGroup)
def send_command() -> None:
    """Send a message to a list; stop, pause and resume it.

    `aftersend send MESSAGE --to LIST` sends; MESSAGE is an .eml file or a folder. The other commands act on what is
    being sent, from any terminal.
    """


@send_command.command(_NEW)
@click.argument("message", type=click.Path(path_type=Path))
@click.option("--to", "to", type=SourceName(), help="The people of this list or segment.")
@click.option("--campaign", type=CampaignName(), help="The recipients of this campaign, narrowed down as below.")
@narrowing_options
@click.option("--name", metavar="NAME", help="What the send is called; otherwise as the message's file or folder.")
@click.option("--relay", "relay_name", metavar="NAME", help="The relay, if there are several.")
@click.option("--rate", type=click.FloatRange(min=0), metavar="N", help="Mails a second, other than the relay's.")
@click.option(
    "--connections", type=click.IntRange(1, 200), metavar="N", help="Connections at a time, other than the relay's."
)
@click.option(
    "--start-in", "start_in_s", type=Seconds(), default="30s", show_default=True, help="The countdown before it begins."
)
@click.option("--dry-run", is_flag=True, help="Print who gets it, who does not and why; send nothing.")
@click.option(
    "--test-to", "test_to", multiple=True, metavar="ADDRESS", help="Send a test there instead; it never counts."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def new_command(
    ctx: click.Context,
    /,
    message: Path,
    to: str | None,
    campaign: str | None,
    narrowed: RecipientFilter,
    name: str | None,
    relay_name: str | None,
    dry_run: bool,
    test_to: tuple[str, ...],
    as_json: bool,
    **how: Any,
) -> None:
    """Send a message to people, each of them once.

    Whoever complained, unsubscribed, is blocked or a former employee, or has not consented gets nothing; nor does an
    address a second time. The send is a campaign of its own. Ctrl-C pauses it. On a terminal one line tells how it
    goes. It is checked first (`aftersend check`): nothing is sent while something is red or not ticked. Exit code 3: a
    tripwire paused it.
    """
    from store.outbox.reading import read_message

    read = read_message(message)
    store = store_to_read(ctx) if dry_run else store_to_write(ctx)
    whom, parent_id = addressed(store, to, campaign, narrowed)
    if dry_run:
        _dry_run(store, whom, as_json)
    elif test_to:
        _test(store, read, whom, relay_name, test_to)
    else:
        wanted = name or (message.stem if message.is_file() else message.resolve().name)
        _send(ctx, store, read, whom, parent_id, wanted, relay_name, how)


def _dry_run(store: Store, whom: Whom, as_json: bool) -> None:
    from store.outbox.whom import everybody, sifted

    with sifted(store, whom) as found:
        rows = everybody(store)
        if as_json:
            print_objects(_object(row) for row in rows)
        else:
            print_table(_COLUMNS, _cells(rows))
        say(f"{_told(found)}; nothing was sent.")


def _told(found: Sifted) -> str:
    left = ", ".join(f"{number(count)} {reason}" for reason, count in found.left_out.items())
    noun = "person gets" if found.count == 1 else "people get"
    return f"{number(found.count)} {noun} it" + (f"; left out: {left}" if left else "")


def _object(row: SiftedRow) -> dict[str, Any]:
    return {
        "address": row.address,
        "name": row.name,
        "company": row.company,
        "gets_it": not row.because,
        "because": row.because or None,
    }


def _cells(rows: Iterator[SiftedRow]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield (row.address, "no" if row.because else "yes", row.because, row.name, row.company)


def _test(store: Store, message: Message, whom: Whom, relay_name: str | None, addresses: tuple[str, ...]) -> None:
    from store.errors import Refused
    from store.journal import current_operator
    from store.outbox.testing import send_test
    from store.outbox.whom import people, sifted
    from store.queries.relays import find_relay

    with sifted(store, whom):
        person = next(people(store, 1), None)
    if person is None:
        raise Refused("Nobody is left to be sent to, so there is nobody whose fields a test could show.")
    relay = find_relay(store, relay_name)
    click.echo(send_test(store, message, relay, person, addresses, current_operator(), now()).sentence)


def _send(
    ctx: click.Context,
    store: Store,
    message: Message,
    whom: Whom,
    parent_id: int | None,
    name: str,
    relay_name: str | None,
    how: dict[str, Any],
) -> None:
    from store.journal import current_operator
    from store.outbox.preparing import Draft, prepare
    from store.outbox.whom import sifted
    from store.queries.outbox import send_row
    from store.queries.relays import find_relay
    from tui.cli.passing import passed
    from tui.cli.sending import run

    relay = find_relay(store, relay_name)
    passed(store, message, whom, relay)
    with sifted(store, whom) as found:
        say(f"{_told(found)}, by {relay.url}.")
    if not how["yes"]:
        if not sys.stdin.isatty():
            raise click.UsageError("Nobody is there to be asked; say --yes.")
        if not click.confirm(f"Send “{clean(message.subject)}” to {number(found.count)} people?", err=True):
            raise click.exceptions.Exit(1)
    draft = Draft(name, message, whom, relay.name, parent_id, how["rate"], how["connections"])
    prepared = prepare(store, draft, current_operator(), now())
    run(ctx, store, send_row(store, prepared.message_id, now()), how["start_in_s"])


for _command in (*send_state.COMMANDS, send_tokens.tokens_command):
    send_command.add_command(_command)
