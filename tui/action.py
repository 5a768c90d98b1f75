"""What an action is: its keys and words, where it works, and why it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from store.rows import CampaignRow, ListRow, RecipientRow, SegmentRow

Pane = Literal[
    "campaigns",
    "recipients",
    "links",
    "clickers",
    "lists",
    "journal",
    "entry",
    "corrections",
    "people",
    "person",
    "complaints",
    "reconcile",
    "strangers",
    "stranger",
    "inbox",
    "blocked",
    "policy",
    "check",
    "preview",
    "monitor",
    "report",
    "domains",
    "outbox",
    "mails",
    "wrong",
    "history",
    "mail",
    "help",
    "welcome",
]

MAIN: frozenset[Pane] = frozenset({"campaigns", "recipients", "links"})
ROWS: frozenset[Pane] = frozenset({"recipients", "clickers"})
TABLES: frozenset[Pane] = MAIN | {
    "clickers",
    "lists",
    "journal",
    "entry",
    "corrections",
    "people",
    "complaints",
    "reconcile",
    "strangers",
    "inbox",
    "blocked",
    "policy",
    "check",
    "monitor",
    "domains",
    "outbox",
    "mails",
}
WORKING: frozenset[Pane] = TABLES | {"history", "person", "stranger", "report", "wrong"}
EVERYWHERE: frozenset[Pane] = WORKING | {"mail", "preview", "help", "welcome"}


@dataclass(frozen=True, slots=True)
class Context:
    """What an action would act on, at the moment its key is pressed.

    Attributes:
        count: rows it would change: the marked ones, else the one under the cursor.
        marked: whether these are marked rows.
        ranging: whether a range is under way, whose rows are not marked yet.
        shown: rows that the pane shows.
        row: the recipient under the cursor, if the pane shows recipients.
        campaign: the campaign chosen; None while all campaigns or a list are shown.
        searched: the text that was last searched for.
        members_of: the list whose members are shown, or the list under the cursor.
        segment: the segment under the cursor.
    """

    pane: Pane
    count: int = 0
    marked: bool = False
    ranging: bool = False
    shown: int = 0
    row: RecipientRow | None = None
    campaign: CampaignRow | None = None
    read_only: bool = False
    searched: str = ""
    members_of: ListRow | None = None
    segment: SegmentRow | None = None


def _never(context: Context) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing the operator can do.

    Attributes:
        id: the verb.
        keys: Textual key names; the first one is shown.
        label: one or two words for the key bar.
        help: one sentence for help, palette and docs.
        group: heading in the help.
        panes: where its keys work.
        done: what is done to the rows, in two words ("bounced hard"), for the confirmation.
        question: the confirmation's question, with {n} for "18 recipients"; "" if nothing is confirmed.
        warning: what the confirmation says about the consequences.
        writes: whether it changes the store.
        needs_rows: whether it acts on rows.
        refuse: further reasons against it in a context.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: str
    panes: frozenset[Pane]
    done: str = ""
    question: str = ""
    warning: str = ""
    writes: bool = False
    needs_rows: bool = False
    refuse: Callable[[Context], str | None] = _never

    def refusal(self, context: Context) -> str | None:
        """Return why this cannot be done in ``context``; None if it can."""
        if context.pane not in self.panes:
            return f"“{self.label}” does not work here; it belongs to {_listed(self.panes)}."
        if self.writes and context.read_only:
            return "The store was opened read-only; nothing can be changed."
        if self.needs_rows and not context.count:
            return f"There is no row here to use “{self.label}” on."
        if self.needs_rows and context.ranging:
            return "A range is under way: v on its last row marks it, Esc leaves it."
        return self.refuse(context)


def _listed(panes: Iterable[str]) -> str:
    return ", ".join(sorted(panes))
