"""Asking before something is done to many rows, or before something is lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from tui.actions import TYPED_ABOVE, Action
from tui.dialogs.dialog import Dialog, Line, words
from tui.messages import Choice


class Confirm(Dialog[bool]):
    """Asks one question; True means yes.

    Args:
        heading: the question.
        lines: what it is about, the most important first.
        number: a number that has to be typed; 0: y or Enter is enough.
        word: a word that has to be typed instead.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,Y", "yes", "Yes", show=False),
        Binding("n,N", "leave", "No", show=False),
        Binding("enter", "yes", "Yes", show=False),
    ]

    def __init__(self, heading: str, lines: Iterable[str], number: int = 0, *, word: str = "") -> None:
        super().__init__()
        self.heading = heading
        self.keys = "Enter accept · Esc leave" if number or word else "y or Enter yes · n or Esc no"
        self._lines = tuple(line for line in lines if line)
        self._typed = word or (str(number) if number else "")
        self._many = bool(number)

    def body(self) -> Iterable[Widget]:
        """Return the lines, and the field for what has to be typed."""
        first, *more = self._lines
        yield words(first, classes="first")
        for line in more:
            yield words(line)
        if self._typed:
            many = "These are many rows. " if self._many else ""
            yield words(f"{many}Type {self._typed} to go on:", classes="gap")
            yield Line(name="number", digits=self._many)
            yield words("", name="answer")

    def action_yes(self) -> None:
        """Say yes."""
        if not self._typed:
            self.dismiss(True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Say yes if what was typed is right."""
        typed = event.value.strip().replace(",", "").lower()
        if typed == self._typed:
            self.dismiss(True)
        else:
            self.say("#answer", f"That is not {self._typed}; nothing was done.", wrong=True)


def confirm_rows(action: Action, choice: Choice) -> Confirm:
    """Return the question before ``action`` is done to the rows of ``choice``."""
    count = len(choice.ids)
    first = f"{count:,} of {choice.shown:,} shown · {action.done} · {choice.scope}"
    people = f"{count:,} recipient{'' if count == 1 else 's'}"
    return Confirm(
        action.question.format(n=people),
        (first, action.warning, "u takes it back."),
        count if count > TYPED_ABOVE else 0,
    )
