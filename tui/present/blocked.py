"""Blocked addresses and their groups: the columns of their tables."""

from __future__ import annotations

from typing import Final

from store.rows import BlockedGroupRow, BlockedRow
from store.vocabulary import BlockReason
from tui.present.columns import Cell, Column
from tui.present.times import DAY_CELLS, SPAN_CELLS, day, number, span

BY_WORDS: Final = {
    "": "one by one",
    "reason": "by reason",
    "domain": "by domain",
    "by": "by what blocked them",
    "month": "by month",
    "company": "by company",
    "failures": "by failures",
}
"""The groupings, with the words for the title; "" shows addresses."""

BLOCKED_SORTS: Final = {
    "since": "blocked since",
    "address": "address",
    "domain": "domain",
    "reason": "reason",
    "by": "what blocked it",
    "failures": "failures",
    "success": "last mail that arrived",
    "name": "name",
    "company": "company",
}
"""What one can sort blocked addresses by, with the words for people."""

_STYLES: Final = {
    BlockReason.HARD_BOUNCE: "bad",
    BlockReason.BOUNCES_IN_A_ROW: "warn",
    BlockReason.COMPLAINT: "bad",
    BlockReason.OPERATOR: "info",
    BlockReason.DELETED: "muted",
}


def _reason_cell(row: BlockedRow) -> Cell:
    return ("freed", "good") if row.reason is None else (row.reason, _STYLES[row.reason])


BLOCKED_COLUMNS: tuple[Column[BlockedRow], ...] = (
    Column("address", "Address", lambda row: (row.address, "strong"), width=22, weight=3, limit=48, middle=True),
    Column("reason", "Reason", _reason_cell, width=16),
    Column("since", "Since", lambda row: (day(row.since), "text"), width=DAY_CELLS),
    Column("failures", "Failed", lambda row: (number(row.failures), "text"), width=8, align="right", priority=1),
    Column("by", "By", lambda row: (row.by or "-", "text"), width=14, weight=1, limit=30, priority=2),
    Column("success", "Arrived", lambda row: (day(row.last_success_at), "muted"), width=DAY_CELLS, priority=4),
    Column("name", "Name", lambda row: (row.name, "text"), width=12, weight=1, limit=26, priority=3),
    Column("company", "Company", lambda row: (row.company, "text"), width=12, weight=1, limit=30, priority=5),
)
"""Address, why, since when, how many campaigns failed, who or what blocked it, and whose it is."""

BLOCKED_GROUP_COLUMNS: tuple[Column[BlockedGroupRow], ...] = (
    Column("told", "Group", lambda row: (row.told, "strong"), width=20, weight=2, limit=60),
    Column("n", "Addresses", lambda row: (number(row.n), "text"), width=9, align="right"),
    Column("span", "Blocked", lambda row: (span(row.first, row.last), "muted"), width=SPAN_CELLS, priority=1),
)
"""What a group has in common, how many there are, and from when to when they were blocked."""
