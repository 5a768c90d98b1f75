"""aftersend backup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli.arguments import json_option
from tui.cli.group import say
from tui.cli.opening import chosen_url, now, only_reading
from tui.cli.progress import ProgressBar
from tui.present.times import number
from tui.present.upkeep import held_of, size

if TYPE_CHECKING:
    from store.upkeep.backups import Backup

_INSTEAD = "pg_dump --format=custom --file=aftersend.dump '{}'"


@click.command("backup")
@click.argument("target", required=False, metavar="[FILE|FOLDER]", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Then delete this store's backups there but N.")
@click.option("--force", is_flag=True, help="Write over an existing file.")
@json_option
@click.pass_context
def backup_command(ctx: click.Context, target: Path | None, keep: int | None, force: bool, as_json: bool) -> None:
    """Write the whole store to one file, while others work, and check it.

    It holds what the store held at one moment. Without FILE it is named by the time and lies in FOLDER, or in the
    folder `backups` beside the store. It gets its name when it was checked and is on the disk; what it holds, and its
    SHA-256, stand in FILE.meta.json. `aftersend restore` puts it back.
    """
    from store.journal import current_operator
    from store.upkeep.backups import back_up
    from store.upkeep.places import file_of

    store = file_of(chosen_url(ctx), _INSTEAD)
    noted = not only_reading(ctx)
    with ProgressBar("") as bar:
        made = back_up(store, target, current_operator(), now(), bar.steps, overwrite=force, keep=keep, noted=noted)
    if made.unsaid:
        say(f"The journal does not tell of this backup: {made.unsaid}")
    if made.held.rows.get("forgotten"):
        say(f"Keep {store.name}.forget-key, too, in another place: without it forgotten people are not known again.")
    if as_json:
        from tui.cli.objects import print_objects

        print_objects([_object(made)])
        return
    click.echo(f"{held_of(made.held.rows)} written to {made.path} ({size(made.size_bytes)}, checked).")
    if made.pruned:
        click.echo(f"{number(len(made.pruned))} older {'backup' if len(made.pruned) == 1 else 'backups'} deleted.")


def _object(made: Backup) -> dict[str, Any]:
    return {
        "backup": str(made.path),
        "size_bytes": made.size_bytes,
        "schema": made.held.schema,
        "rows": made.held.rows,
        "deleted": [str(file) for file in made.pruned],
        "in_journal": not made.unsaid,
    }
