"""What panes share whose rows are few: they are read in a thread and held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.message import Message
from textual.worker import get_current_worker

from store.database import Store
from store.seen import Seen, seen_now
from tui.messages import WordsChanged
from tui.panes.holding import keep_marks
from tui.panes.pane import TablePane
from tui.widgets.row_window import ListedRows, Row
from tui.widgets.table_message import MarksChanged


class Found(Message):
    """Posted by a reading thread: the rows of the pane, and how far the store had come before."""

    def __init__(self, rows: Sequence[Row], seen: Seen) -> None:
        super().__init__()
        self.rows = rows
        self.seen = seen


class ReadPane(TablePane):
    """A table whose rows are read in a thread and held, since they are few."""

    scopes: ClassVar[frozenset[str]]

    def rows(self, store: Store) -> Sequence[Row]:
        """Read the rows; called in a thread."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Read, and listen to changes."""
        self.do_refresh()
        self.desk.stirred.subscribe(self, self._stirred)

    def do_refresh(self) -> None:
        """Read again."""
        self.fetch(self._read)

    def on_found(self, event: Found) -> None:
        """Show the rows; cursor and marks stay on their rows, and no row is marked that comes new."""
        event.stop()
        keep_marks(self.table, event.rows)
        self.table.set_source(ListedRows(event.rows), keep_id=self.table.cursor_id, keep_marks=True)
        self.saw(event.seen)
        self.post_message(WordsChanged())

    def on_big_table_marks_changed(self, event: MarksChanged) -> None:
        """Count the marks anew."""
        event.stop()
        self.post_message(WordsChanged())

    def _read(self, store: Store) -> None:
        seen = seen_now(store)
        found = Found(self.rows(store), seen)
        if not get_current_worker().is_cancelled:
            self.post_message(found)

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & self.scopes:
            self.do_refresh()
