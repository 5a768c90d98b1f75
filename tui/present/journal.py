"""The journal in cells and lines: its entries, and the rows that one of them changed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from store.rows import ColumnChange, JournalLineRow, JournalRow, Value
from tui.present.columns import Cell, Column
from tui.present.history import Line, text_lines
from tui.present.times import MOMENT_CELLS, moment, number

_COLUMNS: Final = {
    "override": "marked as bounced",
    "cleared_at": "bounce cleared",
    "decision": "decision",
    "decided_at": "decided",
    "decided_by": "decided by",
    "email": "address",
    "former": "former employee",
    "operator_blocked_at": "blocked",
    "operator_blocked_by": "blocked by",
    "operator_reason": "block reason",
    "operator_freed_at": "freed",
    "reloaded_at": "reloaded",
    "acked_at": "acknowledged",
    "acked_by": "acknowledged by",
}
_BRIEF: Final = frozenset({"decided_at", "decided_by", "operator_blocked_by"})
_CAME: Final = {
    ("member", True): "put on the list",
    ("member", False): "taken off the list",
    ("list", True): "made",
    ("list", False): "deleted",
    ("segment", True): "made",
    ("segment", False): "deleted",
    ("stranger", False): "given to the recipient",
    ("assigned", True): "given strangers' records",
    ("assigned", False): "given strangers' records",
}


def sentence_cell(row: JournalRow) -> Cell:
    """Return what was done; muted and marked where it was undone."""
    return (f"(undone) {row.sentence}", "muted") if row.undone_at is not None else (row.sentence, "text")


JOURNAL_COLUMNS: tuple[Column[JournalRow], ...] = (
    Column("when", "When", lambda row: (moment(row.ts), "muted"), width=MOMENT_CELLS),
    Column("operator", "Who", lambda row: (row.operator, "text"), width=10, weight=1, limit=18, priority=1),
    Column("sentence", "What", sentence_cell, width=40, weight=5, limit=120),
    Column("subjects", "Rows", lambda row: (number(row.subjects), "text"), width=7, align="right", priority=3),
    Column("verb", "Verb", lambda row: (row.verb, "muted"), width=11, since=110, priority=5),
    Column("host", "From", lambda row: (row.host, "muted"), width=14, weight=1, limit=24, priority=4),
)
"""When, who, what, how many rows, by which verb, from which host."""


def value_word(value: Value) -> str:
    """Return what a column held: a dash for nothing, yes and no, times as everywhere."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return moment(value) if isinstance(value, datetime) else str(value)


def changes_words(row: JournalLineRow, *, brief: bool = False) -> str:
    """Return what became of a row: "decision: - → fixed · address: a@x → b@x"; ``brief`` without who and when."""
    told = [] if row.came is None else [_CAME.get((row.kind, row.came), "came" if row.came else "went")]
    told += [_change(change) for change in row.changes if not (brief and change.column in _BRIEF)]
    if row.kind == "member" and row.came is None:
        told.append("looked through again")
    return " · ".join(told)


def entry_lines(row: JournalRow, cells: int) -> list[Line]:
    """Return all of an entry as lines of at most ``cells`` cells: the whole sentence, who, and whether it stands."""
    rows = f"{number(row.subjects)} row{'' if row.subjects == 1 else 's'}"
    stands = "u takes it back" if row.undoable else "it cannot be undone"
    if row.undone_at is not None:
        stands = f"undone by {row.undone_by} {moment(row.undone_at)}"
    about = f"{row.verb} by {row.operator} at {row.host} · {rows} · {stands}"
    return [*text_lines(row.sentence, "strong", cells), *text_lines(about, "muted", cells)]


def line_lines(row: JournalLineRow, cells: int) -> list[Line]:
    """Return all of a changed row as lines of at most ``cells`` cells."""
    return [*text_lines(_name(row), "strong", cells), *text_lines(changes_words(row), "text", cells)]


def _change(change: ColumnChange) -> str:
    column = _COLUMNS.get(change.column, change.column.replace("_", " "))
    return f"{column}: {value_word(change.before)} → {value_word(change.after)}"


def _name(row: JournalLineRow) -> str:
    return " · ".join(part for part in (f"{row.kind} {row.name}", row.of) if part)


LINE_COLUMNS: tuple[Column[JournalLineRow], ...] = (
    Column("kind", "Row", lambda row: (row.kind, "muted"), width=9),
    Column("name", "Whose", lambda row: (row.name, "text"), width=22, weight=3, limit=44, middle=True),
    Column("changes", "Before → after", lambda row: (changes_words(row, brief=True), "text"), width=34, weight=5),
    Column("of", "Of", lambda row: (row.of, "muted"), width=20, weight=2, limit=40, since=110, priority=1),
)
"""What kind of row, whose, and what became of it."""
