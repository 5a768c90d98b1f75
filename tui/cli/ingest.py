"""aftersend ingest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.errors import BadInput
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_defects
from tui.cli.progress import ProgressBar
from tui.present.times import number

if TYPE_CHECKING:
    from store.database import Store
    from store.feeds.mapping import Mapping
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


@click.command("ingest")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|DIR...")
@click.option(
    "--map",
    "spec",
    metavar="SPEC",
    help="What the columns of an event file mean: address=E-Mail,time=Zeit,type:=opened (= a column, := a constant).",
)
@click.option("--save-map", metavar="NAME", help="Save the mapping of --map under this name.")
@click.option("--use-map", metavar="NAME", help="Use a saved mapping.")
@click.option(
    "--zone", metavar="TZ", help="Time zone of stamps that name none (Europe/Berlin); otherwise this machine's."
)
@click.option("--reread", is_flag=True, help="Read files again from their start even if nothing was added to them.")
@click.pass_context
def ingest_command(
    ctx: click.Context,
    paths: Sequence[Path],
    spec: str | None,
    save_map: str | None,
    use_map: str | None,
    zone: str | None,
    reread: bool,
) -> None:
    """Read mail logs, bounce mailboxes and event files.

    The format is found out: a mail server's log (also gz), a bounce mailbox (mbox or Maildir, never changed), an event
    file (JSON of mail providers, NDJSON or CSV). What was read before is not counted again, in whatever order files
    come. A file that cannot be read, or not to its end, does not keep the others from being read; the exit code is 1
    then.
    """
    if spec and use_map:
        raise click.UsageError("Give either --map or --use-map.")
    if save_map and not spec:
        raise click.UsageError("--save-map needs --map.")
    stamp_zone = _zone(zone)
    store = store_to_write(ctx, create=True)
    mapping = _mapping(store, spec, save_map, use_map)
    reports: list[IngestReport] = []
    unread: list[BadInput] = []
    try:
        for path in paths:
            try:
                reports += _read(store, path, mapping, stamp_zone, reread=reread)
            except BadInput as error:
                unread.append(error)
    finally:
        _show(reports)
    for unreadable in unread:
        say(str(unreadable))
    if unread or any(report.cut for report in reports):
        ctx.exit(1)


def _read(
    store: Store, path: Path, mapping: Mapping | None, zone: tzinfo | None, *, reread: bool
) -> list[IngestReport]:
    from store.ingest import ingest

    with ProgressBar(path.name) as bar:
        return ingest(store, [path], now(), mapping=mapping, reread=reread, zone=zone, on_progress=bar.about)


def _show(reports: Sequence[IngestReport]) -> None:
    print_table(_COLUMNS, [_row(report) for report in reports], always=True)
    for report in reports:
        count = len(report.defects)
        report_defects(report.defects, count, "piece not readable", "pieces not readable", f"{report.path}: ")


def _row(report: IngestReport) -> tuple[str, ...]:
    if report.unchanged:
        return (str(report.path), f"{report.format}, nothing new", "0", "0", "0", "0", "0")
    counts = (report.records, report.new_events, report.duplicates, report.strangers, len(report.defects))
    return (str(report.path), report.format, *map(number, counts))


def _mapping(store: Store, spec: str | None, save_map: str | None, use_map: str | None) -> Mapping | None:
    if not (spec or use_map):
        return None
    from store.actions import mappings as saving
    from store.feeds.mapping import Mapping
    from store.queries import mappings

    if use_map:
        return Mapping.parse(mappings.load(store, use_map))
    assert spec is not None
    mapping = Mapping.parse(spec)
    if save_map:
        saving.save(store, save_map, spec, now())
        click.echo(f"Mapping {save_map} saved.", err=True)
    return mapping


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"{name} is no time zone; give a name like Europe/Berlin.") from error
