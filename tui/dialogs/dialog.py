"""What all dialogs share: a box in the middle, a heading, a line that tells the keys, and Esc that always leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.present.cells import ELLIPSIS

T = TypeVar("T")

_LONGEST = 2_000


class Dialog(ModalScreen[T | None], Generic[T]):
    """A dialog; its result is a value of its own type, or None when the operator left it.

    A dialog gives :meth:`body` its widgets, ``heading`` its title and ``keys`` the line at the bottom.

    Attributes:
        reading: whether what some of its keys mean is still being read or counted; ``early``: which keys these are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave", show=False)]

    heading = ""
    keys = "Enter accept · Esc leave"
    reading = False
    early: ClassVar[frozenset[str]] = frozenset()

    def compose(self) -> ComposeResult:
        """Draw the frame around :meth:`body`."""
        with Vertical(id="dialog") as box:
            box.border_title = shown(self.heading)
            box.border_subtitle = Content(self.keys)
            yield from self.body()

    def body(self) -> Iterable[Widget]:
        """Return the widgets inside the frame."""
        return ()

    def awaits(self, key: str) -> bool:
        """Tell whether ``key`` means what is still being read, so that it has to wait (:mod:`tui.typeahead`)."""
        typed = isinstance(self.focused, Input) and (len(key) == 1 or key == "space")
        return self.reading and key in self.early and not typed

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def say(self, selector: str, sentence: str, *, wrong: bool = False) -> None:
        """Write ``sentence`` into the line ``selector``; ``wrong`` shows it as an error."""
        line = self.query_one(selector, Static)
        line.update(shown(sentence))
        line.set_class(wrong, "wrong")


def shown(text: str) -> Content:
    """Return plain text to draw; of a very long one (a name can be a megabyte) only the beginning."""
    return Content(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}{ELLIPSIS}")


def words(sentence: str, *, name: str | None = None, classes: str = "") -> Static:
    """Return a line or paragraph of plain text with the widget id ``name``."""
    return Static(shown(sentence), id=name, classes=classes)


class Line(Input):
    """A line to type in: no blinking cursor, no suggestions, Esc left to the dialog."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, value: str = "", *, name: str, placeholder: str = "", digits: bool = False) -> None:
        super().__init__(
            value[:_LONGEST],
            placeholder=placeholder,
            id=name,
            type="integer" if digits else "text",
            select_on_focus=False,
            compact=True,
        )
        self.cursor_blink = False
