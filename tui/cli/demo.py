"""aftersend demo."""

from __future__ import annotations

from pathlib import Path

import click

from store.cleaning import clean
from store.errors import BadInput, Refused
from store.folders import make_private
from tui.cli.group import tell
from tui.cli.opening import now, only_reading


@click.command("demo")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="An empty or new folder for it; otherwise one in your cache."
)
@click.option("--no-open", is_flag=True, help="Only build it and print the path of its store.")
def demo_command(folder: Path | None, no_open: bool) -> None:
    """Build a small sample world and open the screen on it.

    Three campaigns with a mail log, bounce mails, opens and clicks; your own store is not touched.
    """
    from sample_data.demo import build, watch

    folder = _own_folder() if folder is None else folder.expanduser()
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(f"{folder} is not an empty folder; name another one with --folder.")
        make_private(folder)
    except OSError as error:
        raise BadInput(f"{folder} cannot be made: {error.strerror}.") from error
    click.echo(clean(f"Building the sample world in {folder} …"), err=True)
    moment = now()
    path = build(folder, moment)
    watch(path, moment)
    if no_open:
        tell(str(path))
        return
    from tui.cli.screen import open_screen

    open_screen(str(path), read_only=only_reading(click.get_current_context()))


def _own_folder() -> Path:
    """Return a new folder in the cache directory, numbered, so that no earlier demo is overwritten."""
    from platformdirs import user_cache_path

    top = user_cache_path("aftersend")
    day = now().astimezone().strftime("demo-%Y-%m-%d")
    folder = top / day
    number = 1
    while folder.exists():
        number += 1
        folder = top / f"{day}.{number}"
    return folder
