"""aftersend undo and redo."""

from __future__ import annotations

import click

from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_change

_ENTRY = click.option(
    "--entry",
    type=int,
    metavar="N",
    help="This entry of the journal, whoever's it is; `aftersend journal` numbers them.",
)


@click.command("undo")
@_ENTRY
@click.pass_context
def undo_command(ctx: click.Context, entry: int | None) -> None:
    """Undo your last action.

    Also one of another day; it is refused where somebody changed the same rows since. With --entry any action, also
    somebody else's: the journal says who took back whose.
    """
    from store.actions.undo import undo
    from store.journal import current_operator

    report_change(undo(store_to_write(ctx), current_operator(), now(), entry))


@click.command("redo")
@_ENTRY
@click.pass_context
def redo_command(ctx: click.Context, entry: int | None) -> None:
    """Redo the action that you undid last."""
    from store.actions.undo import redo
    from store.journal import current_operator

    report_change(redo(store_to_write(ctx), current_operator(), now(), entry))
