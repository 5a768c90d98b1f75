"""The columns of corrected addresses."""

from __future__ import annotations

from store.rows import CorrectionRow
from tui.present.columns import Column
from tui.present.times import MOMENT_CELLS, moment

CORRECTION_COLUMNS: tuple[Column[CorrectionRow], ...] = (
    Column("old", "Old address", lambda row: (row.old, "text"), width=24, weight=3, limit=44, middle=True),
    Column("new", "New address", lambda row: (row.new, "accent"), width=24, weight=3, limit=44, middle=True),
    Column("at", "When", lambda row: (moment(row.at), "muted"), width=MOMENT_CELLS, priority=3),
    Column("operator", "Who", lambda row: (row.operator, "text"), width=8, weight=1, limit=16, priority=2),
    Column("name", "Name", lambda row: (row.name, "text"), width=14, weight=2, limit=26, since=100, priority=4),
    Column("crm", "CRM id", lambda row: (row.crm_id or "-", "muted"), width=9, since=115, priority=5),
    Column(
        "campaign", "Campaign", lambda row: (row.campaign, "muted"), width=14, weight=2, limit=28, since=130, priority=6
    ),
)
"""From what to what, when and by whom; wide terminals tell also whose it is and of which campaign."""
