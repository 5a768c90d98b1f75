"""What people may ask for themselves."""

from __future__ import annotations

from tui.action import Action
from tui.actions.groups import DECIDE

RIGHTS = (
    Action(
        "track",
        ("t",),
        "tracking",
        "Note whether the person may be tracked: whether openings and clicks may be told by name.",
        DECIDE,
        frozenset({"person"}),
        writes=True,
        needs_rows=True,
    ),
    Action(
        "forget",
        ("X",),
        "forget",
        "Erase who somebody is, for ever: name, addresses, words of mails, notes; what counts stays, nothing brings it"
        " back.",
        DECIDE,
        frozenset({"people", "person"}),
        done="forgotten",
        question="Forget {n} for ever?",
        warning="Every number stays; whoever is imported again is skipped.",
        writes=True,
        needs_rows=True,
    ),
)
"""Consent, and being forgotten."""
