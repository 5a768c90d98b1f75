"""Choosing from a short list, with the keys of the tables or by typing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.dialogs.dialog import Dialog, Line, shown, words

T = TypeVar("T")

_STEPS: list[BindingType] = [
    Binding("j", "cursor_down", "Down", show=False),
    Binding("k", "cursor_up", "Up", show=False),
    Binding("g", "first", "First", show=False),
    Binding("G", "last", "Last", show=False),
]


class Options(OptionList):
    """A list of options that j, k, g and G walk too."""

    BINDINGS = _STEPS

    def step(self, step: int) -> None:
        """Move on, round the ends, for a dialog whose field keeps the keys."""
        if self.option_count:
            self.highlighted = ((self.highlighted or 0) + step) % self.option_count


class Offering(Dialog[T], Generic[T]):
    """Asks for one of some things: typing narrows them down, Enter takes the one under the cursor.

    Args:
        first: what it is for.
        hint: what stands in the field until something is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Down", show=False, priority=True),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
    ]
    none: ClassVar[str]
    """What is said when nothing is offered."""

    otherwise: ClassVar[str]
    """What is said when Enter is pressed all the same."""

    def __init__(self, first: str, hint: str) -> None:
        super().__init__()
        self._first = first
        self._hint = hint
        self._offered: Sequence[T] = ()

    def offers(self, text: str) -> Sequence[tuple[str, T]]:
        """Return the line and the value of each thing that fits what was typed, without needless blanks."""
        raise NotImplementedError

    def body(self) -> Iterable[Widget]:
        """Return the field and what is offered."""
        yield words(self._first, classes="first")
        yield Line(name="wanted", placeholder=self._hint)
        yield Options(id="offered", compact=True)
        yield words("", name="answer")

    def on_mount(self) -> None:
        """Offer all; the field keeps the keys."""
        self.query_one(Options).can_focus = False
        self._offer("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow down."""
        self._offer(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what is under the cursor."""
        at = self.query_one(Options).highlighted
        if at is None or not self._offered:
            self.say("#answer", self.otherwise, wrong=True)
        else:
            self.dismiss(self._offered[at])

    def action_step(self, step: int) -> None:
        """Move in what is offered while the field keeps the keys."""
        self.query_one(Options).step(step)

    def _offer(self, text: str) -> None:
        found = self.offers(" ".join(text.split()))
        self._offered = [value for _, value in found]
        options = self.query_one(Options)
        options.clear_options()
        options.add_options([Option(shown(line)) for line, _ in found])
        options.highlighted = 0 if found else None
        self.say("#answer", "" if found else self.none)
