"""Choosing which states the recipients pane shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets.selection_list import Selection

from store.vocabulary import State
from tui.dialogs.dialog import Dialog, words
from tui.dialogs.picking import Boxes

_MEANING: dict[State, str] = {
    State.READY: "planned, not handed over yet",
    State.SKIPPED: "planned, gets no mail (no consent, duplicate, blocked, …)",
    State.SENT: "handed over, not settled yet",
    State.DELIVERED: "taken by the receiving server",
    State.UNREAD: "delivered, no human open or click seen",
    State.READ: "opened or clicked by a human",
    State.CLICKED: "clicked a link",
    State.BOUNCED: "bounced, expired or rejected",
    State.HARD: "failed for good: the address is dead",
    State.SOFT: "failed for a passing reason",
    State.OPEN: "failed, and nobody has decided yet",
    State.BLOCKED: "the address is blocked today",
    State.UNSUBSCRIBED: "unsubscribed",
    State.COMPLAINED: "complained of spam",
}


class ChooseStates(Dialog[frozenset[State]]):
    """Asks for the states to show; none ticked means all.

    Args:
        chosen: what is shown now.
        count: how many recipients answer to each state; called in a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Accept", show=False, priority=True),
        Binding("t", "accept", "Accept", show=False),
        Binding("c", "none", "All", show=False),
    ]
    heading = "Show which states?"
    keys = "Space tick · Enter show · c show all · Esc leave"

    def __init__(self, chosen: frozenset[State], count: Callable[[], Mapping[State, int]]) -> None:
        super().__init__()
        self._chosen = chosen
        self._count = count

    def body(self) -> Iterable[Widget]:
        """Return the boxes."""
        yield words("A recipient is shown if any ticked state fits; nothing ticked shows all.")
        yield Boxes(*self._boxes({}), id="states", compact=True)

    def on_mount(self) -> None:
        """Count in the background."""
        self._count_all()

    def action_accept(self) -> None:
        """Show what is ticked."""
        self.dismiss(frozenset(self.query_one(Boxes).selected))

    def action_none(self) -> None:
        """Show all."""
        self.dismiss(frozenset())

    @work(thread=True, exclusive=True, group="states")
    def _count_all(self) -> None:
        counts = self._count()
        self.app.call_from_thread(self._show, counts)

    def _show(self, counts: Mapping[State, int]) -> None:
        if not self.is_attached:
            return
        boxes = self.query_one(Boxes)
        self._chosen = frozenset(boxes.selected)
        at = boxes.highlighted
        boxes.clear_options()
        boxes.add_options(self._boxes(counts))
        boxes.highlighted = at

    def _boxes(self, counts: Mapping[State, int]) -> list[Selection[State]]:
        return [Selection(Content(_words(state, counts)), state, state in self._chosen) for state in State]


def _words(state: State, counts: Mapping[State, int]) -> str:
    figure = f"{counts.get(state, 0):,}" if counts else ""
    return f"{state:<13}{figure:>9}  {_MEANING[state]}"
