"""Opening the full-screen app; the only place of the command line that loads it."""

from __future__ import annotations

import gc
import sys

import click


def open_screen(url: str | None, *, mouse: bool = False, read_only: bool = False) -> None:
    """Open the screen on the store ``url``, stay until it is closed, and exit with its code.

    Raises:
        click.UsageError: stdin or stdout is no terminal.
        StoreError: the store cannot be opened.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("The screen needs a terminal; `aftersend --help` lists the commands that do not.")
    gc.disable()  # until the first rows are there: settle_memory turns it on again
    from tui.lean import load_textual

    load_textual()
    from tui.run import run

    code = run(url, mouse=mouse, read_only=read_only)
    if code:
        raise click.exceptions.Exit(code)
