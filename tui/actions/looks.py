"""Looking: filters, order, other screens."""

from __future__ import annotations

from tui.action import MAIN, TABLES, Action, Context, Pane
from tui.actions.groups import LOOK


def _was_searched(context: Context) -> str | None:
    return None if context.searched else "Nothing was searched for yet; / starts a search."


def _undecided(context: Context) -> str | None:
    if context.campaign is None:
        return "Choose a campaign in pane 1 first; I opens the inbox of all campaigns."
    if not context.campaign.open_bounces:
        return f"No bounce of {context.campaign.name} waits for a decision."
    return None


def _has_campaign(context: Context) -> str | None:
    return None if context.campaign else "A report is about one campaign; choose it in pane 1 first."


_SORTED: frozenset[Pane] = frozenset({"recipients", "strangers", "domains", "blocked"})

LOOKS = (
    Action(
        "filter",
        ("slash",),
        "filter",
        "Show only rows that contain the words, as you type them.",
        LOOK,
        frozenset({"recipients", "journal", "complaints", "people", "blocked", "mails"}),
    ),
    Action(
        "people",
        ("slash",),
        "find a person",
        "Find people over all campaigns by name, address (also an earlier one) or company; Enter tells their history.",
        LOOK,
        frozenset({"campaigns", "links"}),
    ),
    Action(
        "by-campaign",
        ("t",),
        "by campaign",
        "Show the people found in the recipients pane, with a row for each of their campaigns.",
        LOOK,
        frozenset({"people"}),
    ),
    Action(
        "person",
        ("p",),
        "all campaigns",
        "Show the person's history over all campaigns, in one timeline.",
        LOOK,
        frozenset({"history"}),
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
        TABLES | {"report", "wrong"},
    ),
    Action(
        "bounces",
        ("b", "i"),
        "bounces",
        "Open the campaign's bounce inbox: what failed and waits for a decision, in groups or one by one.",
        LOOK,
        frozenset({"campaigns"}),
        refuse=_undecided,
    ),
    Action(
        "inbox",
        ("i",),
        "inbox",
        "Open the bounce inbox of the campaign shown.",
        LOOK,
        MAIN - {"campaigns"},
        refuse=_undecided,
    ),
    Action("all-bounces", ("I",), "all bounces", "Open the bounce inbox of all campaigns.", LOOK, MAIN),
    Action(
        "grouping",
        ("t",),
        "grouping",
        "Group in the next way (by cause, receiving domain, time, reason, …), or not at all.",
        LOOK,
        frozenset({"inbox", "blocked"}),
    ),
    Action(
        "report",
        ("p",),
        "report",
        "Open the report on the campaign: charts, its place among your earlier ones, receiving domains.",
        LOOK,
        MAIN,
        refuse=_has_campaign,
    ),
    Action(
        "figures",
        ("t",),
        "charts or figures",
        "Show the figures in place of the charts, or the charts again.",
        LOOK,
        frozenset({"report"}),
    ),
    Action(
        "compare",
        ("c",),
        "compare",
        "Put another campaign beside this one (A/B), and tell whether they differ by more than chance.",
        LOOK,
        frozenset({"report"}),
    ),
    Action(
        "domains",
        ("D",),
        "domains",
        "Show the receiving domains: how many were delivered, put off, refused, and opened there.",
        LOOK,
        frozenset({"report"}),
    ),
    Action(
        "ask-dns",
        ("D",),
        "ask the DNS",
        "Have the DNS asked whether suggested domains take mail, or not any more; their names leave this machine.",
        LOOK,
        frozenset({"inbox"}),
    ),
    Action("lists", ("L",), "lists", "Show all lists: selections, projects, reminders.", LOOK, MAIN),
    Action("blocked", ("A",), "blocked", "Show the blocked addresses of all campaigns.", LOOK, MAIN),
    Action(
        "policy",
        ("P",),
        "policy",
        "Show and change when an address is blocked, after seeing whom a change would block or free.",
        LOOK,
        MAIN | {"blocked"},
    ),
    Action(
        "strangers",
        ("S",),
        "strangers",
        "Show mail about addresses that are in no plan, to give it to the recipients it is about.",
        LOOK,
        MAIN | {"reconcile", "complaints"},
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
        frozenset({"history", "person", "mail"}),
    ),
    Action(
        "complaints",
        ("C",),
        "complaints",
        "Show who complained about spam, whether that was heeded, and what was sent since.",
        LOOK,
        MAIN,
    ),
    Action(
        "reconcile",
        ("T",),
        "reconciliation",
        "Show whether everything adds up: buckets with plans, the records of feeds with what became of them.",
        LOOK,
        MAIN,
    ),
    Action("feeds", ("t",), "feeds", "Show the feeds, or the campaigns again.", LOOK, frozenset({"reconcile"})),
    Action(
        "own",
        ("t",),
        "own or all",
        "Show only what you did yourself, or again what everybody did.",
        LOOK,
        frozenset({"journal"}),
    ),
    Action(
        "corrections",
        ("F",),
        "corrections",
        "Show the addresses that were corrected, for the CRM.",
        LOOK,
        frozenset({"lists", "journal"}),
    ),
    Action("journal", ("J",), "journal", "Show who did what and when.", LOOK, MAIN | {"lists"}),
)
"""What changes what is seen, never the store."""
