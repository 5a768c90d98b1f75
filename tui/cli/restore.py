"""aftersend restore."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli.group import say
from tui.cli.opening import chosen_url, now, refuse_if_only_reading
from tui.cli.progress import ProgressBar
from tui.present.upkeep import held_of

_INSTEAD = "pg_restore --clean --if-exists --single-transaction --dbname='{}' aftersend.dump"
_UNVOUCHED = "Nothing beside it tells what it must hold, so only the file itself was checked."


@click.command("restore")
@click.argument("backup", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only check the backup, and say what it holds.")
@click.pass_context
def restore_command(ctx: click.Context, backup: Path, dry_run: bool) -> None:
    """Put a backup in the place of the store, which is kept beside it.

    The backup is checked first, by its FILE.meta.json, too, if that lies beside it. While another process has the
    store open this is refused. The change is made at once: there is the old store or the new one, never half of it. The
    old one stays as STORE.before-restore-TIME; delete it when you are content.
    """
    from store.journal import current_operator
    from store.upkeep.backups import check_backup
    from store.upkeep.copying import refuse_newer
    from store.upkeep.places import file_of
    from store.upkeep.restoring import restore

    if not dry_run:
        refuse_if_only_reading(ctx)
    store = file_of(chosen_url(ctx), _INSTEAD)
    with ProgressBar("") as bar:
        if dry_run:
            held, vouched = check_backup(backup, bar.steps)
            refuse_newer(held, backup)
        else:
            done = restore(store, backup, current_operator(), now(), bar.steps)
            held, vouched = done.held, done.vouched
    if not vouched:
        say(_UNVOUCHED)
    if dry_run:
        click.echo(f"{backup} is sound: {held_of(held.rows)}, tables of {held.schema}.")
        return
    click.echo(f"{held_of(held.rows)} restored to {store}.")
    if done.kept is not None:
        click.echo(f"The store that was there is kept as {done.kept}.")
    if done.keyless:
        say(
            f"Forgotten people are known by a key: put {store.name}.forget-key beside the store; until then no"
            " list or feed is read in."
        )
    for address in done.unforgotten:
        say(
            f"{address} was forgotten after this backup was made, and is in the store again: aftersend forget {address}"
        )
