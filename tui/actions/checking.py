"""Checking a message before it is sent."""

from __future__ import annotations

from tui.action import Action, Context, Pane
from tui.actions.groups import DECIDE, LISTS, LOOK

_CHECK: frozenset[Pane] = frozenset({"check"})
_PREVIEW: frozenset[Pane] = frozenset({"preview"})


def _somebody(context: Context) -> str | None:
    if context.campaign or context.members_of or context.segment:
        return None
    return "There is nobody here whom a message could go to."


CHECKING = (
    Action(
        "check",
        ("K",),
        "check",
        "Check a message for the people of the campaign, list or segment before it is sent to them.",
        LISTS,
        frozenset({"campaigns", "lists"}),
        refuse=_somebody,
    ),
    Action(
        "tick",
        ("t",),
        "tick",
        "Say that you have done what is asked for: proof-read the message, looked at a test mail.",
        DECIDE,
        _CHECK,
        writes=True,
        needs_rows=True,
    ),
    Action(
        "override",
        ("o",),
        "override",
        "Let the message be sent in spite of the finding; asks for the reason, which stands in the journal.",
        DECIDE,
        _CHECK,
        writes=True,
        needs_rows=True,
    ),
    Action("preview", ("m",), "mail", "Show the mail as a recipient will see it, headers and text.", LOOK, _CHECK),
    Action(
        "ask-outside",
        ("D",),
        "ask outside",
        "Ask whether the links answer, and look up SPF, DKIM and DMARC; the questions leave this machine.",
        LOOK,
        _CHECK,
    ),
    Action("next-mail", ("n", "m"), "next", "Show the mail of the next recipient.", LOOK, _PREVIEW),
    Action("previous-mail", ("N",), "previous", "Show the mail of the recipient before.", LOOK, _PREVIEW),
)
"""The gate before a send."""
