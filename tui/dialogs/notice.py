"""A sentence that must be seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.dialogs.dialog import Dialog, words


class Notice(Dialog[None]):
    """Shows a sentence until a key closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space,q", "leave", "Close", show=False)]
    keys = "Enter or Esc close"

    def __init__(self, heading: str, sentence: str) -> None:
        super().__init__()
        self.heading = heading
        self._sentence = sentence

    def body(self) -> Iterable[Widget]:
        """Return the sentence."""
        yield words(self._sentence)
