"""aftersend import recipients."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.cleaning import clean
from tui.cli.arguments import CampaignName
from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_defects
from tui.cli.progress import ProgressBar
from tui.present.times import number

if TYPE_CHECKING:
    from store.actions.imports import ImportReport
    from store.feeds.record import Defect


@click.group("import")
def import_command() -> None:
    """Bring in lists (recipients)."""


@import_command.command("recipients")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--campaign", required=True, type=CampaignName(), metavar="NAME", help="The campaign; made if missing.")
@click.option(
    "--key", metavar="KEY", help="What its mails carry in X-Campaign-ID or List-ID; made from the name otherwise."
)
@click.option("--subject", default="", metavar="TEXT", help="The subject of the mail.")
@click.option(
    "--delimiter", metavar="CHAR", help="What stands between the columns; found out otherwise (\\t is a tab)."
)
@click.option("--encoding", metavar="NAME", help="The encoding of the file; found out otherwise.")
@click.option("--bad-lines", type=click.Path(path_type=Path), metavar="FILE", help="Write all bad lines to this file.")
@click.pass_context
def recipients_command(
    ctx: click.Context,
    file: Path,
    campaign: str,
    key: str | None,
    subject: str,
    delimiter: str | None,
    encoding: str | None,
    bad_lines: Path | None,
) -> None:
    """Import the recipients of a campaign from a CSV or TSV file.

    Columns are found by their headings (e-mail, name, company, language, responsible, consent, id; also in German).
    Duplicates, invalid or blocked addresses and missing consent become skipped recipients; nobody is lost. Importing
    a file again updates what changed.
    """
    from store.actions.imports import import_recipients
    from store.journal import current_operator

    store = store_to_write(ctx, create=True)
    with _bad_lines_file(bad_lines) as on_defect, ProgressBar(file.name) as bar:
        report = import_recipients(
            store,
            file,
            campaign,
            current_operator(),
            now(),
            key=key,
            subject=subject,
            delimiter=None if delimiter is None else delimiter.replace("\\t", "\t"),
            encoding=encoding,
            on_progress=bar,
            on_defect=on_defect,
        )
    _report(report)
    report_defects(report.defects, report.bad, "bad line", "bad lines")


def _report(report: ImportReport) -> None:
    skipped = sum(report.skipped.values())
    click.echo(f"{report.campaign}: {number(report.lines)} lines read.")
    rows: list[tuple[str, int]] = [
        ("imported", report.imported),
        ("updated", report.updated),
        ("unchanged", report.unchanged),
        ("skipped", skipped),
    ]
    if report.bad:
        rows.append(("bad lines", report.bad))
    for word, count in rows:
        reasons = ", ".join(f"{reason} {number(many)}" for reason, many in report.skipped.items() if many)
        click.echo(f"  {word:<10}{number(count):>11}" + (f"   {reasons}" if word == "skipped" and reasons else ""))


@contextmanager
def _bad_lines_file(path: Path | None) -> Iterator[Callable[[Defect], None] | None]:
    """Open the file for the bad lines, readable for its owner only, and give the function that writes one."""
    if path is None:
        yield None
        return
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("where", "what"))

        def write(defect: Defect) -> None:
            writer.writerow((defect.where, clean(defect.sentence)))

        yield write
