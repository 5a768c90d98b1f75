"""The pane of the lists and segments."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.message import Message
from textual.widget import Widget

from store.asking import RecipientFilter
from store.database import Store
from store.errors import StoreError
from store.queries.lists import list_lists
from store.queries.recipients import count, ids_of
from store.queries.segments import list_segments
from store.rows import ListRow, SegmentRow
from tui.actions import Context, Pane
from tui.inquiries import CheckRequested
from tui.keys import bindings
from tui.messages import Choice, ExportRequested, Failed, ListOpened, ListsRequested
from tui.panes.reading import Found, ReadPane
from tui.panes.words import ToldPane, Words
from tui.present.history import Line
from tui.present.lists import LIST_COLUMNS, ListLine, Shelved, kind_word, list_line, shelf_lines
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows, Row
from tui.widgets.table_message import Opened

_VERBS = frozenset({"union", "minus", "intersect", "split", "rename", "note", "delete-list", "reload", "add"})


class Fitting(Message):
    """Posted by the counting thread: so many recipients fit a segment; the last one has no segment."""

    def __init__(self, segment_id: int | None, number: int = 0) -> None:
        super().__init__()
        self.segment_id = segment_id
        self.number = number


class ListsPane(ToldPane, ReadPane):
    """Selections, projects, reminders and the other lists, and segments with the recipients who fit them now.

    Segments are counted one after the other in a thread; a change meanwhile has them counted once more at the end.
    """

    kind: ClassVar[Pane] = "lists"
    scopes = frozenset({"lists"})
    BINDINGS = bindings("lists")

    def __init__(self) -> None:
        super().__init__()
        self._fitting: dict[int, int] = {}
        self._counting = False
        self._again = False

    def compose(self) -> Iterable[Widget]:
        """Draw the table, and the lines about the list under the cursor."""
        empty = "No list yet: r on a campaign makes a reminder list, l adds rows to a list, w saves a filter."
        yield BigTable(LIST_COLUMNS, empty=empty)
        yield Words()

    def rows(self, store: Store) -> Sequence[Row]:
        """Read the lists and the segments, the newest first."""
        rows: list[Shelved] = [*list_lists(store), *list_segments(store)]
        rows.sort(key=lambda row: row.created_at, reverse=True)
        return [list_line(row, self._fitting.get(row.id)) for row in rows]

    def lines(self, row: ListLine, cells: int) -> Sequence[Line]:
        """Return all of a list or a segment."""
        return shelf_lines(row, cells)

    def context(self) -> Context:
        """Return what an action would act on now."""
        line = self.table.current
        row = line.row if isinstance(line, ListLine) else None
        return replace(
            super().context(),
            members_of=row if isinstance(row, ListRow) else None,
            segment=row if isinstance(row, SegmentRow) else None,
        )

    async def act(self, verb: str) -> None:
        """Ask for what is done with lists; the rest as other tables do."""
        if verb in _VERBS:
            self.post_message(ListsRequested(verb, tuple(self._chosen()), self.seen))
        else:
            await super().act(verb)

    async def do_export(self) -> None:
        """Ask for the members of the list under the cursor, or who fits the segment, to be written to a file."""
        line = self.table.current
        row = line.row if isinstance(line, ListLine) else None
        asked = RecipientFilter(list_id=row.id) if isinstance(row, ListRow) else row.filter if row else None
        if row is not None and asked is not None:
            ids = tuple(await asyncio.to_thread(ids_of, self.desk.store, asked))
            words = f"{kind_word(row)} {row.name}"
            self.post_message(ExportRequested(Choice(ids, len(ids), words), asked=asked, members_of=words))

    def do_check(self) -> None:
        """Ask for a message to be checked for the people of the list or segment under the cursor."""
        from store.outbox.whom import Whom
        from store.queries.segments import source_of

        line = self.table.current
        if isinstance(line, ListLine):
            whom = Whom(source_of(line.row), words=f"{kind_word(line.row)} {line.row.name}")
            self.post_message(CheckRequested(whom))

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the members."""
        event.stop()
        line = self.table.current
        if isinstance(line, ListLine):
            self.post_message(ListOpened(line.row))

    def on_found(self, event: Found) -> None:
        """Show the rows, and count who fits the segments."""
        event.prevent_default()
        super().on_found(event)
        self._count()

    def on_fitting(self, event: Fitting) -> None:
        """Show how many fit a segment."""
        event.stop()
        if event.segment_id is not None:
            self._fitting[event.segment_id] = event.number
            self._show(-event.segment_id, event.number)
            return
        self._counting = False
        if self._again:
            self._count()

    def _chosen(self) -> list[Shelved]:
        """Return the marked rows in the order of the table, the one under the cursor first if it is marked; else it."""
        lines = self._lines()
        marks, at = self.table.selection, self.table.cursor_id
        if not self.table.marked:
            return [line.row for line in lines if line.id == at]
        marked = [line for line in lines if (line.id in marks.ids) != marks.inverted]
        return [line.row for line in sorted(marked, key=lambda line: line.id != at)]

    def _lines(self) -> list[ListLine]:
        return [line for line in self.table.source.page(0, self.table.total) if isinstance(line, ListLine)]

    def _show(self, line_id: int, people: int) -> None:
        """Put a number into its line; nothing else moves."""
        lines = [replace(line, people=people) if line.id == line_id else line for line in self._lines()]
        table = self.table
        table.set_source(ListedRows(lines), position=table.cursor_row, keep_marks=True)

    def _count(self) -> None:
        self._again = self._counting
        segments = [line.row for line in self._lines() if isinstance(line.row, SegmentRow)]
        if segments and not self._counting:
            self._counting = True
            self.run_worker(partial(self._count_each, segments), thread=True, group="fitting")

    def _count_each(self, segments: Sequence[SegmentRow]) -> None:
        try:
            for row in segments:
                if not self.is_attached:
                    return
                if row.filter is not None:
                    self.post_message(Fitting(row.id, count(self.desk.store, row.filter)))
        except StoreError as error:
            self.post_message(Failed(str(error)))
        finally:
            self.post_message(Fitting(None))

    def _stirred(self, scopes: frozenset[str]) -> None:
        if "lists" in scopes:
            self.do_refresh()
        elif scopes & {"recipients", "addresses"}:
            self._count()
