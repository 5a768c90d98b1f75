"""aftersend read."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from tui.cli.group import say
from tui.cli.objects import print_objects


@click.command("read")
@click.argument("paths", nargs=-1, metavar="FILE...|-")
@click.option("--files-from", metavar="FILE", help="Take the paths from FILE, one a line; - is standard input.")
@click.pass_context
def read_command(ctx: click.Context, paths: tuple[str, ...], files_from: str | None) -> None:
    """Read bounce mails and print what they say, one JSON object per mail; no store is touched.

    FILE is a mail, an mbox or a Maildir; - is one mail on standard input. Each object holds "file" and "recipients":
    address, status, kind (hard, soft, complaint or none), reason, the sentence for it, who has to act, the server's
    words, and the keys of the campaign. A mail that is no bounce has no recipients.
    """
    if not paths and files_from is None:
        raise click.UsageError("Name a mail, an mbox or a Maildir; or - for standard input; or --files-from.", ctx=ctx)
    if paths and files_from is not None:
        raise click.UsageError("Paths come from arguments or from --files-from, not from both.", ctx=ctx)
    from store.errors import BadInput
    from store.feeds.bounces.reading import read_paths

    bad = 0
    for found in read_paths(paths if files_from is None else _listed(files_from)):
        if isinstance(found, BadInput):
            bad += 1
            say(str(found))
            continue
        print_objects([{"file": found.file, "recipients": found.recipients}])
    if bad:
        ctx.exit(1)


def _listed(name: str) -> Iterator[str]:
    if name == "-":
        yield from _lines(sys.stdin)
        return
    with open(name, encoding="utf-8", errors="surrogateescape") as file:
        yield from _lines(file)


def _lines(file: object) -> Iterator[str]:
    assert hasattr(file, "__iter__")
    for line in file:
        path = str(line).rstrip("\r\n")
        if path:
            yield path
