"""The columns of the campaigns table."""

from __future__ import annotations

from store.rows import CampaignRow
from tui.present.bars import bar
from tui.present.columns import Cell, Column
from tui.present.times import DAY_CELLS, day, number, percent
from tui.present.words import campaign_look

BAR_CELLS = 16


def name_cell(row: CampaignRow) -> Cell:
    """Return the campaign's name, below the campaign that it follows up if it does."""
    return f"{'  ' * (row.depth - 1)}└ {row.name}" if row.depth else row.name, "strong"


def state_cell(row: CampaignRow) -> Cell:
    """Return sign and word of the campaign's state."""
    look = campaign_look(row)
    return look.label, look.style


def bar_cell(row: CampaignRow) -> Cell:
    """Return the bar of buckets; red and with a word if they do not add up."""
    if not row.adds_up:
        return "does not add up", "refused"
    return bar(row.buckets, BAR_CELLS), "text"


def open_rate(row: CampaignRow) -> str:
    """Return the share of the delivered that a human opened."""
    return percent(row.opened, row.delivered)


def click_rate(row: CampaignRow) -> str:
    """Return the share of the delivered that a human clicked."""
    return percent(row.clicked, row.delivered)


def bounce_rate(row: CampaignRow) -> str:
    """Return the share of the attempted that bounced, expired or were rejected."""
    return percent(row.failed, row.attempted)


def _planned_cell(row: CampaignRow) -> Cell:
    return number(row.planned), "text"


def _subject_cell(row: CampaignRow) -> Cell:
    return row.subject, "muted"


def _failed_cell(row: CampaignRow) -> Cell:
    rate = bounce_rate(row)
    return rate, "bad" if row.attempted and row.failed / row.attempted > 0.02 else "text"


def _open_cell(row: CampaignRow) -> Cell:
    return (number(row.open_bounces), "bad") if row.open_bounces else ("", "muted")


CAMPAIGN_COLUMNS: tuple[Column[CampaignRow], ...] = (
    Column("name", "Campaign", name_cell, width=16, weight=1, limit=40),
    Column("state", "State", state_cell, width=11, priority=3),
    Column("bar", "Buckets", bar_cell, width=BAR_CELLS, priority=4),
    Column("planned", "Planned", _planned_cell, width=9, align="right", since=95, priority=5),
    Column("opened", "Open", lambda row: (open_rate(row), "text"), width=6, align="right", priority=1),
    Column("clicked", "Click", lambda row: (click_rate(row), "text"), width=6, align="right", priority=1),
    Column("bounced", "Bounce", _failed_cell, width=6, align="right", priority=1),
    Column("open_bounces", "To do", _open_cell, width=6, align="right", priority=2),
    Column("started", "Started", lambda row: (day(row.started_at), "muted"), width=DAY_CELLS, since=110, priority=6),
    Column("subject", "Subject", _subject_cell, width=20, weight=1, limit=60, since=140, priority=7),
)
"""Name, state, bar of buckets, numbers and rates."""
