"""Choosing rows."""

from __future__ import annotations

from tui.action import ROWS, Action, Pane
from tui.actions.groups import ROW
from tui.actions.refusals import any_shown

_MARKED: frozenset[Pane] = ROWS | {"strangers", "lists", "inbox", "blocked", "complaints", "people", "mails"}

CHOICES = (
    Action(
        "mark",
        ("space",),
        "mark",
        "Mark the row, or take its mark off, and step on.",
        ROW,
        _MARKED,
        refuse=any_shown,
    ),
    Action(
        "mark-range",
        ("v",),
        "range",
        "Mark a range: v on its first row, move, v on its last row.",
        ROW,
        _MARKED,
        refuse=any_shown,
    ),
    Action(
        "mark-all",
        ("asterisk",),
        "mark all",
        "Mark all rows shown, or take all marks off.",
        ROW,
        _MARKED,
        refuse=any_shown,
    ),
    Action(
        "mark-like",
        ("comma",),
        "mark alike",
        "Mark all rows shown whose cell in the chosen column (arrow keys) equals this row's.",
        ROW,
        frozenset({"recipients"}),
        refuse=any_shown,
    ),
)
"""Marks."""
