"""The groups of those who have not read a campaign in words, and the columns of those who are left out."""

from __future__ import annotations

from typing import Final

from store.asking import Unread
from store.rows import LeftOutRow, ReminderCounts
from tui.present.columns import Cell, Column
from tui.present.recipients import address_cell, name_cell, state_cell
from tui.present.words import why

_WORDS: Final = {
    Unread.NOT_READ: "surely not read",
    Unread.UNKNOWN: "unknown",
    Unread.MACHINE: "opened by a machine only",
}


def group_words(group: Unread, counts: ReminderCounts) -> str:
    """Return what a group is called; of the unknown, why nobody knows."""
    if group is not Unread.UNKNOWN or not counts.why_unknown:
        return _WORDS[group]
    return f"unknown: {', '.join(f'{count:,} {reason}' for reason, count in counts.why_unknown.items())}"


def _details(row: LeftOutRow) -> Cell:
    return why(row.recipient) or row.reason.removeprefix(f"{Unread.UNKNOWN}: "), "muted"


LEFT_OUT_COLUMNS: tuple[Column[LeftOutRow], ...] = (
    Column("name", "Name", lambda row: name_cell(row.recipient), width=16, weight=2, limit=26),
    Column("address", "Address", lambda row: address_cell(row.recipient), width=20, weight=4, limit=44, middle=True),
    Column("state", "State", lambda row: state_cell(row.recipient), width=16, priority=1),
    Column("why", "Why", _details, width=14, weight=1, limit=40, priority=2),
    Column("company", "Company", lambda row: (row.recipient.company, "muted"), width=14, weight=1, priority=3),
)
"""Who, and what is known of their mail; the reason stands above them."""
