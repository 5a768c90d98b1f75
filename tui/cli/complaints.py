"""aftersend complaints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from store.rows.complaints import ComplaintRow
from tui.cli.arguments import campaign_argument, json_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import store_to_read
from tui.cli.writing import file_options, write_file
from tui.present.complaints import heeded, told_by
from tui.present.times import moment, number

if TYPE_CHECKING:
    from store.database import Store

_COLUMNS = (
    Column("When"),
    Column("Address", floor=24),
    Column("Name", floor=12, rank=1),
    Column("Campaign", floor=14),
    Column("Feedback", rank=2),
    Column("Told\N{NO-BREAK SPACE}by", floor=8, rank=3),
    Column("Consent", rank=4),
    Column("Blocked", rank=4),
    Column("Since", right=True),
    Column("Heeded", floor=20),
)


@click.command("complaints")
@campaign_argument(required=False)
@click.option("--text", default="", help="Only those with all these words in name, address or company.")
@click.option("--wrong", is_flag=True, help="Only those that were not heeded.")
@file_options
@json_option
@click.pass_context
def complaints_command(
    ctx: click.Context, campaign: str | None, text: str, wrong: bool, target: str | None, force: bool, as_json: bool
) -> None:
    """Print who complained about spam, and whether that was heeded.

    A complaint withdraws consent; where mail of another campaign was sent afterwards, or consent stands, something is
    wrong. In a pipe tab-separated without headings (when, address, name, campaign, feedback, told by, consent
    withdrawn, blocked since, mails since, heeded).
    """
    if as_json and target is not None:
        raise click.UsageError("Give either --json or --to; a FILE.json holds JSON.")
    store = store_to_read(ctx)
    rows = (row for row in _rows(store, text, campaign) if row.wrong or not wrong)
    if target is not None:
        from store.exports.fields import COMPLAINT_FIELDS

        words = (campaign or "all campaigns", f"“{text}”" if text else "", "not heeded" if wrong else "")
        scope = " · ".join(filter(None, words))
        write_file(store, rows, target, COMPLAINT_FIELDS, "complaints", scope, force=force)
    elif as_json:
        print_objects(map(_object, rows))
    elif not print_table(_COLUMNS, map(_cells, rows)):
        say("Every complaint was heeded." if wrong else "Nobody complained.")


def _rows(store: Store, text: str, campaign: str | None) -> Iterator[ComplaintRow]:
    from store.queries.campaigns import find_campaign
    from store.queries.complaints import ComplaintsView
    from store.queries.snapshot import streamed

    campaign_id = find_campaign(store, campaign).id if campaign is not None else None
    view = ComplaintsView(store)
    yield from streamed(view, lambda view: view.build(text, campaign_id))
    if view.strangers and campaign_id is None and not text:
        say(f"{view.strangers:,} addresses outside the plans complained, too; see `recipients --strangers`.")


def _cells(row: ComplaintRow) -> tuple[str, ...]:
    return (
        moment(row.at),
        row.address,
        row.name,
        row.campaign,
        row.feedback,
        told_by(row),
        "withdrawn" if row.withdrawn else "stands",
        moment(row.blocked_at),
        number(row.sent_since),
        heeded(row)[0],
    )


def _object(row: ComplaintRow) -> dict[str, Any]:
    from store.exports.fields import COMPLAINT_FIELDS
    from store.exports.json import plain

    return {**{field.name: plain(getattr(row, field.name)) for field in COMPLAINT_FIELDS}, "wrong": row.wrong}
