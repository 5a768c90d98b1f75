"""Moving about."""

from __future__ import annotations

from tui.action import EVERYWHERE, MAIN, ROWS, TABLES, Action
from tui.actions.groups import MOVE
from tui.actions.refusals import any_shown

MOVES = (
    Action("down", ("j", "down"), "down", "One row down.", MOVE, EVERYWHERE),
    Action("up", ("k", "up"), "up", "One row up.", MOVE, EVERYWHERE),
    Action("first", ("g", "home"), "top", "To the first row.", MOVE, EVERYWHERE),
    Action("last", ("G", "end"), "end", "To the last row.", MOVE, EVERYWHERE),
    Action("page-down", ("pagedown", "ctrl+f"), "page down", "One page down.", MOVE, EVERYWHERE),
    Action("page-up", ("pageup", "ctrl+b"), "page up", "One page up.", MOVE, EVERYWHERE),
    Action(
        "open",
        ("enter",),
        "open",
        "Open the row: a campaign's recipients, a recipient's history, a link's clickers, a list's members,"
        " the bounces of a group, the rows of an entry: what it stands for.",
        MOVE,
        TABLES,
        refuse=any_shown,
    ),
    Action(
        "back",
        ("escape",),
        "back",
        "Take off the marks, then the filters, then go back one step; close a screen or dialog.",
        MOVE,
        EVERYWHERE,
    ),
    Action("pane-1", ("1",), "campaigns", "To the campaigns pane.", MOVE, MAIN),
    Action("pane-2", ("2",), "recipients", "To the recipients pane.", MOVE, MAIN),
    Action("pane-3", ("3",), "links", "To the links pane.", MOVE, MAIN),
    Action("next-pane", ("tab",), "pane", "To the next pane.", MOVE, MAIN),
    Action("previous-pane", ("shift+tab",), "previous pane", "To the previous pane.", MOVE, MAIN),
    Action("column-right", ("right",), "next column", "To the next column (sort and , use it).", MOVE, ROWS),
    Action("column-left", ("left",), "previous column", "To the previous column.", MOVE, ROWS),
)
"""Moves of the cursor and between panes."""
