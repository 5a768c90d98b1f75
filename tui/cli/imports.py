"""aftersend import recipients."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.cleaning import clean
from store.errors import NotFound
from tui.cli.arguments import CampaignName
from tui.cli.group import say
from tui.cli.opening import now, store_to_write
from tui.cli.outcome import report_defects
from tui.cli.progress import ProgressBar
from tui.present.times import number

if TYPE_CHECKING:
    from store.actions.imports import ImportReport
    from store.database import Store
    from store.feeds.listmonk.plan import Plan
    from store.feeds.record import Defect


@click.group("import")
def import_command() -> None:
    """Bring in lists (recipients)."""


@import_command.command("recipients")
@click.argument("file", type=click.Path(), metavar="FILE|URL")
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
    file: str,
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

    From listmonk's database come those who were on the lists when a campaign was sent, with its uuid as the key:
    postgresql://USER@HOST/DATABASE?source=listmonk&campaign=NAME (no password in it; see docs/feeds.md).
    """
    from store.actions.imports import import_recipients
    from store.journal import current_operator
    from store.searching import index_new

    store = store_to_write(ctx, create=True)
    with _bad_lines_file(bad_lines) as on_defect, ProgressBar(Path(file).name) as bar, _plan(file) as plan:
        if plan is not None:
            key = key or (plan.key if _is_new(store, campaign) else None)
            subject = subject or plan.subject
        report = import_recipients(
            store,
            Path(file) if plan is None else plan.recipients,
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
    if plan is not None and plan.sent not in {0, report.lines}:
        known = f"{number(report.lines)} people are known to have been on its lists then"
        say(f"listmonk counts {number(plan.sent)} mails sent; {known}.")
    # Last: what the list holds has landed, and is searched by reading it until this is done.
    index_new(store)


@contextmanager
def _plan(file: str) -> Iterator[Plan | None]:
    """Open the recipients of a campaign of listmonk, if that is what the user named."""
    from store.feeds.listmonk import is_database

    if not is_database(file):
        yield None
        return
    from store.feeds.listmonk.plan import read_plan

    with closing(read_plan(file)) as plan:
        yield plan


def _is_new(store: Store, campaign: str) -> bool:
    from store.queries.campaigns import find_campaign

    try:
        find_campaign(store, campaign)
    except NotFound:
        return True
    return False


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
