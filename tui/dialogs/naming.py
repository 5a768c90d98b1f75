"""Asking for one line of text: the name of a list, a note."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import Input

from tui.dialogs.dialog import Dialog, Line, words


class AskText(Dialog[str]):
    """Asks for a text.

    Args:
        heading: the question.
        lines: what it is about, the most important first.
        value: what stands in the line at first.
        placeholder: what stands there while it is empty.
        needed: what is said when the line is empty; "": that is allowed.
    """

    def __init__(
        self, heading: str, lines: Iterable[str], value: str = "", *, placeholder: str = "", needed: str = ""
    ) -> None:
        super().__init__()
        self.heading = heading
        self._lines = tuple(line for line in lines if line)
        self._value = value
        self._placeholder = placeholder
        self._needed = needed

    def body(self) -> Iterable[Widget]:
        """Return the lines and the field."""
        first, *more = self._lines
        yield words(first, classes="first")
        for line in more:
            yield words(line)
        yield Line(self._value, name="text", placeholder=self._placeholder)
        yield words("", name="answer")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take back what was said of an empty line."""
        self.say("#answer", "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the text."""
        text = " ".join(event.value.split())
        if not text and self._needed:
            self.say("#answer", self._needed, wrong=True)
        else:
            self.dismiss(text)
