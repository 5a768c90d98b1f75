"""Choosing from a short list with the keys of the tables."""

from __future__ import annotations

from textual.binding import Binding, BindingType
from textual.widgets import OptionList

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
