"""Keeping lists and segments."""

from __future__ import annotations

from tui.action import Action, Context, Pane
from tui.actions.groups import LISTS, LOOK

_LISTS: frozenset[Pane] = frozenset({"lists"})
_RECIPIENTS: frozenset[Pane] = frozenset({"recipients"})


def _several(context: Context) -> str | None:
    if context.marked and context.count > 1:
        return None
    return "Mark two lists or more first (Space), then press the key again."


def _one(context: Context) -> str | None:
    if not _many(context):
        return None
    return f"This takes one list, and {context.count:,} are marked; Esc takes the marks off."


def _one_list(context: Context) -> str | None:
    if _many(context):
        return _one(context)
    return "A segment is always up to date; only lists are reloaded." if context.segment is not None else None


def _many(context: Context) -> bool:
    return context.marked and context.count > 1


def _member(context: Context) -> str | None:
    return None if context.members_of else "Only members are taken off a list; L shows the lists, Enter the members."


def _any_row(context: Context) -> str | None:
    return None if context.row is not None else "There is no row here."


def _shelf(verb: str, key: str, label: str, sentence: str, several: bool = False) -> Action:
    refuse = _several if several else _one
    return Action(verb, (key,), label, sentence, LISTS, _LISTS, writes=True, needs_rows=True, refuse=refuse)


LISTKEEPING = (
    Action(
        "take-off",
        ("minus",),
        "take off",
        "Take the rows off the list whose members are shown.",
        LISTS,
        _RECIPIENTS,
        "taken off the list",
        "Take {n} off the list?",
        "They stay in their campaigns; only the list loses them.",
        writes=True,
        needs_rows=True,
        refuse=_member,
    ),
    Action(
        "save-segment",
        ("w",),
        "save segment",
        "Save the filter under a name: a segment, which always holds whoever fits it at the moment.",
        LISTS,
        _RECIPIENTS,
        writes=True,
    ),
    Action(
        "only-alike",
        ("equals_sign",),
        "only alike",
        "Show only rows with the same state, reason, receiving domain, company or responsible person as this one.",
        LOOK,
        _RECIPIENTS,
        refuse=_any_row,
    ),
    _shelf("union", "plus", "union", "Make a list of everybody who is on any of the marked lists.", several=True),
    _shelf("minus", "minus", "minus", "Make a list of those on one marked list without the others.", several=True),
    _shelf("intersect", "ampersand", "intersect", "Make a list of those on all of the marked lists.", several=True),
    _shelf("split", "s", "split", "Make one list for each responsible person, to check the addresses they know."),
    Action(
        "reload",
        ("R",),
        "reload",
        "Show what has changed with a list's members, and take off whoever must not be written to any more.",
        LISTS,
        _LISTS,
        writes=True,
        needs_rows=True,
        refuse=_one_list,
    ),
    _shelf("rename", "n", "rename", "Give a list or a segment another name."),
    _shelf("note", "N", "note", "Write a note to a list or a segment."),
    Action(
        "delete-list",
        ("d",),
        "delete",
        "Delete lists or segments; the people, and what they got, stay as they are.",
        LISTS,
        _LISTS,
        writes=True,
        needs_rows=True,
    ),
)
"""What is done with lists and segments."""
