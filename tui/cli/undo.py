"""aftersend undo and redo."""

from __future__ import annotations

import click

from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_change


@click.command("undo")
@click.pass_context
def undo_command(ctx: click.Context) -> None:
    """Undo your last action.

    Also one of another day; it is refused where somebody changed the same rows since.
    """
    from store.actions.undo import undo
    from store.journal import current_operator

    report_change(undo(store_to_write(ctx), current_operator(), now()))


@click.command("redo")
@click.pass_context
def redo_command(ctx: click.Context) -> None:
    """Redo the action that you undid last."""
    from store.actions.undo import redo
    from store.journal import current_operator

    report_change(redo(store_to_write(ctx), current_operator(), now()))
