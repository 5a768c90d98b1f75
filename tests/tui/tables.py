"""A table of any number of made-up rows in an app of its own, for tests of widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual.app import App, ComposeResult
from textual.filter import LineFilter
from textual.message import Message

from tui.present.colours import THEMES, theme_for
from tui.present.columns import Column
from tui.widgets.big_table import BigTable
from tui.widgets.line_filter import line_filters


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    town: str


class People:
    """People with the ids 1 to ``total``; counts how many rows were ever asked for."""

    def __init__(self, total: int, *, backwards: bool = False) -> None:
        self.total = total
        self.backwards = backwards
        self.read = 0

    def page(self, offset: int, limit: int) -> Sequence[Person]:
        positions = range(offset, min(offset + limit, self.total))
        self.read += len(positions)
        ids = [self.total - position if self.backwards else position + 1 for position in positions]
        return [Person(number, f"Person {number}", f"Town {number % 7}") for number in ids]

    def position(self, number: int) -> int | None:
        if not 1 <= number <= self.total:
            return None
        return self.total - number if self.backwards else number - 1


COLUMNS: tuple[Column[Person], ...] = (
    Column("name", "Name", lambda row: (row.name, "text"), width=14, weight=1, limit=30),
    Column("town", "Town", lambda row: (row.town, "muted"), width=10, weight=1, priority=1),
)


class TableApp(App[None]):
    """Shows one table and keeps the messages it posts."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, total: int = 1_000_000, columns: Sequence[Column[Any]] = COLUMNS) -> None:
        super().__init__()
        self.table = BigTable(columns, People(total))
        self.heard: list[Message] = []
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_for("truecolor", self.no_color)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return line_filters(super().get_line_filters(), self.no_color)

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        self.heard.append(event)

    def on_big_table_opened(self, event: BigTable.Opened) -> None:
        self.heard.append(event)

    def on_big_table_marks_changed(self, event: BigTable.MarksChanged) -> None:
        self.heard.append(event)

    def on_big_table_range_requested(self, event: BigTable.RangeRequested) -> None:
        self.heard.append(event)

    def on_big_table_like_requested(self, event: BigTable.LikeRequested) -> None:
        self.heard.append(event)

    def line(self, y: int) -> str:
        return self.table.render_line(y).text.rstrip()

    def sight(self) -> list[int]:
        return [row.id for row in self.table.visible_rows()]
