"""Showing what is meant by a number: a table in front of what asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from store.errors import StoreError
from store.queries.snapshot import Snapshot
from store.queries.view import Interrupted
from tui.dialogs.dialog import Dialog, words
from tui.present.columns import Column
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import RowSource


class ShowRows(Dialog[None]):
    """A table to walk through; nothing is done to its rows.

    Args:
        heading: what it shows.
        columns: the columns.
        look: returns the rows; called in a thread. A snapshot is closed in the end.
        noun: what a row is, and what several are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "table('cursor_down')", "Down", show=False),
        Binding("k,up", "table('cursor_up')", "Up", show=False),
        Binding("g,home", "table('first')", "Top", show=False),
        Binding("G,end", "table('last')", "End", show=False),
        Binding("pagedown,ctrl+f", "table('page_down')", "Page down", show=False),
        Binding("pageup,ctrl+b", "table('page_up')", "Page up", show=False),
        Binding("q", "leave", "Leave", show=False),
    ]
    reading = True
    early = frozenset({"j", "k", "g", "G", "down", "up", "home", "end", "pagedown", "pageup", "ctrl+f", "ctrl+b"})
    keys = "j k PgDn PgUp g G move · Esc back"

    def __init__(
        self, heading: str, columns: Sequence[Column[Any]], look: Callable[[], RowSource], noun: tuple[str, str]
    ) -> None:
        super().__init__()
        self.heading = heading
        self._columns = columns
        self._look = look
        self._noun = noun
        self._source: RowSource | None = None

    def body(self) -> Iterable[Widget]:
        """Return the number of rows and the table."""
        yield words("Reading…", name="answer", classes="first")
        yield BigTable(self._columns, empty="")

    def on_mount(self) -> None:
        """Read in a thread."""
        self.query_one(BigTable).focus()
        self._read()

    def on_unmount(self) -> None:
        """Let go of the snapshot."""
        _close(self._source)

    def action_table(self, move: str) -> None:
        """Move in the table."""
        getattr(self.query_one(BigTable), f"action_{move}")()

    @work(thread=True, exclusive=True, group="rows")
    def _read(self) -> None:
        try:
            source = self._look()
        except Interrupted:
            return
        except StoreError as error:
            self.app.call_from_thread(self._sentence, str(error))
            return
        self.app.call_from_thread(self._show, source)

    def _sentence(self, sentence: str) -> None:
        self.reading = False
        if self.is_attached:
            self.say("#answer", sentence, wrong=True)

    def _show(self, source: RowSource) -> None:
        self.reading = False
        if not self.is_attached:
            _close(source)
            return
        self._source = source
        self.query_one(BigTable).set_source(source)
        self.say("#answer", f"{source.total:,} {self._noun[source.total != 1]}")


def _close(source: RowSource | None) -> None:
    if isinstance(source, Snapshot):
        source.close()
