"""The one registry of what the operator can do: keys, key bar, help, palette and docs/keys.md all come from here.

An action's id is its verb: the same word names the key, the message, the store's function and the journal entry.
"""

from __future__ import annotations

from tui.action import WORKING, Action, Context, Pane
from tui.actions.checking import CHECKING
from tui.actions.choices import CHOICES
from tui.actions.decisions import DECISIONS
from tui.actions.groups import GROUPS
from tui.actions.listing import LISTING
from tui.actions.listkeeping import LISTKEEPING
from tui.actions.looks import LOOKS
from tui.actions.moves import MOVES
from tui.actions.outgoing import OUTGOING
from tui.actions.program import PROGRAMS
from tui.actions.rights import RIGHTS
from tui.actions.sending import SENDING

__all__ = ["ACTIONS", "ASKED_ABOVE", "GROUPS", "TYPED_ABOVE", "WORKING", "Action", "Context", "Pane"]

ASKED_ABOVE = 20
"""A decision about a group of more rows than this asks first; about marked rows it always does."""

TYPED_ABOVE = 100
"""A confirmation of more rows than this asks for the number to be typed."""

ACTIONS: dict[str, Action] = {
    action.id: action
    for action in (
        *MOVES,
        *LOOKS,
        *CHOICES,
        *DECISIONS,
        *RIGHTS,
        *LISTING,
        *LISTKEEPING,
        *SENDING,
        *CHECKING,
        *OUTGOING,
        *PROGRAMS,
    )
}
"""Every action by its id."""
