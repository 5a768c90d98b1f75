"""The registry's keys as Textual bindings, as words, as the key bar and as the page docs/keys.md."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tui.actions import ACTIONS, GROUPS, WORKING, Action, Pane

_SHOWN = {
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "space": "Space",
    "slash": "/",
    "backslash": "\\",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "ampersand": "&",
    "equals_sign": "=",
    "asterisk": "*",
    "full_stop": ".",
    "question_mark": "?",
    "colon": ":",
    "exclamation_mark": "!",
}

PANE_NAMES: dict[Pane, str] = {
    "campaigns": "Campaigns",
    "recipients": "Recipients",
    "links": "Links",
    "clickers": "Clickers of a link",
    "lists": "Lists",
    "journal": "Journal",
    "entry": "Entry of the journal",
    "corrections": "Corrected addresses",
    "people": "People",
    "person": "History of a person",
    "complaints": "Complaints",
    "reconcile": "Reconciliation",
    "strangers": "Strangers",
    "stranger": "Records of a stranger",
    "inbox": "Bounce inbox",
    "blocked": "Blocked addresses",
    "policy": "Policy",
    "check": "Check before a send",
    "preview": "Preview of a mail",
    "monitor": "Send monitor",
    "report": "Report",
    "domains": "Receiving domains",
    "outbox": "Outbox",
    "mails": "Mails of a send",
    "wrong": "It went out wrong",
    "history": "History of a recipient",
    "mail": "Raw mail",
    "help": "Help",
    "welcome": "Welcome",
}
"""The panes' names, for people."""

KEY_BARS: dict[Pane, str] = {
    "campaigns": "open bounces remind report monitor people help undo lists journal strangers check next-pane refresh"
    " quit",
    "recipients": "mark-hard mark-soft clear accept fix block help add filter states mark undo remind former export"
    " open sort exclude next-pane back quit",
    "links": "open report people help undo lists journal strangers next-pane back quit",
    "clickers": "mark add open help mark-all undo back quit",
    "lists": "open add split reload rename help export delete-list undo mark union minus intersect note check"
    " journal redo refresh back quit",
    "journal": "open undo-entry filter own redo-entry export help refresh corrections back quit",
    "entry": "undo-entry open redo-entry help down up refresh back quit",
    "corrections": "open export undo help refresh back quit",
    "people": "open filter by-campaign add export mark help undo forget mark-all refresh redo back quit",
    "person": "fix former block delete add mail track help undo forget page-down page-up redo back quit",
    "complaints": "open filter add export mark help undo mark-all refresh redo back quit",
    "reconcile": "open feeds strangers help refresh undo back quit",
    "strangers": "assign open failures mark help undo sort reverse mark-all redo refresh back quit",
    "stranger": "assign help undo page-down page-up back quit",
    "inbox": "accept fix clear excuse block former later help delete undo open grouping mark-hard mark-soft mark add"
    " resend redo refresh ask-dns back quit",
    "report": "figures compare domains write-report help page-down page-up refresh undo back quit",
    "domains": "open sort reverse help refresh undo back quit",
    "outbox": "open start pause stop wrong-send help refresh back quit",
    "mails": "mail-states open take-sent send-again help filter mark mark-all refresh back quit",
    "wrong": "stop-all hold pull correct narrow help who wrong-lists outbox release undo page-down page-up refresh back"
    " quit",
    "blocked": "clear-block delete add export open filter grouping help sort mark undo reverse mark-all redo refresh"
    " back quit",
    "monitor": "open acknowledge tripwires all-tripwires help undo refresh redo back quit",
    "policy": "open help undo redo back quit",
    "check": "tick override preview ask-outside refresh help undo redo back quit",
    "preview": "next-mail previous-mail down up page-down page-up help back quit",
    "history": "mark-hard mark-soft clear accept fix block mail help person excuse former delete later add undo"
    " back quit",
    "mail": "mail down up page-down page-up help back quit",
    "help": "down up page-down page-up back quit",
    "welcome": "help palette quit",
}
"""The actions in each pane's key bar, the most useful first: a narrow terminal shows only the first ones."""


def shown(key: str) -> str:
    """Return a Textual key name as it is printed on a keyboard."""
    if "+" in key:
        return "+".join(part.capitalize() if len(part) > 1 else part.upper() for part in key.split("+"))
    return _SHOWN.get(key, key)


def actions_of(pane: Pane) -> tuple[Action, ...]:
    """Return the actions that work in ``pane``, in the registry's order."""
    return tuple(action for action in ACTIONS.values() if pane in action.panes)


def bindings(pane: Pane) -> list[BindingType]:
    """Return the bindings of a pane; each calls the pane's ``action_act`` with the action's id.

    Keys that only other panes know are bound, too: there the registry says why nothing happens.
    """
    verbs = {key: action for action in reversed(ACTIONS.values()) for key in action.keys}
    verbs |= {key: action for action in actions_of(pane) for key in action.keys}
    return [
        Binding(key, f"act({action.id!r})", action.label, show=False, tooltip=action.help)
        for key, action in verbs.items()
    ]


def key_bar(pane: Pane) -> list[tuple[str, str]]:
    """Return (key, label) for the key bar of a pane, the most useful first."""
    return [(shown(ACTIONS[verb].keys[0]), ACTIONS[verb].label) for verb in KEY_BARS[pane].split()]


def grouped(pane: Pane | None = None) -> list[tuple[str, tuple[Action, ...]]]:
    """Return (heading, actions) in the order of the help: of one pane, or of all."""
    actions = ACTIONS.values() if pane is None else actions_of(pane)
    found = [(group, tuple(action for action in actions if action.group == group)) for group in GROUPS]
    return [(group, members) for group, members in found if members]


def keys_of(action: Action) -> str:
    """Return the keys of an action as words: "j ↓"."""
    return " ".join(shown(key) for key in action.keys)


def keys_page() -> str:
    """Return docs/keys.md: every key, what it does, and where it works."""
    lines = [
        "# Keys",
        "",
        "Marked rows are acted on if there are any, otherwise the row under the cursor; never what is not shown.",
        "Every decision can be taken back with `u`.",
    ]
    for group, actions in grouped():
        lines += ["", f"## {group}", "", "| key | does | where |", "|---|---|---|"]
        lines += [_line(action) for action in actions]
    return "\n".join(lines) + "\n"


def _line(action: Action) -> str:
    keys = " ".join(f"`{shown(key)}`" for key in action.keys).replace("|", "\\|")
    where = "everywhere" if action.panes >= WORKING else ", ".join(_where(action))
    return f"| {keys} | {action.help} | {where} |"


def _where(action: Action) -> list[str]:
    return [name.lower() for pane, name in PANE_NAMES.items() if pane in action.panes]
