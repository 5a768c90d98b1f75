"""A table of a million rows that holds none of them: it draws what its source gives for the lines in sight.

Keys are not bound here: the registry of actions binds them to the ``action_`` methods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from textual import events
from textual.actions import SkipAction
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from store.asking import Selection
from tui.present.columns import Column
from tui.widgets import table_message
from tui.widgets.looks import ground_of, palette_for
from tui.widgets.marks import Marks
from tui.widgets.row_painter import RowPainter
from tui.widgets.row_window import ListedRows, Row, RowSource, RowWindow, position_in
from tui.widgets.viewport import Viewport

RANGE_READ_HERE = 1024
"""Rows of a range up to which the table reads the ids itself; longer ranges are asked for."""


class BigTable(Widget, can_focus=True):
    """Rows under a heading, with a cursor row, a cursor column, marks and ranges.

        It is not a ``ScrollView``: that one brings bindings, scroll bars and two reactive offsets, which cost bytes and
    frames on every step; the first row in sight is a plain number here (:class:`Viewport`).

    Attributes:
        on_cursor: called at once with (position, id or None) whenever the cursor stands on another row; what must be
            painted in the same frame (a status line) belongs here, everything else to :class:`CursorMoved`.
    """

    DEFAULT_CSS = "BigTable { height: 1fr; width: 1fr; }"
    ALLOW_SELECT = False

    CursorMoved = table_message.CursorMoved
    Opened = table_message.Opened
    MarksChanged = table_message.MarksChanged
    RangeRequested = table_message.RangeRequested
    LikeRequested = table_message.LikeRequested

    def __init__(
        self,
        columns: Sequence[Column[Any]],
        source: RowSource | None = None,
        *,
        empty: str = "Nothing here.",
        id: str | None = None,  # noqa: A002  (Textual's name)
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.on_cursor: Callable[[int, int | None], None] | None = None
        self._columns: tuple[Column[Any], ...] = tuple(columns)
        self._window = RowWindow(source or ListedRows())
        self._view = Viewport()
        self._view.place(0, self._window.source.total)
        self._marks = Marks()
        self._column = 0
        self._sort: tuple[str, bool] | None = None
        self._empty = empty
        self._painter: RowPainter | None = None

    @property
    def source(self) -> RowSource:
        """Where the rows come from."""
        return self._window.source

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self._view.total

    @property
    def cursor_row(self) -> int:
        """Position of the cursor in the source, from 0."""
        return self._view.cursor

    @property
    def current(self) -> Row | None:
        """The row under the cursor; None if there are no rows."""
        return self._window.row(self._view.cursor)

    @property
    def cursor_id(self) -> int | None:
        """Id of the row under the cursor; None if there are no rows."""
        row = self.current
        return None if row is None else row.id

    @property
    def current_column(self) -> Column[Any]:
        """The column under the column cursor; the first one in sight if the terminal grew too narrow for it."""
        shown = self._columns_shown()
        return self._columns[self._column if self._column in shown or not shown else shown[0]]

    @property
    def selection(self) -> Selection:
        """The marked rows, as the store takes them; empty if none is marked."""
        return self._marks.selection()

    @property
    def marked(self) -> int:
        """How many rows are marked."""
        return self._marks.count(self.total)

    @property
    def in_range(self) -> bool:
        """Whether a range is under way."""
        return self._marks.in_range

    def visible_rows(self) -> list[Row]:
        """Return the rows on the screen, top to bottom (for reading them again)."""
        return self._window.rows(self._view.top, self._view.last)

    def set_source(
        self,
        source: RowSource,
        *,
        keep_id: int | None = None,
        position: int | None = None,
        keep_marks: bool = False,
    ) -> None:
        """Show other rows.

        Args:
            source: the rows.
            keep_id: the row on which the cursor shall stand; it is looked for with ``source.position(id)`` if the
                source has that, unless ``position`` is given.
            position: where the cursor goes, cut to the rows there are; None: where ``keep_id`` is, else to the top.
            keep_marks: keep the marks (the same rows in another order); a range under way always ends.
        """
        if position is None and keep_id is not None:
            position = position_in(source, keep_id)
        self._window = RowWindow(source)
        self._view.place(position or 0, source.total)
        self._marks.leave_range()
        if not keep_marks and self._marks.any():
            self._marks.clear()
            self._marks_changed()
        self.refresh()
        self._cursor_moved()

    def reload(self) -> None:
        """Read the rows in sight again from the same source and draw them."""
        self._window.forget()
        self._view.place(self._view.cursor, self.source.total)
        self._refresh_rows()

    def renew(self) -> None:
        """Read the rows again from the same source; only lines in sight that changed are drawn."""
        old = self.visible_rows()
        self._window.forget()
        for line, (before, row) in enumerate(zip(old, self.visible_rows(), strict=False)):
            if row != before:
                self._refresh_position(self._view.top + line)

    def held_ids(self) -> list[int]:
        """Return the ids of the rows in sight and near it; the others are read again when they come into sight."""
        return self._window.keep(self._view.top, self._view.last)

    def replace_rows(self, rows: Mapping[int, Row]) -> int:
        """Put newer rows (id -> row) in place of those shown; only changed lines are drawn. Return how many changed."""
        changed = self._window.replace(rows)
        for line, row in enumerate(self.visible_rows() if changed else ()):
            if row.id in changed:
                self._refresh_position(self._view.top + line)
        return len(changed)

    def set_columns(self, columns: Sequence[Column[Any]]) -> None:
        """Show other columns."""
        self._columns = tuple(columns)
        self._column = 0
        self._painter = None
        self.refresh()

    def show_sort(self, column: str | None, reverse: bool = False) -> None:
        """Show the arrow of the order in the heading of a column; None: no arrow."""
        self._sort = None if column is None else (column, reverse)
        self._refresh_header()

    def set_empty(self, text: str) -> None:
        """Set what stands in place of rows when there are none."""
        self._empty = text
        if not self.total:
            self.refresh()

    def move_cursor(self, position: int) -> None:
        """Put the cursor on a row (cut to the rows there are); past the edge the rows scroll by half a page."""
        self._move(lambda view: view.step_to(position))

    def show_id(self, row_id: int) -> bool:
        """Put the cursor on a row by its id, if the source can find it; return whether it did."""
        position = position_in(self.source, row_id)
        if position is None:
            return False
        self.move_cursor(position)
        return True

    def mark_ids(self, ids: Iterable[int], marked: bool = True) -> None:
        """Mark rows by id, or take their marks away."""
        self._marks.set(ids, marked)
        self._refresh_rows()
        self._marks_changed()

    def mark_only(self, ids: Iterable[int]) -> None:
        """Mark these rows by id, and no others."""
        self._marks.clear()
        self.mark_ids(ids)

    def clear_marks(self) -> bool:
        """End the range under way, or else take all marks away; return False if there was neither."""
        if self._marks.in_range:
            self._marks.leave_range()
        elif self._marks.any():
            self._marks.clear()
            self._marks_changed()
        else:
            return False
        self._refresh_rows()
        return True

    def action_cursor_down(self) -> None:
        """Move the cursor one row down."""
        self.move_cursor(self.cursor_row + 1)

    def action_cursor_up(self) -> None:
        """Move the cursor one row up."""
        self.move_cursor(self.cursor_row - 1)

    def action_page_down(self) -> None:
        """Move the cursor and the rows one page down."""
        self._move(lambda view: view.turn(view.lines))

    def action_page_up(self) -> None:
        """Move the cursor and the rows one page up."""
        self._move(lambda view: view.turn(-view.lines))

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self.move_cursor(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self.move_cursor(self.total - 1)

    def action_column_left(self) -> None:
        """Move the column cursor to the column on the left."""
        self._step_column(-1)

    def action_column_right(self) -> None:
        """Move the column cursor to the column on the right."""
        self._step_column(1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if (row_id := self.cursor_id) is not None:
            self.post_message(self.Opened(self, row_id))

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and step down."""
        if (row_id := self.cursor_id) is None:
            return
        self._marks.set([row_id], row_id not in self._marks)
        self._refresh_position(self.cursor_row)
        self._marks_changed()
        self.move_cursor(self.cursor_row + 1)

    def action_range(self) -> None:
        """Begin a range at the cursor, or mark the rows from its beginning to the cursor."""
        if not self.in_range:
            if self.total:
                self._marks.begin_range(self.cursor_row)
                self._refresh_position(self.cursor_row)
            return
        first, last = self._marks.span(self.cursor_row)
        self._marks.leave_range()
        if last - first < RANGE_READ_HERE:
            self.mark_ids([row.id for row in self._window.rows(first, last)])
        else:
            self._refresh_rows()
            self.post_message(self.RangeRequested(self, first, last))

    def action_mark_all(self) -> None:
        """Mark all rows of the source; if all are marked, take all marks away."""
        if self.total and self.marked == self.total:
            self._marks.clear()
        else:
            self._marks.all()
        self._refresh_rows()
        self._marks_changed()

    def action_mark_like(self) -> None:
        """Ask for all rows whose cell in the current column is like this one."""
        if (row_id := self.cursor_id) is not None:
            self.post_message(self.LikeRequested(self, row_id, self.current_column.key))

    def action_clear_marks(self) -> None:
        """End the range or clear the marks; without either the key goes on to whoever else binds it."""
        if not self.clear_marks():
            raise SkipAction

    def render_line(self, y: int) -> Strip:
        """Return the strip of line ``y``: the heading is line 0."""
        painter = self._painter_now()
        if y == 0:
            active = self.current_column.key if self.has_focus else None
            return painter.header(self._sort, active)
        position = self._view.top + y - 1
        row = self._window.row(position)
        if row is None:
            return painter.message(self._empty) if y == 2 and not self.total else painter.blank()
        cursor = ""
        if position == self.cursor_row:
            cursor = "cursor" if self.has_focus else "cursor-blurred"
        return painter.row(row, self._marks.sign(row.id, position, self.cursor_row), cursor)

    def notify_style_update(self) -> None:
        """Draw everything anew when the theme or the focus changed."""
        super().notify_style_update()
        self._painter = None

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._view.resize(self.size.height - 1)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row clicked; a click on the cursor row opens it."""
        position = self._view.top + event.y - 1
        if event.y < 1 or position >= self.total:
            return
        if position == self.cursor_row:
            self.action_open()
        else:
            self.move_cursor(position)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor by three rows."""
        event.stop()
        self.move_cursor(self.cursor_row + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor by three rows."""
        event.stop()
        self.move_cursor(self.cursor_row - 3)

    def _painter_now(self) -> RowPainter:
        width = self.size.width
        painter = self._painter
        if painter is None or painter.width != width:
            painter = self._painter = RowPainter(self._columns, width, palette_for(self), ground_of(self))
        return painter

    def _move(self, how: Callable[[Viewport], None]) -> None:
        view = self._view
        old, top = view.cursor, view.top
        how(view)
        if view.top != top or (self.in_range and abs(view.cursor - old) > 1):
            self._refresh_rows()
        elif view.cursor != old:
            self._refresh_position(old)
            self._refresh_position(view.cursor)
        if view.cursor != old:
            self._cursor_moved()

    def _columns_shown(self) -> list[int]:
        return [slot.index for slot in self._painter_now().slots] if self.is_mounted else []

    def _step_column(self, step: int) -> None:
        if shown := self._columns_shown():
            at = shown.index(self._column) if self._column in shown else 0
            self._column = shown[max(0, min(at + step, len(shown) - 1))]
            self._refresh_header()

    def _refresh_header(self) -> None:
        self.refresh(Region(0, 0, self.size.width, 1))

    def _refresh_rows(self) -> None:
        self.refresh(Region(0, 1, self.size.width, self._view.lines))

    def _refresh_position(self, position: int) -> None:
        if self._view.sees(position):
            self.refresh(Region(0, position - self._view.top + 1, self.size.width, 1))

    def _cursor_moved(self) -> None:
        row_id = self.cursor_id
        if self.on_cursor is not None:
            self.on_cursor(self.cursor_row, row_id)
        self.post_message(self.CursorMoved(self, self.cursor_row, row_id))

    def _marks_changed(self) -> None:
        self.post_message(self.MarksChanged(self, self.marked, self._marks.inverted))
