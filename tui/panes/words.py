"""Lines under a table that tell all of the row under the cursor, which the table has no room for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from tui.messages import WordsChanged
from tui.panes.pane import TablePane
from tui.present.history import Line
from tui.widgets.text_lines import TextLines


class Words(TextLines, can_focus=False):
    """The lines that tell of the row under the cursor."""

    DEFAULT_CSS = "Words { height: 4; width: 1fr; background: $surface; }"


class ToldPane(TablePane):
    """A table with :class:`Words` under it."""

    def lines(self, row: Any, cells: int) -> Sequence[Line]:
        """Return what is told of a row of the table, in lines of at most ``cells`` cells."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Tell of the row under the cursor whenever that is another one."""
        self.table.on_cursor = lambda position, row_id: self.tell()

    def on_words_changed(self, event: WordsChanged) -> None:
        """Tell of it anew: it may have changed."""
        self.tell()

    def tell(self) -> None:
        """Tell of the row under the cursor as it is now."""
        row = self.table.current
        self.query_one(Words).show((lambda cells: ()) if row is None else partial(self.lines, row))
