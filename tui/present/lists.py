"""The lines and columns of the lists, and of the segments among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.rows import ListRow, SegmentRow
from tui.present.columns import Cell, Column
from tui.present.history import Line, text_lines
from tui.present.times import DAY_CELLS, day, moment, number

Shelved = ListRow | SegmentRow


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list or a segment as one line of the table.

    Attributes:
        id: the list's number, or the segment's below zero.
        row: the list or the segment.
        people: members, or recipients who fit now; None while they are counted.
    """

    id: int
    row: Shelved
    people: int | None


def list_line(row: Shelved, fitting: int | None = None) -> ListLine:
    """Return the line of a list, or of a segment with ``fitting`` recipients."""
    return ListLine(row.id, row, row.members) if isinstance(row, ListRow) else ListLine(-row.id, row, fitting)


def kind_word(row: Shelved) -> str:
    """Return what it is, in one word."""
    return row.kind.value if isinstance(row, ListRow) else "segment"


def shelf_lines(line: ListLine, cells: int) -> list[Line]:
    """Return all of a list or a segment as lines of at most ``cells`` cells."""
    row = line.row
    made = f"made {moment(row.created_at)} by {row.created_by}"
    if isinstance(row, ListRow):
        reloaded = f"reloaded {moment(row.reloaded_at)}" if row.reloaded_at is not None else "not reloaded since"
        parts = [row.campaign or "of several campaigns", made, reloaded]
    else:
        parts = [row.words, made, "holds whoever fits it now"]
    lines = [*text_lines(row.name, "strong", cells), *text_lines(" · ".join(parts), "text", cells)]
    return [*lines, *text_lines(row.note, "muted", cells)] if row.note else lines


def _people(line: ListLine) -> Cell:
    if line.people is not None:
        return number(line.people), "text"
    unreadable = isinstance(line.row, SegmentRow) and line.row.filter is None
    return ("?", "warn") if unreadable else ("…", "muted")


def _of(line: ListLine) -> Cell:
    """Return the campaign of a list, or what a segment asks for."""
    return ((line.row.campaign or "") if isinstance(line.row, ListRow) else line.row.words), "text"


def _made(line: ListLine) -> datetime:
    return line.row.created_at


LIST_COLUMNS: tuple[Column[ListLine], ...] = (
    Column("name", "List", lambda line: (line.row.name, "strong"), width=20, weight=2, limit=44),
    Column("kind", "Kind", lambda line: (kind_word(line.row), "info"), width=10),
    Column("members", "Members", _people, width=9, align="right"),
    Column("campaign", "Campaign or filter", _of, width=20, weight=2, limit=50, priority=1),
    Column("created", "Made", lambda line: (day(_made(line)), "muted"), width=DAY_CELLS, priority=2),
    Column("by", "By", lambda line: (line.row.created_by, "muted"), width=10, weight=1, limit=20, priority=4),
    Column("note", "Note", lambda line: (line.row.note, "muted"), width=14, weight=2, limit=60, priority=3),
)
"""Name, kind, members, campaign or filter, when and by whom it was made, note."""
