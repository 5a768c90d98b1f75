"""The headings of the help."""

from __future__ import annotations

MOVE = "Move"
ROW = "Choose rows"
DECIDE = "Decide"
LISTS = "Lists and files"
LOOK = "Look"
PROGRAM = "Program"

GROUPS = (DECIDE, LISTS, LOOK, ROW, MOVE, PROGRAM)
"""The headings of the help, in order."""
