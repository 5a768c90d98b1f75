"""The help as lines, and the names of the panes as a line of tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.keys import PANE_NAMES, grouped, keys_of
from tui.present.cells import fit, wrap

if TYPE_CHECKING:
    from tui.actions import Action, Pane
    from tui.present.columns import Cell
    from tui.present.history import Line

_KEY_CELLS: Final = 16
_BLANK: Final[Line] = (("", "text"),)
_TABS: Final[tuple[Pane, ...]] = ("campaigns", "recipients", "links")


def help_lines(pane: Pane, cells: int) -> list[Line]:
    """Return the keys that work in ``pane``, then those of elsewhere, as lines of at most ``cells`` cells."""
    lines: list[Line] = []
    for sentence in (
        "Marked rows are acted on if there are any, otherwise the row under the cursor; never what is not shown.",
        "Every decision is kept in the journal and can be taken back with u, also tomorrow.",
    ):
        lines += [((part, "muted"),) for part in wrap(sentence, cells)]
    here = grouped(pane)
    for group, actions in here:
        lines += [_BLANK, ((group, "strong"),)]
        for action in actions:
            lines += _action(action, cells)
    known = {action.id for _, actions in here for action in actions}
    rest = [action for _, actions in grouped() for action in actions if action.id not in known]
    if rest:
        lines += [_BLANK, (("Elsewhere", "strong"),)]
        for action in rest:
            lines += _action(action, cells)
    return lines


def _action(action: Action, cells: int) -> list[Line]:
    parts = wrap(action.help, max(20, cells - _KEY_CELLS - 2))
    lines: list[Line] = [((f"  {fit(keys_of(action), _KEY_CELLS - 1)} ", "accent"), (parts[0], "text"))]
    return lines + [((" " * (_KEY_CELLS + 2), "text"), (part, "text")) for part in parts[1:]]


def tabs(active: Pane) -> list[Cell]:
    """Return the names of the three panes, the active one as a title."""
    pieces: list[Cell] = []
    for number, pane in enumerate(_TABS, 1):
        pieces.append((f" {number} {PANE_NAMES[pane]} ", "title" if pane == active else "title-blurred"))
    pieces.append(("  Tab goes round", "title-blurred"))
    return pieces


def welcome_lines(store: str, cells: int) -> list[Line]:
    """Return what an operator sees whose store is empty."""
    said: list[tuple[str, str]] = [
        ("Welcome to aftersend.", "strong"),
        ("", "text"),
        ("This store is empty. Two commands fill it; type them in a shell:", "text"),
        ("", "text"),
        ("  aftersend import recipients LIST.csv --campaign NAME", "accent"),
        ("  aftersend ingest /var/log/mail.log BOUNCES/", "accent"),
        ("", "text"),
        ("The first reads who was to get the campaign, the second what became of it: a mail log, a bounce", "text"),
        ("mailbox, or a file of opens and clicks. The screen opens by itself as soon as a campaign is there.", "text"),
        ("", "text"),
        ("`aftersend demo` shows the program on a small made-up world instead.", "muted"),
        ("", "text"),
        (f"Store: {store}", "muted"),
    ]
    return [((part, style),) for text, style in said for part in wrap_kept(text, cells)]


def wrap_kept(text: str, cells: int) -> list[str]:
    """Wrap ``text`` and keep the blanks it begins with."""
    indent = len(text) - len(text.lstrip())
    return [" " * indent + part for part in wrap(text.lstrip(), max(10, cells - indent))]
