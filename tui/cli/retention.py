"""aftersend retention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from store.errors import BadInput
from store.retention import RULES
from tui.cli.arguments import json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import report_change
from tui.cli.progress import ProgressBar
from tui.present.times import number

if TYPE_CHECKING:
    from store.actions.retention import Going

_COLUMNS = (Column("Rule"), Column("Value"), Column("What it is", floor=20))
_GOING = (Column("What", floor=20), Column("Rows", right=True), Column("Bytes", right=True))


@click.group("retention", invoke_without_command=True)
@click.pass_context
def retention_command(ctx: click.Context) -> None:
    """Show, set or apply how long mails, servers' words and single events are kept (show, set, run)."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show_command)


@retention_command.command("show")
@json_option
@click.pass_context
def show_command(ctx: click.Context, as_json: bool = False) -> None:
    """Show the rules that hold; at first everything is kept for ever."""
    from store.queries.retention import load_rules

    rules = load_rules(store_to_read(ctx))
    if as_json:
        print_objects({"name": r.name, "value": r.text(rules), "help": r.help, "allowed": r.allowed} for r in RULES)
        return
    print_table(_COLUMNS, [(r.name, r.text(rules), r.label) for r in RULES], always=True)


@retention_command.command("set")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE...")
@click.pass_context
def set_command(ctx: click.Context, assignments: Sequence[str]) -> None:
    """Change rules (events-after-months=24); nothing goes before `run`, and undo takes it back."""
    from store.actions.retention import set_rules
    from store.journal import current_operator

    texts = {name: value for name, value in _pairs(assignments)}
    report_change(set_rules(store_to_write(ctx), texts, current_operator(), now()))


@retention_command.command("run")
@click.option("--dry-run", is_flag=True, help="Only count what would go, for each campaign.")
@json_option
@click.pass_context
def run_command(ctx: click.Context, dry_run: bool, as_json: bool) -> None:
    """Have go what is older than the rules let it be; for cron.

    Single events are folded: of each recipient the first and the last of each kind stay, and how many they stand for,
    so that every state, rate and number stays, and logs that are read again count nothing twice. Words and mails are
    gone for ever. It works in short steps while others work, and may be ended at any moment; the next run goes on.
    """
    from store.actions.retention import preview, run
    from store.journal import current_operator
    from store.queries.retention import load_rules

    store = store_to_read(ctx) if dry_run else store_to_write(ctx)
    if not load_rules(store).rules:
        raise BadInput(
            "No rule is set, so everything is kept for ever: `aftersend retention set events-after-months=24`."
        )
    with ProgressBar("") as bar:
        if dry_run:
            going = preview(store, now(), tell=bar.steps)
        else:
            _, going = run(store, current_operator(), now(), tell=bar.steps)
    if as_json:
        print_objects([_object(going, dry_run=dry_run)])
        return
    if going.count:
        print_table(_GOING, _rows(going))
    click.echo(f"{going.sentence}{' if it was run' if dry_run and going.count else ''}.", err=True)


def _pairs(assignments: Sequence[str]) -> list[tuple[str, str]]:
    found = []
    for text in assignments:
        name, sign, value = text.partition("=")
        if not sign:
            raise BadInput(f"“{text}” is not NAME=VALUE, for example events-after-months=24.")
        found.append((name, value))
    return found


def _rows(going: Going) -> list[tuple[str, str, str]]:
    rows = [(campaign, number(n), number(going.event_bytes[campaign])) for campaign, n in going.events.items()]
    if going.words:
        rows.append(("servers' words, strangers, guesses", number(going.words), number(going.word_bytes)))
    if going.mails:
        rows.append(("mails", number(going.mails), number(going.mail_bytes)))
    return rows


def _object(going: Going, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "events": [
            {"campaign": campaign, "events": n, "bytes": going.event_bytes[campaign]}
            for campaign, n in going.events.items()
        ],
        "words": going.words,
        "word_bytes": going.word_bytes,
        "mails": going.mails,
        "mail_bytes": going.mail_bytes,
    }
