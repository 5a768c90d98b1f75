"""The program itself."""

from __future__ import annotations

from tui.action import EVERYWHERE, Action
from tui.actions.groups import PROGRAM

PROGRAMS = (
    Action("help", ("question_mark",), "help", "Show all keys.", PROGRAM, EVERYWHERE - {"help"}),
    Action(
        "palette",
        ("colon", "ctrl+p"),
        "commands",
        "Find a command by its name.",
        PROGRAM,
        EVERYWHERE,
    ),
    Action(
        "redraw",
        ("ctrl+l",),
        "draw again",
        "Draw the whole screen again: something else has written over it.",
        PROGRAM,
        EVERYWHERE,
    ),
    Action(
        "suspend",
        ("ctrl+z",),
        "suspend",
        "Give the terminal back to the shell until `fg`; what is still being written is finished first.",
        PROGRAM,
        EVERYWHERE,
    ),
    Action("quit", ("q",), "quit", "Leave; what is still being written is finished first.", PROGRAM, EVERYWHERE),
)
"""Help, commands, drawing again, leaving for a while or for good."""
