"""What panes share that show a snapshot of the store and narrow it down by words as they are typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

from textual.message import Message
from textual.timer import Timer

from store.asking import Selection, Sort
from store.database import Store
from store.exports.fields import Field
from store.queries.snapshot import Snapshot, streamed
from store.seen import seen_now
from tui.inquiries import TableExportRequested
from tui.messages import Told, WordsChanged
from tui.panes.holding import hold_marks
from tui.panes.pane import TablePane
from tui.panes.search_line import SearchLine
from tui.panes.taking import Taker
from tui.widgets.table_message import MarksChanged, RangeRequested

_TYPING_S = 0.12

Build = Callable[[Any], object]
"""Fills a new snapshot; called in a thread with the snapshot."""


class Taken(Message):
    """Posted by a thread: the snapshot that was asked for; whoever takes it closes it."""

    def __init__(self, number: int, view: Snapshot) -> None:
        super().__init__()
        self.number = number
        self.view = view


class SearchedPane(TablePane):
    """A table over a snapshot; the newest wish interrupts the one under way.

    Attributes:
        text: the words that are looked for.
        view: the snapshot that is shown; None until there is one.
    """

    snapshot: ClassVar[type[Snapshot]]
    scopes: ClassVar[frozenset[str]]
    hint: ClassVar[str]
    """What stands in the search line until something is typed."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.view: Snapshot | None = None
        self._taker: Taker[Snapshot] = Taker(self)
        self._typing: Timer | None = None

    def build(self) -> Build:
        """Return what fills a snapshot as it is wished for now."""
        raise NotImplementedError

    def empty(self) -> str:
        """Return what stands in place of rows when there are none."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Read, and listen to changes."""
        self.do_refresh()
        self.desk.stirred.subscribe(self, self._stirred)

    def on_unmount(self) -> None:
        """Let go of the snapshots."""
        self._taker.stop()
        if self.view is not None:
            self.view.close()

    @property
    def busy(self) -> bool:
        """Whether other rows are still on their way."""
        return self._typing is not None or self._taker.busy

    def do_refresh(self) -> None:
        """Take a new snapshot; cursor and marks stay on their rows."""
        build = self.build()

        def fill(view: Snapshot, number: int) -> Taken:
            build(view)
            return Taken(number, view)

        self._taker.take(self.desk.store, self.snapshot, fill)

    def do_filter(self) -> None:
        """Open the line for words that must occur."""
        self.query_one(SearchLine).open(self.text, hint=self.hint)

    def do_back(self) -> None:
        """Take off the marks, else the words, else leave the pane."""
        if self.table.clear_marks():
            return
        if self.text:
            self.search("")
        else:
            super().do_back()

    def search(self, text: str) -> None:
        """Show the rows that have these words; marks go, since other rows are shown."""
        if text != self.text:
            self.text = text
            self.release_marks()
            self.do_refresh()

    def release_marks(self) -> None:
        """Take all marks off."""
        while self.table.clear_marks():
            pass

    async def marked_ids(self) -> tuple[int, ...]:
        """Return the ids of the marked rows, else of the one under the cursor."""
        table, view = self.table, self.view
        if not table.marked:
            return () if table.cursor_id is None else (table.cursor_id,)
        if view is None:
            return tuple(sorted(table.selection.ids))
        return tuple(await asyncio.to_thread(view.resolve, table.selection))

    def ask_for_file(
        self,
        noun: str,
        scope: str,
        fields: Sequence[Field],
        fill: Build,
        *,
        count: int | None = None,
        sort: Sort | None = None,
    ) -> None:
        """Ask for the marked rows, or all that are shown, to be written to a file.

        Args:
            noun: what the rows are, as a plural.
            scope: which rows, for people.
            fields: the columns of the file.
            fill: fills the snapshot that is written.
            count: how many rows it holds, where the table shows others.
            sort: their order; None where they have one of their own.
        """
        table = self.table
        chosen = bool(table.marked)
        marks = table.selection if chosen else Selection(inverted=True)
        count = table.marked or (table.total if count is None else count)
        read = partial(_read, self.snapshot, fill, marks)
        self.post_message(TableExportRequested(noun, scope, count, read, fields, chosen=chosen, sort=sort))

    def on_search_line_typed(self, event: SearchLine.Typed) -> None:
        """Search a moment after the last key."""
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPING_S, partial(self._typed, event.text))

    def on_search_line_left(self, event: SearchLine.Left) -> None:
        """Give the keys back to the table."""
        event.stop()
        self.table.focus()

    def on_big_table_marks_changed(self, event: MarksChanged) -> None:
        """Count the marks anew."""
        event.stop()
        self.post_message(WordsChanged())

    def on_big_table_range_requested(self, event: RangeRequested) -> None:
        """Mark a long range."""
        event.stop()
        if self.view is not None:
            self.table.mark_ids(self.view.ids_between(event.first, event.last))

    def on_taken(self, event: Taken) -> None:
        """Show the new snapshot; the cursor stays on its row."""
        event.stop()
        if not self._taker.accept(event):
            return
        old, self.view = self.view, event.view
        told = None if old is None else hold_marks(self.table, old)
        if told:
            self.post_message(Told(told))
        self.table.set_empty(self.empty())
        self.show(event.view)
        self.saw(self._taker.seen)
        if old is not None:
            old.close()
        self.post_message(WordsChanged())

    def show(self, view: Any) -> None:
        """Show the rows of a snapshot; cursor and marks stay on their rows."""
        self.table.set_source(view, keep_id=self.table.cursor_id, keep_marks=True)

    def _typed(self, text: str) -> None:
        self._typing = None
        self.search(text.strip())

    def _stirred(self, scopes: frozenset[str]) -> None:
        """Show the newest state of the rows; which rows there are stays until the snapshot is taken again."""
        if self.view is not None and scopes & self.scopes:
            seen = seen_now(self.desk.store)
            self.table.renew()
            self.saw(seen, anew=False)
            self.post_message(WordsChanged())


def _read(snapshot: Any, fill: Build, marks: Selection, store: Store) -> Iterator[Any]:
    """Yield the marked rows of a new snapshot."""
    return (row for row in streamed(snapshot(store), fill) if (row.id in marks.ids) != marks.inverted)
