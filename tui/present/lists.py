"""The columns of the lists."""

from __future__ import annotations

from store.rows import ListRow
from tui.present.columns import Column
from tui.present.times import DAY_CELLS, day, number

LIST_COLUMNS: tuple[Column[ListRow], ...] = (
    Column("name", "List", lambda row: (row.name, "strong"), width=18, weight=2, limit=44),
    Column("kind", "Kind", lambda row: (row.kind, "info"), width=10),
    Column("members", "Members", lambda row: (number(row.members), "text"), width=9, align="right"),
    Column("campaign", "Campaign", lambda row: (row.campaign or "", "text"), width=16, weight=2, limit=40, priority=1),
    Column("created", "Made", lambda row: (day(row.created_at), "muted"), width=DAY_CELLS, priority=2),
    Column("by", "By", lambda row: (row.created_by, "muted"), width=10, weight=1, limit=20, priority=3),
    Column("note", "Note", lambda row: (row.note, "muted"), width=20, weight=2, limit=60, priority=4),
)
"""Name, kind, members, campaign, when and by whom it was made."""
