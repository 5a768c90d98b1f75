"""The columns of the journal."""

from __future__ import annotations

from store.rows import JournalRow
from tui.present.columns import Cell, Column
from tui.present.times import MOMENT_CELLS, moment, number


def sentence_cell(row: JournalRow) -> Cell:
    """Return what was done; muted and marked where it was undone."""
    return (f"(undone) {row.sentence}", "muted") if row.undone_at is not None else (row.sentence, "text")


JOURNAL_COLUMNS: tuple[Column[JournalRow], ...] = (
    Column("when", "When", lambda row: (moment(row.ts), "muted"), width=MOMENT_CELLS),
    Column("operator", "Who", lambda row: (row.operator, "text"), width=10, weight=1, limit=18, priority=1),
    Column("sentence", "What", sentence_cell, width=40, weight=5, limit=120),
    Column("subjects", "Rows", lambda row: (number(row.subjects), "text"), width=7, align="right", priority=3),
    Column("host", "From", lambda row: (row.host, "muted"), width=14, weight=1, limit=24, priority=4),
)
"""When, who, what, how many rows, from which host."""
