"""What is sent from here, and what is done when it went out wrong."""

from __future__ import annotations

from tui.action import MAIN, Action, Context, Pane
from tui.actions.groups import DECIDE, LOOK

_OUTBOX: frozenset[Pane] = frozenset({"outbox"})
_MAILS: frozenset[Pane] = frozenset({"mails"})
_WRONG: frozenset[Pane] = frozenset({"wrong"})


def _has_campaign(context: Context) -> str | None:
    return None if context.campaign else "Choose the campaign that went out wrong in pane 1 first."


OUTGOING = (
    Action(
        "outbox",
        ("X",),
        "outbox",
        "Show what is sent from here: each send, how far it is, and its mails; start, pause and stop it.",
        LOOK,
        MAIN | {"wrong", "monitor"},
    ),
    Action(
        "wrong",
        ("exclamation_mark",),
        "it went out wrong",
        "The campaign went out wrong: stop what can be stopped, tell those who got it, send the right one to the rest.",
        DECIDE,
        frozenset({"campaigns", "recipients", "monitor"}),
        refuse=_has_campaign,
    ),
    Action(
        "wrong-send",
        ("exclamation_mark",),
        "it went out wrong",
        "The send went out wrong: stop what can be stopped, tell those who got it, send the right one to the rest.",
        DECIDE,
        _OUTBOX,
        needs_rows=True,
    ),
    Action(
        "start",
        ("s",),
        "start",
        "Start the send, or go on with a paused or interrupted one; it goes on when the screen is left.",
        DECIDE,
        _OUTBOX,
        writes=True,
        needs_rows=True,
    ),
    Action(
        "pause",
        ("p",),
        "pause",
        "Let nothing more of the send leave until somebody starts it again.",
        DECIDE,
        _OUTBOX,
        writes=True,
        needs_rows=True,
    ),
    Action(
        "stop",
        ("S",),
        "stop",
        "Let nothing more of the send leave, and end its process; what waits stays in the outbox.",
        DECIDE,
        _OUTBOX,
        writes=True,
        needs_rows=True,
    ),
    Action(
        "mail-states",
        ("t",),
        "states",
        "Show the mails in the next state (unsure, waiting, held, refused, accepted), or all.",
        LOOK,
        _MAILS,
    ),
    Action(
        "take-sent",
        ("y",),
        "take for sent",
        "Take unsure mails for sent: they are not sent again.",
        DECIDE,
        _MAILS,
        writes=True,
        needs_rows=True,
    ),
    Action(
        "send-again",
        ("a",),
        "send again",
        "Let unsure mails be sent again: whoever got one gets it twice.",
        DECIDE,
        _MAILS,
        writes=True,
        needs_rows=True,
    ),
    Action(
        "stop-all",
        ("s",),
        "stop",
        "Stop what waits of it in our outbox: nothing more of it leaves.",
        DECIDE,
        _WRONG,
        writes=True,
    ),
    Action(
        "hold",
        ("h",),
        "hold",
        "Put what waits of it in Postfix's queue on hold, only its own mails; u lets them go on.",
        DECIDE,
        _WRONG,
        writes=True,
    ),
    Action(
        "release",
        ("H",),
        "release",
        "Let what is on hold in Postfix's queue go on.",
        DECIDE,
        _WRONG,
        writes=True,
    ),
    Action(
        "pull",
        ("d",),
        "delete held",
        "Delete what is on hold from Postfix's queue: it never arrives, and nobody can bring it back.",
        DECIDE,
        _WRONG,
        writes=True,
    ),
    Action(
        "narrow",
        ("t",),
        "who is told",
        "Choose who of those that got it is told: everybody, readers, clickers, those of one link or segment.",
        DECIDE,
        _WRONG,
    ),
    Action("who", ("w",), "who", "Show by name who gets the erratum, the right mail, or nothing.", LOOK, _WRONG),
    Action(
        "wrong-lists",
        ("l",),
        "two lists",
        "Make two lists: who gets the erratum, and who gets the right mail.",
        DECIDE,
        _WRONG,
        writes=True,
    ),
    Action(
        "correct",
        ("e",),
        "erratum, right mail",
        "Make the sends of the erratum and the right mail ready, check them, and start them after one question.",
        DECIDE,
        _WRONG,
        writes=True,
    ),
)
"""The outbox, and the remedies for what went out wrong."""
