"""aftersend ingest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.errors import BadInput, UndecidedDates
from tui.cli.columns import Column, print_table
from tui.cli.describing import Described, describing_options, order_asked
from tui.cli.group import say
from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_defects
from tui.cli.progress import ProgressBar
from tui.cli.servers import Reached, server_options
from tui.cli.tripped import look
from tui.present.times import number

if TYPE_CHECKING:
    from store.database import Store
    from store.feeds.mapping import Mapping
    from store.following.source import How
    from store.ingest import IngestReport

_COLUMNS = (
    Column("File", floor=16),
    Column("Format", floor=8),
    Column("Records", right=True),
    Column("New", right=True),
    Column("Known", right=True),
    Column("Strangers", right=True),
    Column("Bad", right=True),
)

tokens_option = click.option(
    "--tokens",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="For whom the tokens in a web server's paths stand (columns token, address), or where they lead (token, url).",
)
zone_option = click.option(
    "--zone", metavar="TZ", help="Time zone of stamps that name none (Europe/Berlin); otherwise this machine's."
)


@click.command("ingest")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="FILE|DIR|URL...")
@describing_options
@tokens_option
@zone_option
@server_options
@click.option("--reread", is_flag=True, help="Read files again from their start even if nothing was added to them.")
@click.pass_context
def ingest_command(
    ctx: click.Context,
    paths: Sequence[str],
    described: Described,
    tokens: Sequence[Path],
    zone: str | None,
    reached: Reached,
    reread: bool,
) -> None:
    """Read mail logs, bounce mailboxes, event files and access logs.

    The format is found out: a mail server's log (also gz), a bounce mailbox (mbox or Maildir, never changed), an event
    file (JSON of mail providers, NDJSON or CSV), the access log of a web server (--map says what its paths mean). What
    was read before is not counted again, in whatever order files come; rotated logs that are named together, or lie in
    one folder, are read as one. A file that cannot be read, or not to its end, does not keep the others from being
    read; the exit code is 1 then.

    On a server: a mailbox (imaps://USER@HOST/FOLDER), or listmonk's database, all of it or one campaign
    (postgresql://USER@HOST/DATABASE?source=listmonk&campaign=NAME). A password is no part of a URL; docs/feeds.md says
    where it may lie.
    """
    from store.feeds.opening import together
    from store.following.source import How

    stamp_zone = zone_named(zone)
    reached.check(paths)
    store = store_to_write(ctx, create=True)
    mapping = with_token_files(described.mapping(store, zone), tokens)
    how = How(now, stamp_zone, mapping, options=reached.options, ask=reached.ask)
    reports: list[IngestReport] = []
    unread: list[BadInput] = []
    try:
        files = [Path(said) for said in paths if "://" not in said]
        for some in together(files, mapping=mapping, zone=stamp_zone, now=now()):
            with _noted(unread):
                reports += _read(store, some, mapping, stamp_zone, reread=reread)
        for url in (said for said in paths if "://" in said):
            with _noted(unread):
                reports.append(_read_source(store, url, how, reread=reread))
    finally:
        _show(reports)
        look(store)
    for unreadable in unread:
        say(str(unreadable))
    if unread or any(report.cut for report in reports):
        ctx.exit(1)


@contextmanager
def _noted(unread: list[BadInput]) -> Iterator[None]:
    """Keep what cannot be read to be told at the end."""
    try:
        yield
    except BadInput as error:
        unread.append(error)


def _read(
    store: Store, paths: Sequence[Path], mapping: Mapping | None, zone: tzinfo | None, *, reread: bool
) -> list[IngestReport]:
    from store.ingest import ingest

    try:
        with ProgressBar(paths[0].name) as bar:
            return ingest(store, paths, now(), mapping=mapping, reread=reread, zone=zone, on_progress=bar.about)
    except UndecidedDates as doubt:
        order = order_asked(doubt)
        if order is None:
            raise
    from store.feeds.mapping import Mapping

    return _read(store, paths, replace(mapping or Mapping(), dates=order), zone, reread=reread)


def _read_source(store: Store, url: str, how: How, *, reread: bool) -> IngestReport:
    from store.following.once import open_source, read_once

    source = open_source(url, how)
    with ProgressBar(source.name) as bar:
        return read_once(store, source, how, reread=reread, on_progress=bar)


def _show(reports: Sequence[IngestReport]) -> None:
    print_table(_COLUMNS, [_row(report) for report in reports], always=True)
    for report in reports:
        if report.note:
            say(report.note)
        count = report.bad
        report_defects(report.defects, count, "piece not readable", "pieces not readable", f"{report.path}: ")


def _row(report: IngestReport) -> tuple[str, ...]:
    if report.unchanged:
        return (str(report.path), f"{report.format}, nothing new", "0", "0", "0", "0", "0")
    counts = (report.records, report.new_events, report.duplicates, report.strangers, report.bad)
    return (str(report.path), report.format, *map(number, counts))


def with_token_files(mapping: Mapping | None, files: Sequence[Path]) -> Mapping | None:
    """Return the mapping with what files tell of the tokens in a web server's paths.

    Raises:
        click.UsageError: it says nothing of a web server's paths.
        BadInput: a file cannot be read.
    """
    if not files:
        return mapping
    if mapping is None or mapping.web is None:
        raise click.UsageError("--tokens needs the paths of a web server (--map click=… or --use-map).")
    from store.feeds.access.tokens import with_tokens

    return replace(mapping, web=with_tokens(mapping.web, files))


def zone_named(name: str | None) -> tzinfo | None:
    """Return the time zone of this name; None for None.

    Raises:
        BadInput: there is none.
    """
    if name is None:
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"{name} is no time zone; give a name like Europe/Berlin.") from error
