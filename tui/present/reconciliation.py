"""Campaigns and feeds as an account: cells, and the sums in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from store.rows.reconciliation import CampaignAccount, DefectRow, FeedAccount, Reconciliation
from tui.present.cells import wrap
from tui.present.columns import Cell, Column
from tui.present.history import Line
from tui.present.times import MOMENT_CELLS, moment, number
from tui.present.words import BUCKET_LOOKS

NO_CAMPAIGN: Final = "(names no campaign)"


def verdict(found: Reconciliation) -> str:
    """Return in one sentence whether all of it adds up, else what does not."""
    campaigns = [row.campaign.name for row in found.campaigns if row.campaign is not None and not row.adds_up]
    feeds = [row.path for row in found.feeds if not row.adds_up]
    if campaigns or feeds:
        return f"This does not add up: {', '.join([*campaigns, *feeds])}."
    return "Everything adds up." if found.counted else "The buckets add up; the events are being counted…"


def difference_cell(row: CampaignAccount) -> Cell:
    """Return the difference to the plan; whatever is not right is red and says so."""
    if row.campaign is None:
        return "", "muted"
    if row.adds_up:
        return "0", "good"
    return f"{row.difference:+,} wrong", "bad"


def campaign_lines(row: CampaignAccount, cells: int) -> list[Line]:
    """Return the sum of a campaign, and what is beside it, as lines of at most ``cells`` cells."""
    lines: list[Line] = []
    if row.campaign is not None:
        parts = [f"{count:,} {BUCKET_LOOKS[bucket].word}" for bucket, count in row.campaign.buckets.items() if count]
        total = f"{' + '.join(parts) or '0'} = {row.sum:,} of {row.planned:,} planned"
        lines += _wrapped(f"{total}: {'it adds up' if row.adds_up else 'it does not add up'}.", "text", cells)
    for bucket in row.wrong:
        shown = row.campaign.buckets[bucket] if row.campaign is not None else 0
        said = f"{BUCKET_LOOKS[bucket].word}: {shown:,} shown, {row.counted.get(bucket, 0):,} counted one by one."
        lines += _wrapped(said, "bad", cells)
    told = "events are being counted…" if row.events is None else f"{row.events:,} events of its recipients"
    beside = "nothing beside the plan"
    if row.stray_records:
        beside = f"beside the plan {row.stray_records:,} records about {row.stray_addresses:,} addresses (S shows them)"
    return [*lines, *_wrapped(f"{told}; {beside}." if row.campaign else f"{beside}.", "muted", cells)]


def feed_lines(row: FeedAccount, cells: int) -> list[Line]:
    """Return what became of a feed's records as lines of at most ``cells`` cells."""
    if row.events is None or row.known is None:
        text, style = f"{row.records:,} records; their events are being counted…", "muted"
    elif row.known < 0:
        text, style = f"{row.events:,} events and {row.strangers:,} strangers of only {row.records:,} records.", "bad"
    else:
        text = (
            f"{row.records:,} records = {row.events:,} events + {row.strangers:,} about strangers + {row.known:,} known"
        )
        text, style = f"{text} already.", "text"
    ended = "read to its end" if row.ended else "the reading was broken off; read it again"
    failed = (
        "nothing that could not be read" if not row.defects else f"{row.defects:,} pieces could not be read (Enter)"
    )
    return [
        *_wrapped(row.path, "strong", cells),
        *_wrapped(text, style, cells),
        *_wrapped(f"{moment(row.read_at)}: {ended}; {failed}.", "muted" if row.ended else "bad", cells),
    ]


def _known_cell(row: FeedAccount) -> Cell:
    if row.known is None:
        return "…", "muted"
    return number(row.known), "text" if row.known >= 0 else "bad"


def _read_cell(row: FeedAccount) -> Cell:
    return (moment(row.read_at), "muted") if row.ended else ("broken off", "bad")


def _defects_cell(row: FeedAccount) -> Cell:
    return (number(row.defects), "warn") if row.defects else ("", "muted")


def _beside_cell(row: CampaignAccount) -> Cell:
    if not row.stray_records:
        return "", "muted"
    return f"{row.stray_records:,} / {row.stray_addresses:,}", "warn"


def _counted(value: int | None) -> str:
    return "…" if value is None else number(value)


def _wrapped(text: str, style: str, cells: int) -> Iterator[Line]:
    for part in wrap(text, cells):
        yield ((part, style),)


CAMPAIGN_COLUMNS: tuple[Column[CampaignAccount], ...] = (
    Column("name", "Campaign", lambda row: (row.campaign.name if row.campaign else NO_CAMPAIGN, "text"), 20, 4, 44),
    Column("planned", "Planned", lambda row: (number(row.planned), "text"), width=10, align="right"),
    Column("sum", "Buckets", lambda row: (number(row.sum), "text"), width=10, align="right"),
    Column("difference", "Difference", difference_cell, width=11, align="right"),
    Column("events", "Events", lambda row: (_counted(row.events), "muted"), width=11, align="right", priority=2),
    Column("beside", "Beside the plan", _beside_cell, width=15, align="right", priority=1),
)
"""The plan, the sum of the buckets, what is between them, and records and addresses that are in no plan."""

FEED_COLUMNS: tuple[Column[FeedAccount], ...] = (
    Column("path", "Feed", lambda row: (row.path, "text"), width=20, weight=4, limit=60, middle=True),
    Column("records", "Records", lambda row: (number(row.records), "text"), width=10, align="right"),
    Column("events", "Events", lambda row: (_counted(row.events), "text"), width=10, align="right"),
    Column("strangers", "Strangers", lambda row: (number(row.strangers), "text"), width=9, align="right"),
    Column("known", "Known", _known_cell, width=9, align="right"),
    Column("defects", "Defects", _defects_cell, width=7, align="right", priority=1),
    Column("read", "Last read", _read_cell, width=MOMENT_CELLS, priority=2),
    Column("format", "Format", lambda row: (row.format, "muted"), width=16, weight=1, limit=24, since=120, priority=3),
)
"""What was read, and what became of it."""

DEFECT_COLUMNS: tuple[Column[DefectRow], ...] = (
    Column("where", "Where", lambda row: (row.where, "muted"), width=20, weight=1, limit=40, middle=True),
    Column("sentence", "What could not be read", lambda row: (row.sentence, "text"), width=40, weight=4),
)
"""A piece that could not be read, and why."""
