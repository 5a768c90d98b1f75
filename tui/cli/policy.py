"""aftersend policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from store.errors import BadInput
from store.policy import SETTINGS, UNCHANGED, Policy
from store.rows import TrialRow
from tui.cli.arguments import json_option
from tui.cli.columns import Column, print_table
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import report_change
from tui.present.times import number

_COLUMNS = (Column("Setting"), Column("Value"), Column("Default"), Column("What it is", floor=20))
_TRIED = (Column("Address", floor=20), Column("Would be"), Column("Because of"), Column("In a row", right=True))
_assignments = click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE...")


@click.group("policy", invoke_without_command=True)
@click.pass_context
def policy_command(ctx: click.Context) -> None:
    """Show or change when addresses are blocked, or try a change out (show, set, test)."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show_command)


@policy_command.command("show")
@json_option
@click.pass_context
def show_command(ctx: click.Context, as_json: bool = False) -> None:
    """Show the settings that hold, with what each is for."""
    from store.queries.policy import load

    policy = load(store_to_read(ctx))
    if as_json:
        print_objects(
            {
                "name": s.name,
                "value": s.text(policy),
                "default": s.text(UNCHANGED),
                "help": s.help,
                "allowed": s.allowed,
            }
            for s in SETTINGS
        )
        return
    print_table(_COLUMNS, [(s.name, policy.text(s.name), s.text(UNCHANGED), s.label) for s in SETTINGS], always=True)


@policy_command.command("set")
@_assignments
@click.pass_context
def set_command(ctx: click.Context, assignments: Sequence[str]) -> None:
    """Change settings (block-after=3) and settle every address by them; undo takes it back."""
    from store.actions.policy import set_policy
    from store.journal import current_operator

    texts = _texts(assignments)
    report_change(set_policy(store_to_write(ctx), texts, current_operator(), now()))


@policy_command.command("test")
@_assignments
@json_option
@click.pass_context
def test_command(ctx: click.Context, assignments: Sequence[str], as_json: bool) -> None:
    """Show which addresses a change would block or free; nothing is changed."""
    from store.queries.policy import load
    from store.queries.policy_trials import trial

    store = store_to_read(ctx)
    policy: Policy = load(store)
    for name, text in _texts(assignments).items():
        policy = policy.with_text(name, text)
    counts = {True: 0, False: 0}

    def counted() -> Iterator[TrialRow]:
        for row in trial(store, policy):
            counts[row.blocks] += 1
            yield row

    if as_json:
        print_objects(_object(row) for row in counted())
    else:
        print_table(_TRIED, (_cells(row) for row in counted()))
    click.echo(f"Would block {number(counts[True])} and free {number(counts[False])}; nothing was changed.", err=True)


def _texts(assignments: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in assignments]
    for name, sign, _ in pairs:
        if not sign:
            raise BadInput(f"“{name}” is not NAME=VALUE, for example block-after=3.")
    return {name: value for name, _, value in pairs}


def _object(row: TrialRow) -> dict[str, Any]:
    return {
        "address": row.address,
        "would_be": "blocked" if row.blocks else "free",
        "reason": row.reason,
        "consecutive": row.consecutive,
    }


def _cells(row: TrialRow) -> tuple[str, ...]:
    return (row.address, "blocked" if row.blocks else "free", row.reason or "", number(row.consecutive))
