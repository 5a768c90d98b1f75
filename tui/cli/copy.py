"""aftersend copy."""

from __future__ import annotations

import click

from tui.cli.arguments import json_option
from tui.cli.opening import chosen_url, now, refuse_password
from tui.cli.progress import ProgressBar
from tui.present.times import number


@click.command("copy")
@click.option("--from", "source", metavar="STORE", help="A path or URL; else the store of every command.")
@click.option("--to", "target", metavar="STORE", required=True, help="A path or URL; nothing may be in it yet.")
@json_option
@click.pass_context
def copy_command(ctx: click.Context, source: str | None, target: str, as_json: bool) -> None:
    """Copy the whole store into another place: from a file to PostgreSQL, or back.

    STORE is a path, or postgresql://user@host/database; its password belongs into ~/.pgpass or PGPASSWORD. All is
    copied in one transaction, as it was at one moment, then read again and compared: rows and a checksum of each table.
    """
    from store.database import open_store
    from store.journal import current_operator
    from store.upkeep.transfer import transfer

    for option, url in (("--from", source), ("--to", target)):
        refuse_password(option, url or "")
    read = open_store(source or chosen_url(ctx), create=False)
    ctx.call_on_close(read.close)
    written = open_store(target)
    ctx.call_on_close(written.close)
    with ProgressBar("") as bar:
        parts = transfer(read, written, current_operator(), now(), bar.steps)
    if as_json:
        from tui.cli.objects import print_objects

        print_objects([{"table": part.table, "rows": part.rows, "sha256": part.digest} for part in parts])
        return
    width = max(len(part.table) for part in parts)
    for part in parts:
        if part.rows:
            click.echo(f"{part.table.ljust(width)}  {number(part.rows):>13}  {part.sign}")
    total = number(sum(part.rows for part in parts))
    click.echo(f"{total} rows copied to {written.place}; read again, they are the same.")
