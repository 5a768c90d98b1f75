"""Marks on all rows, when the rows are read again: they stay on the rows that were there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from store.asking import Selection
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import Row

MOST = 100_000
"""Rows whose marks can be held one by one without being felt; marks on more rows are taken off."""
TAKEN_OFF = "The marks on all rows were taken off: the rows were read again, and others may be among them."


class Resolving(Protocol):
    """What knows the ids of its rows in order: the snapshots that long tables are read from."""

    def resolve(self, selection: Selection) -> list[int]:
        """Return the marked ids that are here."""
        ...


def hold_marks(table: BigTable, shown: Resolving) -> str | None:
    """Turn marks on all rows of a snapshot into marks on each of them; call it before another snapshot is shown.

    Returns:
        What to tell the operator; None: nothing.
    """
    if not table.selection.inverted:
        return None
    if table.total > MOST:
        table.mark_only(())
        return TAKEN_OFF
    table.mark_only(shown.resolve(table.selection))
    return None


def keep_marks(table: BigTable, rows: Sequence[Row]) -> None:
    """Keep the marks of those rows that are shown and stay; call it before ``rows`` are shown in their place."""
    if table.marked:
        marks = table.selection
        stay = {row.id for row in rows}
        shown = (row.id for row in table.source.page(0, table.total))
        table.mark_only(id_ for id_ in shown if id_ in stay and (id_ in marks.ids) != marks.inverted)
