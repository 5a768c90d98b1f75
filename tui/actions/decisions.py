"""Deciding about recipients."""

from __future__ import annotations

from tui.action import WORKING, Action, Context, Pane
from tui.actions.groups import DECIDE


def _one_row(context: Context) -> str | None:
    if context.count <= 1:
        return None
    if context.marked:
        return f"One address is fixed at a time, and {context.count:,} rows are marked; Esc takes the marks off."
    return f"One address is fixed at a time, and this group has {context.count:,}; Enter shows them."


_RECIPIENTS: frozenset[Pane] = frozenset({"recipients", "history", "inbox"})
_PEOPLE: frozenset[Pane] = _RECIPIENTS | {"person"}


def _decision(
    verb: str,
    key: str,
    label: str,
    sentence: str,
    done: str,
    question: str,
    warning: str,
    panes: frozenset[Pane] = _RECIPIENTS,
) -> Action:
    return Action(verb, (key,), label, sentence, DECIDE, panes, done, question, warning, writes=True, needs_rows=True)


DECISIONS = (
    _decision(
        "mark-hard",
        "b",
        "hard",
        "Mark as bounced hard: the address is dead and will be blocked.",
        "bounced hard",
        "Mark {n} as bounced hard?",
        "Their addresses are taken for dead and blocked for later campaigns.",
    ),
    _decision(
        "mark-soft",
        "s",
        "soft",
        "Mark as bounced soft: a passing fault, the address stays in use.",
        "bounced soft",
        "Mark {n} as bounced soft?",
        "A passing fault: their addresses stay in use.",
    ),
    _decision(
        "clear",
        "c",
        "clear",
        "Clear the bounce flag: the failure was not the address's fault.",
        "bounce cleared",
        "Clear the bounce flag of {n}?",
        "Their failures so far no longer count; a later one will.",
    ),
    _decision(
        "excuse",
        "E",
        "excuse",
        "Excuse the bounce: it was our fault, does not count against the address, and goes on the resend list.",
        "excused",
        "Excuse the bounces of {n}?",
        "They do not count against the addresses; the people go on the campaign's resend list.",
    ),
    _decision(
        "accept",
        "F",
        "accept",
        "Accept the address that was probably meant; of a group or marked rows all of them, after they were shown.",
        "address fixed",
        "Accept the suggestions for {n}?",
        "The contacts move to the new addresses, a block stays with the old ones.",
    ),
    Action(
        "fix",
        ("f",),
        "fix",
        "Correct the address: the contact moves to the new one, a block stays with the old one.",
        DECIDE,
        _PEOPLE,
        done="address fixed",
        writes=True,
        needs_rows=True,
        refuse=_one_row,
    ),
    _decision(
        "block",
        "B",
        "block",
        "Block the address: it gets no campaign any more.",
        "address blocked",
        "Block the addresses of {n}?",
        "They get no campaign any more.",
        _PEOPLE,
    ),
    _decision(
        "former",
        "e",
        "former",
        "Mark the contact as a former employee: kept in the books, never written to again.",
        "former employee",
        "Mark {n} as former employees?",
        "They stay in the books and are never written to again.",
        _PEOPLE,
    ),
    _decision(
        "delete",
        "d",
        "delete",
        "Delete the address: the contact stays in the books without one, and the address is blocked.",
        "address deleted",
        "Delete the addresses of {n}?",
        "The contacts stay in the books without an address, and the addresses are blocked.",
        _PEOPLE | {"blocked"},
    ),
    _decision(
        "clear-block",
        "c",
        "free",
        "Free the address: what failed so far does not count against it any more, a later failure will.",
        "freed",
        "Free {n}?",
        "They get mail again; a block after a complaint stays.",
        frozenset({"blocked"}),
    ),
    _decision(
        "later",
        "z",
        "later",
        "Put the decision off: the bounce stays open and stands behind the others.",
        "put off",
        "Put off {n}?",
        "They stay open and stand behind the others.",
    ),
    Action(
        "assign",
        ("a",),
        "assign",
        "Give a stranger's records to a recipient, whose bounce (or opening, or complaint) they are from then on.",
        DECIDE,
        frozenset({"strangers", "stranger"}),
        done="assigned",
        writes=True,
        needs_rows=True,
    ),
    Action(
        "undo",
        ("u",),
        "undo",
        "Take back the last thing you did, also from another day.",
        DECIDE,
        WORKING - {"journal", "entry"},
        writes=True,
    ),
    Action("redo", ("U",), "redo", "Do again what you took back.", DECIDE, WORKING - {"journal", "entry"}, writes=True),
    Action(
        "undo-entry",
        ("u",),
        "undo this",
        "Take back this entry of the journal, whoever's it is; rows that were changed since are left alone.",
        DECIDE,
        frozenset({"journal", "entry"}),
        writes=True,
        needs_rows=True,
    ),
    Action(
        "redo-entry",
        ("U",),
        "redo this",
        "Do this entry of the journal again, which was undone.",
        DECIDE,
        frozenset({"journal", "entry"}),
        writes=True,
        needs_rows=True,
    ),
)
"""What is decided about recipients, and taken back."""
