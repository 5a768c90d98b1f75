"""Choosing what the rows shown shall have in common with this one."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from store.asking import RecipientFilter
from store.rows import RecipientRow
from tui.dialogs.dialog import Dialog, shown, words
from tui.dialogs.picking import Options
from tui.present.likeness import likenesses


class OnlyAlike(Dialog[RecipientFilter]):
    """Asks by which property of a row the others are narrowed down; the result is the new filter."""

    heading = "Show only rows with the same…"
    keys = "Enter show only these · Esc leave"

    def __init__(self, row: RecipientRow, shown: RecipientFilter) -> None:
        super().__init__()
        self._row = row
        self._found = likenesses(row, shown)

    def body(self) -> Iterable[Widget]:
        """Return the properties."""
        yield words(self._row.name or self._row.address, classes="first")
        options = [shown(f"{'[x]' if like.asked else '[ ]'} {like.name:<12} {like.value}") for like in self._found]
        yield Options(*map(Option, options), id="alike", compact=True)
        yield words("One with [x] is asked for already; Enter takes it off the filter.")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the filter with this property."""
        self.dismiss(self._found[event.option_index].filter)
