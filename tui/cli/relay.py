"""aftersend relay."""

from __future__ import annotations

from typing import Any

import click

from store.cleaning import clean
from tui.cli.arguments import json_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say, tell
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import report_change
from tui.cli.spans import Seconds

_COLUMNS = (
    Column("Relay", floor=8),
    Column("Address", floor=20),
    Column("Security"),
    Column("Connections", right=True),
    Column("Rate", right=True),
    Column("A\N{NO-BREAK SPACE}domain", right=True, rank=1),
    Column("Return\N{NO-BREAK SPACE}path", floor=16, rank=2),
)
_name = click.argument("name")


@click.group("relay", invoke_without_command=True)
@click.pass_context
def relay_command(ctx: click.Context) -> None:
    """Set up the relays that take our mails (set, list, delete, test)."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command)


@relay_command.command("set")
@_name
@click.argument("url", required=False)
@click.option(
    "--security",
    type=click.Choice(["starttls", "tls", "none"]),
    help="What must be there; otherwise TLS for smtps://, nothing on this machine, STARTTLS elsewhere.",
)
@click.option("--password-file", metavar="FILE", help="A file (mode 600) whose first line is the password.")
@click.option("--ca-file", metavar="FILE", help="Certificates (PEM) to trust instead of the system's.")
@click.option("--rate", type=float, metavar="N", help="Mails a second over all connections; 0: no limit.")
@click.option("--domain-rate", type=float, metavar="N", help="Mails a second to one receiving domain; 0: no limit.")
@click.option("--connections", type=int, metavar="N", help="How many at a time; 4 if not told.")
@click.option("--per-connection", type=int, metavar="N", help="Mails before a connection is made anew; 0: never.")
@click.option("--retry", "retry_s", type=Seconds(), metavar="SPAN", help="The pause before the second try (60s).")
@click.option("--retry-most", "retry_most_s", type=Seconds(), metavar="SPAN", help="The longest pause (1h).")
@click.option(
    "--give-up", "give_up_s", type=Seconds(), metavar="SPAN", help="When a mail that is put off is given up (1d)."
)
@click.option("--from-domain", "sender_domain", metavar="DOMAIN", help="The domain of Message-IDs.")
@click.option("--verp", metavar="PATTERN", help="The envelope sender, such as bounces+{recipient}@news.shop.example.")
@click.option("--unsubscribe", metavar="URL", help="The link that unsubscribes, with {token}, {address} or {crm_id}.")
@click.pass_context
def set_command(ctx: click.Context, /, name: str, url: str | None, security: str | None, **given: Any) -> None:
    """Set a relay up, or change it: smtp://user@host:587, or smtps://user@host for TLS from the start.

    Without URL the relay must be there, and keeps what is not named. The password is taken from the file,
    AFTERSEND_SMTP_PASSWORD or the keyring (keyring set aftersend user@host), never from the command line.
    """
    from dataclasses import replace

    from store.actions.relays import set_relay
    from store.journal import current_operator
    from store.outbox.relay import Security, relay_at
    from store.queries.relays import find_relay

    store = store_to_write(ctx, create=True)
    wanted = Security(security) if security else None
    if url is None:
        relay = find_relay(store, name)
        relay = replace(relay, security=wanted) if wanted else relay
    else:
        relay = relay_at(name, url, wanted)
    told = {option: value for option, value in given.items() if value is not None}
    report_change(set_relay(store, replace(relay, **told), current_operator(), now()))


@relay_command.command("list")
@json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool = False) -> None:
    """Print the relays."""
    from dataclasses import asdict

    from store.queries.relays import list_relays

    relays = list_relays(store_to_read(ctx))
    if as_json:
        from store.exports.json import plain

        kept = ({**asdict(relay), "url": relay.url} for relay in relays)
        print_objects({name: plain(value) for name, value in one.items()} for one in kept)
        return
    rows = [
        (
            relay.name,
            clean(relay.url),
            relay.security.value,
            str(relay.connections),
            f"{relay.rate:g}/s" if relay.rate else "no limit",
            f"{relay.domain_rate:g}/s" if relay.domain_rate else "no limit",
            clean(relay.verp),
        )
        for relay in relays
    ]
    if not print_table(_COLUMNS, rows):
        say("No relay is set up yet; `aftersend relay set NAME smtp://user@host:587` does it.")


@relay_command.command("delete")
@_name
@click.pass_context
def delete_command(ctx: click.Context, name: str) -> None:
    """Forget a relay; undo brings it back."""
    from store.actions.relays import delete_relay
    from store.journal import current_operator

    report_change(delete_relay(store_to_write(ctx), name, current_operator(), now()))


@relay_command.command("test")
@_name
@click.pass_context
def test_command(ctx: click.Context, name: str) -> None:
    """Connect to a relay, secure the connection and log in; nothing is sent."""
    import asyncio

    from store.outbox.connecting import Patience
    from store.outbox.dialogue import greet
    from store.queries.relays import find_relay

    relay = find_relay(store_to_read(ctx), name)
    extensions = asyncio.run(greet(relay, Patience()))
    able = ", ".join(sorted(extensions)) or "nothing beyond plain SMTP"
    tell(f"{relay.server} takes us{f' as {relay.user}' if relay.user else ''}; it offers {able}.")
