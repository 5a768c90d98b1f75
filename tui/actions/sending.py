"""Watching a campaign go out."""

from __future__ import annotations

from tui.action import MAIN, Action, Context, Pane
from tui.actions.groups import DECIDE, LOOK

_MONITOR: frozenset[Pane] = frozenset({"monitor"})


def _has_campaign(context: Context) -> str | None:
    return None if context.campaign else "The monitor shows one campaign; choose it in pane 1 first."


SENDING = (
    Action(
        "monitor",
        ("M",),
        "monitor",
        "Watch the campaign go out: rate, share done, time left, who defers, failures over time, tripwires.",
        LOOK,
        MAIN,
        refuse=_has_campaign,
    ),
    Action(
        "tripwires",
        ("t",),
        "tripwires",
        "Set from which share of failures, complaints or deferrals on this campaign rings.",
        DECIDE,
        _MONITOR,
        writes=True,
    ),
    Action(
        "all-tripwires",
        ("T",),
        "tripwires of all",
        "Set the tripwires that hold for every campaign without its own.",
        DECIDE,
        _MONITOR,
        writes=True,
    ),
    Action(
        "acknowledge",
        ("a",),
        "acknowledge",
        "Take note of what rings: it stays in sight and is quiet until it has gone down and comes up again.",
        DECIDE,
        _MONITOR,
        writes=True,
    ),
)
"""The send monitor and its tripwires."""
