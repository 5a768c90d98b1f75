"""Choosing which states the recipients pane shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from store.vocabulary import State
from tui.dialogs.dialog import Dialog, words
from tui.dialogs.picking import Options

_MEANING: dict[State, str] = {
    State.READY: "planned, not handed over yet",
    State.SKIPPED: "planned, but gets no mail",
    State.SENT: "handed over, whatever came of it",
    State.DEFERRED: "refused for now, and tried again",
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
        Binding("space,x", "tick", "Tick", show=False),
        Binding("c", "none", "All", show=False),
    ]
    heading = "Show which states?"
    keys = "Space tick · Enter show · c show all · Esc leave"

    def __init__(self, chosen: frozenset[State], count: Callable[[], Mapping[State, int]]) -> None:
        super().__init__()
        self._ticked = set(chosen)
        self._count = count
        self._counts: Mapping[State, int] = {}

    def body(self) -> Iterable[Widget]:
        """Return the states; one that is shown alone needs no tick."""
        yield words("Enter shows the ticked ones; if none is, the one under the cursor.")
        yield Options(*(Option(self._words(state), state) for state in State), id="states", compact=True)

    def on_mount(self) -> None:
        """Count in the background, and put the cursor on the first one ticked."""
        order = list(State)
        self.query_one(Options).highlighted = min((order.index(state) for state in self._ticked), default=0)
        self._count_all()

    def action_tick(self) -> None:
        """Tick the state under the cursor, or take its tick off, and step on."""
        options = self.query_one(Options)
        if options.highlighted is not None:
            self._ticked ^= {list(State)[options.highlighted]}
            self._write()
            options.action_cursor_down()

    def action_none(self) -> None:
        """Show all."""
        self.dismiss(frozenset())

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Show what is ticked."""
        self.dismiss(frozenset(self._ticked) or frozenset({State(event.option.id or "")}))

    @work(thread=True, exclusive=True, group="states")
    def _count_all(self) -> None:
        counts = self._count()
        self.app.call_from_thread(self._show, counts)

    def _show(self, counts: Mapping[State, int]) -> None:
        self._counts = counts
        if self.is_attached:
            self._write()

    def _write(self) -> None:
        options = self.query_one(Options)
        for index, state in enumerate(State):
            options.replace_option_prompt_at_index(index, self._words(state))

    def _words(self, state: State) -> Content:
        box = "[x]" if state in self._ticked else "[ ]"
        figure = f"{self._counts.get(state, 0):,}" if self._counts else ""
        return Content(f"{box} {state:<12} {figure:>9}  {_MEANING[state]}")
