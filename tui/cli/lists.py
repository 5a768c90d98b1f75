"""aftersend lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from store.asking import RecipientFilter, Sort
from store.rows import ListRow
from tui.cli.arguments import ListName, json_option
from tui.cli.columns import Column, print_table
from tui.cli.list_changes import CHANGES
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.present.times import moment, number

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COLUMNS = (
    Column("List", floor=16),
    Column("Kind"),
    Column("Members", right=True),
    Column("Campaign", floor=12, rank=2),
    Column("Made"),
    Column("By", floor=6, rank=1),
    Column("Note", floor=10, rank=3),
)


class _Lists(click.Group):
    """A group in which a word that is no command is the name of a list, whose members are printed."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or the one that prints members."""
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "members", self.commands["members"], args

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return the commands and the lists that begin so."""
        found = super().shell_complete(ctx, incomplete)
        return [*found, *ListName().shell_complete(ctx, self.params[0], incomplete)]


@click.group("lists", cls=_Lists, invoke_without_command=True, subcommand_metavar="[LIST | COMMAND [ARGS]...]")
@json_option
@click.pass_context
def lists_command(ctx: click.Context, as_json: bool) -> None:
    """Print the lists or the members of one; combine, split and keep them.

    A name that several kinds of lists have is written with its kind, project:Spring; so is one that is also a command.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(show_command, as_json=as_json)


@lists_command.command("show")
@json_option
@click.pass_context
def show_command(ctx: click.Context, as_json: bool) -> None:
    """Print the lists, the newest first; `aftersend lists` does the same."""
    from store.queries.lists import list_lists

    rows = list_lists(store_to_read(ctx))
    if as_json:
        from store.exports.json import list_object

        print_objects(map(list_object, rows))
        return
    if not rows:
        click.echo("There are no lists yet.", err=True)
    print_table(_COLUMNS, map(_cells, rows))


@lists_command.command("members")
@click.argument("name", type=ListName(), metavar="LIST")
@json_option
@click.pass_context
def members_command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Print the members of a list; `aftersend lists LIST` does the same."""
    from store.queries.lists import find_list
    from tui.cli.recipients import print_recipients

    store = store_to_read(ctx)
    asked = as_json or bool(ctx.parent and ctx.parent.params["as_json"])
    print_recipients(store, RecipientFilter(list_id=find_list(store, name).id), Sort(), as_json=asked)


for _command in CHANGES:
    lists_command.add_command(_command)


def _cells(row: ListRow) -> tuple[str, ...]:
    made = moment(row.created_at)
    return (row.name, row.kind, number(row.members), row.campaign or "", made, row.created_by, row.note)
