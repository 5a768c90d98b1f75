"""Choosing the order of a pane."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from store.asking import Sort
from tui.dialogs.dialog import Dialog
from tui.dialogs.picking import Options

COLUMNS: dict[str, str] = {
    "plan": "order of the recipient list",
    "name": "name",
    "address": "address",
    "company": "company",
    "state": "state",
    "reason": "reason of the bounce",
    "responsible": "responsible person",
    "sent": "time sent",
    "bounced": "time bounced",
    "opened": "time opened",
    "clicked": "time clicked",
}
"""What one can sort recipients by, with the words for people."""


class ChooseSort(Dialog[Sort]):
    """Asks for the column to sort by; choosing the present one turns the order round.

    Args:
        sort: the present order.
        columns: what one can sort by, with the words for people.
    """

    heading = "Sort by"
    keys = "Enter sort, again reverse · Esc leave"

    def __init__(self, sort: Sort, columns: Mapping[str, str] = COLUMNS) -> None:
        super().__init__()
        self._sort = sort
        self._columns = columns

    def body(self) -> Iterable[Widget]:
        """Return the columns."""
        yield Options(*(Option(Content(self._words(key)), key) for key in self._columns), id="columns", compact=True)

    def on_mount(self) -> None:
        """Put the cursor on the present column."""
        self.query_one(Options).highlighted = list(self._columns).index(self._sort.column)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the column."""
        column = event.option.id or self._sort.column
        self.dismiss(Sort(column, column == self._sort.column and not self._sort.reverse))

    def _words(self, key: str) -> str:
        if key != self._sort.column:
            return f"  {self._columns[key]}"
        return f"{'▼' if self._sort.reverse else '▲'} {self._columns[key]}"
