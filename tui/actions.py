"""The one registry of what the operator can do: keys, key bar, help, palette and docs/keys.md all come from here.

An action's id is its verb: the same word names the key, the message, the store's function and the journal entry.
"""

from __future__ import annotations

from tui.action import EVERYWHERE, MAIN, ROWS, TABLES, WORKING, Action, Context, Pane

__all__ = ["ACTIONS", "GROUPS", "TYPED_ABOVE", "WORKING", "Action", "Context", "Pane"]

TYPED_ABOVE = 100
"""A confirmation of more rows than this asks for the number to be typed."""


def _one_row(context: Context) -> str | None:
    if context.count > 1:
        return f"One address is fixed at a time, and {context.count:,} rows are marked; Esc takes the marks off."
    return None


def _sent_campaign(context: Context) -> str | None:
    if context.campaign is None:
        return "A reminder belongs to one campaign; choose it in pane 1 first."
    if not context.campaign.attempted:
        return f"Nothing of {context.campaign.name} was sent yet, so there is nobody to remind."
    return None


def _has_rows(context: Context) -> str | None:
    return None if context.shown else "There is no row here; nothing to write into a file."


def _was_searched(context: Context) -> str | None:
    return None if context.searched else "Nothing was searched for yet; / starts a search."


def _any_shown(context: Context) -> str | None:
    return None if context.shown else "There is no row here."


MOVE = "Move"
ROW = "Choose rows"
DECIDE = "Decide"
LISTS = "Lists and files"
LOOK = "Look"
PROGRAM = "Program"

_MARKED: frozenset[Pane] = ROWS | {"strangers"}
_SORTED: frozenset[Pane] = frozenset({"recipients", "strangers"})

GROUPS = (DECIDE, LISTS, LOOK, ROW, MOVE, PROGRAM)
"""The headings of the help, in order."""

_MOVES = (
    Action("down", ("j", "down"), "down", "One row down.", MOVE, EVERYWHERE),
    Action("up", ("k", "up"), "up", "One row up.", MOVE, EVERYWHERE),
    Action("first", ("g", "home"), "top", "To the first row.", MOVE, EVERYWHERE),
    Action("last", ("G", "end"), "end", "To the last row.", MOVE, EVERYWHERE),
    Action("page-down", ("pagedown", "ctrl+f"), "page down", "One page down.", MOVE, EVERYWHERE),
    Action("page-up", ("pageup", "ctrl+b"), "page up", "One page up.", MOVE, EVERYWHERE),
    Action(
        "open",
        ("enter",),
        "open",
        "Open the row: a campaign's recipients, a recipient's history, a link's clickers, a list's members,"
        " a stranger's records.",
        MOVE,
        TABLES - {"journal"},
        refuse=_any_shown,
    ),
    Action(
        "back",
        ("escape",),
        "back",
        "Take off the marks, then the filters, then go back one step; close a screen or dialog.",
        MOVE,
        EVERYWHERE,
    ),
    Action("pane-1", ("1",), "campaigns", "To the campaigns pane.", MOVE, MAIN),
    Action("pane-2", ("2",), "recipients", "To the recipients pane.", MOVE, MAIN),
    Action("pane-3", ("3",), "links", "To the links pane.", MOVE, MAIN),
    Action("next-pane", ("tab",), "pane", "To the next pane.", MOVE, MAIN),
    Action("previous-pane", ("shift+tab",), "previous pane", "To the previous pane.", MOVE, MAIN),
    Action("column-right", ("right",), "next column", "To the next column (sort and , use it).", MOVE, ROWS),
    Action("column-left", ("left",), "previous column", "To the previous column.", MOVE, ROWS),
)

_LOOKS = (
    Action(
        "filter",
        ("slash",),
        "filter",
        "Show only rows that contain the words, as you type them.",
        LOOK,
        frozenset({"recipients"}),
    ),
    Action(
        "find",
        ("slash",),
        "find a person",
        "Find a person in all campaigns: type a name, an address or a company.",
        LOOK,
        frozenset({"campaigns", "links"}),
    ),
    Action(
        "exclude",
        ("backslash",),
        "exclude",
        "Leave out rows that contain any of the words you type.",
        LOOK,
        frozenset({"recipients"}),
    ),
    Action(
        "states",
        ("t",),
        "states",
        "Choose which states are shown (bounced, read, blocked, …); several can be combined.",
        LOOK,
        frozenset({"recipients"}),
    ),
    Action(
        "next",
        ("n",),
        "next match",
        "To the next row that contains the words last searched for.",
        LOOK,
        frozenset({"recipients"}),
        refuse=_was_searched,
    ),
    Action(
        "previous",
        ("N",),
        "previous match",
        "To the previous row that contains them.",
        LOOK,
        frozenset({"recipients"}),
        refuse=_was_searched,
    ),
    Action("sort", ("o",), "sort", "Choose the column to sort by.", LOOK, _SORTED),
    Action("reverse", ("O",), "reverse", "Turn the order round.", LOOK, _SORTED),
    Action(
        "refresh",
        ("full_stop",),
        "refresh",
        "Read the rows again; rows that no longer fit the filter leave, new ones come in.",
        LOOK,
        TABLES,
    ),
    Action("lists", ("L",), "lists", "Show all lists: selections, projects, reminders.", LOOK, MAIN),
    Action(
        "strangers",
        ("S",),
        "strangers",
        "Show mail about addresses that are in no plan, to give it to the recipients it is about.",
        LOOK,
        MAIN,
    ),
    Action(
        "failures",
        ("t",),
        "all or failed",
        "Show everything, or again only failures, complaints and unsubscriptions.",
        LOOK,
        frozenset({"strangers"}),
    ),
    Action(
        "mail",
        ("m",),
        "mail",
        "Show the mail, or the lines of the log, that tell of the recipient, the newest first; m again shows the next.",
        LOOK,
        frozenset({"history", "mail"}),
    ),
    Action("journal", ("J",), "journal", "Show who did what and when.", LOOK, MAIN | {"lists"}),
)

_CHOICES = (
    Action("mark", ("space",), "mark", "Mark the row, or take its mark off, and step on.", ROW, _MARKED),
    Action(
        "mark-range",
        ("v",),
        "range",
        "Mark a range: v on its first row, move, v on its last row.",
        ROW,
        _MARKED,
        refuse=_any_shown,
    ),
    Action(
        "mark-all",
        ("asterisk",),
        "mark all",
        "Mark all rows shown, or take all marks off.",
        ROW,
        _MARKED,
        refuse=_any_shown,
    ),
    Action(
        "mark-like",
        ("comma",),
        "mark alike",
        "Mark all rows shown whose cell in the chosen column (arrow keys) equals this row's.",
        ROW,
        frozenset({"recipients"}),
        refuse=_any_shown,
    ),
)

_RECIPIENTS: frozenset[Pane] = frozenset({"recipients", "history"})


def _decision(verb: str, key: str, label: str, sentence: str, done: str, question: str, warning: str) -> Action:
    return Action(
        verb, (key,), label, sentence, DECIDE, _RECIPIENTS, done, question, warning, writes=True, needs_rows=True
    )


_DECISIONS = (
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
    Action(
        "fix",
        ("f",),
        "fix",
        "Correct the address: the contact moves to the new one, a block stays with the old one.",
        DECIDE,
        _RECIPIENTS,
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
    ),
    _decision(
        "former",
        "e",
        "former",
        "Mark the contact as a former employee: kept in the books, never written to again.",
        "former employee",
        "Mark {n} as former employees?",
        "They stay in the books and are never written to again.",
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
        WORKING,
        writes=True,
    ),
    Action("redo", ("U",), "redo", "Do again what you took back.", DECIDE, WORKING, writes=True),
)

_LISTING = (
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
        "add",
        ("l",),
        "list",
        "Add the rows to a selection or project, an existing or a new one.",
        LISTS,
        ROWS | {"history"},
        done="added to a list",
        writes=True,
        needs_rows=True,
    ),
    Action(
        "export",
        ("x",),
        "export",
        "Write the marked rows, or all rows shown if none is marked, to a CSV file.",
        LISTS,
        frozenset({"recipients", "lists"}),
        refuse=_has_rows,
    ),
)

_PROGRAM = (
    Action("help", ("question_mark",), "help", "Show all keys.", PROGRAM, EVERYWHERE - {"help"}),
    Action(
        "palette",
        ("colon", "ctrl+p"),
        "commands",
        "Find a command by its name.",
        PROGRAM,
        EVERYWHERE,
    ),
    Action("quit", ("q",), "quit", "Leave; what is still being written is finished first.", PROGRAM, EVERYWHERE),
)

ACTIONS: dict[str, Action] = {
    action.id: action for action in (*_MOVES, *_LOOKS, *_CHOICES, *_DECISIONS, *_LISTING, *_PROGRAM)
}
"""Every action by its id."""
