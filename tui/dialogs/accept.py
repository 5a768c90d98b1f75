"""Accepting suggested addresses: old and new, those left alone and why, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from store.errors import StoreError
from store.rows import AdviceRow
from tui.actions import TYPED_ABOVE
from tui.dialogs.dialog import Dialog, Line, words
from tui.dialogs.picking import Options
from tui.messages import Choice
from tui.present.cells import cut
from tui.present.suggestions import ARROW, choice_words, short

_SHOWN = 200
_CELLS = 74

Advise = Callable[[], Mapping[int, AdviceRow]]
"""Returns recipient id -> what may be meant; called in a thread."""


class AcceptSuggestions(Dialog[dict[int, str]]):
    """Shows what would be corrected; the result is recipient id -> address, of those that can be.

    Args:
        choice: the rows that were chosen.
        advise: works out what may be meant.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,Y", "yes", "Yes", show=False),
        Binding("n,N", "leave", "No", show=False),
        Binding("enter", "yes", "Yes", show=False),
        Binding("down", "step(1)", "Down", show=False, priority=True),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
    ]
    heading = "Accept the suggestions?"
    reading = True
    early = frozenset({"enter", "y", "Y", "down", "up"})
    keys = "Enter accept · ↑ ↓ look · Esc leave"

    def __init__(self, choice: Choice, advise: Advise) -> None:
        super().__init__()
        self._choice = choice
        self._advise = advise
        self._told: list[str] = []
        self._wanted: dict[int, str] = {}

    def body(self) -> Iterable[Widget]:
        """Return the rows, and room for the reason of the one under the cursor."""
        yield words("Looking for what was meant…", name="count", classes="first")
        yield Options(id="found", compact=True)
        yield words("", name="why", classes="gap")
        yield words("", name="answer")

    def on_mount(self) -> None:
        """Work it out in the background."""
        self.query_one(Options).focus()
        self._look()

    def action_step(self, step: int) -> None:
        """Move in the list while a field has the keys."""
        self.query_one(Options).step(step)

    def action_yes(self) -> None:
        """Accept, unless a number has to be typed first."""
        if not self.reading and self._wanted and len(self._wanted) <= TYPED_ABOVE:
            self.dismiss(self._wanted)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Accept: Enter means all of them, wherever the cursor stands."""
        event.stop()
        self.action_yes()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell why this address."""
        event.stop()
        if event.option_index < len(self._told):
            self.say("#why", self._told[event.option_index])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Accept if the number is right."""
        if event.value.strip().replace(",", "") == str(len(self._wanted)):
            self.dismiss(self._wanted)
        else:
            self.say("#answer", f"That is not {len(self._wanted)}; nothing was done.", wrong=True)

    @work(thread=True, exclusive=True, group="advice")
    def _look(self) -> None:
        try:
            found = self._advise()
        except StoreError as error:
            self.app.call_from_thread(self._fail, str(error))
            return
        self.app.call_from_thread(self._show, found)

    def _fail(self, sentence: str) -> None:
        self.reading = False
        if self.is_attached:
            self.say("#count", sentence, wrong=True)

    def _show(self, found: Mapping[int, AdviceRow]) -> None:
        self.reading = False
        if not self.is_attached:
            return
        rows = [found[id_] for id_ in self._choice.ids if id_ in found]
        self._wanted = {row.id: row.best.address for row in rows if row.best is not None}
        taken = [row for row in rows if row.best is not None]
        left = [row for row in rows if row.best is None]
        silent = len(self._choice.ids) - len(rows)
        count = f"{len(taken):,} of {len(self._choice.ids):,} have a suggestion that can be accepted"
        self.say("#count", f"{count} · {self._choice.scope}")
        lines = [*map(_taken_line, taken[:_SHOWN]), *map(_left_line, left[:_SHOWN])]
        for more, sentence in (
            (len(taken) - _SHOWN, "more are corrected in the same way."),
            (len(left) - _SHOWN, "more are left alone."),
            (
                silent,
                "are left alone: no better address is known."
                if silent > 1
                else "is left alone: no better address is known.",
            ),
        ):
            if more > 0:
                lines.append((f"  {more:,} {sentence}", ""))
        self._told = [why for _, why in lines]
        options = self.query_one(Options)
        options.add_options([Option(Content(cut(text, _CELLS))) for text, _ in lines])
        options.highlighted = 0 if lines else None
        self._ask()

    def _ask(self) -> None:
        """Say what Enter does now; a large number has to be typed."""
        count = len(self._wanted)
        if not count:
            self.say("#answer", "Nothing can be accepted here; f asks for an address.", wrong=True)
        elif count > TYPED_ABOVE:
            self.say("#answer", f"These are many addresses. Type {count} to go on:")
            field = Line(name="number", digits=True)
            self.mount(field, after=self.query_one("#answer", Static))
            self.call_after_refresh(field.focus)
        else:
            self.say("#answer", "A block stays with the old address. u takes it back.")


def _taken_line(row: AdviceRow) -> tuple[str, str]:
    assert row.best is not None
    return f"{row.address} {ARROW} {short(row.address, row.best.address)}", choice_words(row.best)


def _left_line(row: AdviceRow) -> tuple[str, str]:
    return f"✗ {row.address}: {row.refusal}", row.refusal
