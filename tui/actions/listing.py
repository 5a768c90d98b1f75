"""Lists and files."""

from __future__ import annotations

from tui.action import ROWS, Action, Context
from tui.actions.groups import LISTS


def _sent_campaign(context: Context) -> str | None:
    if context.campaign is None:
        return "A reminder belongs to one campaign; choose it in pane 1 first."
    if not context.campaign.attempted:
        return f"Nothing of {context.campaign.name} was sent yet, so there is nobody to remind."
    return None


def _has_campaign(context: Context) -> str | None:
    return None if context.campaign else "A resend list belongs to one campaign; choose it in pane 1 first."


def _has_rows(context: Context) -> str | None:
    return None if context.shown else "There is no row here; nothing to write into a file."


LISTING = (
    Action(
        "remind",
        ("r",),
        "remind",
        "Make a reminder list of those who have not read the campaign after some days.",
        LISTS,
        frozenset({"campaigns", "recipients"}),
        writes=True,
        refuse=_sent_campaign,
    ),
    Action(
        "resend",
        ("R",),
        "send again",
        "Send again: to the marked rows, to fixed addresses, to all whom the message has not reached; or list them.",
        LISTS,
        frozenset({"campaigns", "recipients", "inbox"}),
        writes=True,
        refuse=_has_campaign,
    ),
    Action(
        "add",
        ("l",),
        "list",
        "Add the rows, or everybody on the marked lists, to a selection or project, an existing or a new one.",
        LISTS,
        ROWS | {"history", "person", "people", "inbox", "blocked", "lists", "complaints"},
        done="added to a list",
        writes=True,
        needs_rows=True,
    ),
    Action(
        "write-report",
        ("x",),
        "write",
        "Write the report, with its comparison, as one HTML file.",
        LISTS,
        frozenset({"report"}),
    ),
    Action(
        "export",
        ("x",),
        "export",
        "Write the marked rows, or all rows shown if none is marked, to a CSV, XLSX, HTML, JSON or text file.",
        LISTS,
        frozenset({
            "recipients",
            "lists",
            "clickers",
            "inbox",
            "journal",
            "corrections",
            "complaints",
            "people",
            "blocked",
        }),
        refuse=_has_rows,
    ),
)
"""What makes or fills lists and files."""
