"""The line at the bottom into which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class SearchLine(Input):
    """A line that tells every change; Enter keeps what was typed, Esc goes back to what was there before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Back", show=False),
        Binding("down,tab", "keep", "Keep", show=False),
    ]

    class Typed(Message):
        """Posted when the text changed."""

        def __init__(self, text: str, excluding: bool) -> None:
            super().__init__()
            self.text = text
            self.excluding = excluding

    class Left(Message):
        """Posted when the line is closed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id, select_on_focus=False, compact=True)
        self.cursor_blink = False
        self.display = False
        self._excluding = False
        self._before = ""

    def open(self, text: str, *, excluding: bool = False, hint: str = "name, address or company") -> None:
        """Show the line with ``text`` in it and take the keys; ``hint`` says what is looked for."""
        self._excluding = excluding
        self._before = text
        self.placeholder = (
            "words to leave out · Enter keeps them, Esc takes them back"
            if excluding
            else f"{hint} · Enter keeps the filter, Esc takes it back"
        )
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.focus()

    def action_keep(self) -> None:
        """Close the line; what was typed stays."""
        self.display = False
        self.post_message(self.Left())

    def action_give_up(self) -> None:
        """Close the line; what was there before comes back."""
        if self.value != self._before:
            self.post_message(self.Typed(self._before, self._excluding))
        self.action_keep()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell what is typed."""
        event.stop()
        if self.display:
            self.post_message(self.Typed(event.value, self._excluding))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was typed."""
        event.stop()
        self.action_keep()
