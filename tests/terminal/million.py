"""A program for tests: a table of a million rows, a status line, keys, and the lifeline."""

from __future__ import annotations

import os
import sys
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tests.tui.tables import Person, TableApp
from tui.lifeline import Lifeline, settle_memory, terminal_refusal
from tui.present.colours import theme_for
from tui.present.columns import Column
from tui.widgets.key_bar import KeyBar
from tui.widgets.row_window import ListedRows
from tui.widgets.status_line import StatusLine

KEYS = {
    "j": "cursor_down",
    "k": "cursor_up",
    "g": "first",
    "G": "last",
    "pagedown": "page_down",
    "pageup": "page_up",
    "space": "mark",
}
WIDE: tuple[Column[Person], ...] = (
    Column("state", "State", lambda row: ("✓ Delivered", "good"), width=18),
    Column("name", "Name", lambda row: (row.name, "text"), width=20, weight=1, limit=30),
    Column("address", "Address", lambda row: (f"{row.id}@example.org", "text"), width=24, weight=2, limit=44),
    Column("town", "Town", lambda row: (row.town, "muted"), width=10, weight=1, limit=30),
)


class Million(TableApp):
    """The table, with its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"table('{action}')", show=False) for key, action in KEYS.items()),
        Binding("q", "quit", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(columns=WIDE)
        self.status = StatusLine("", "")
        self.theme = theme_for(self.console.color_system, self.no_color)

    def compose(self) -> ComposeResult:
        yield StatusLine("A million people", style="title")
        yield self.table
        yield self.status
        yield KeyBar([("j", "Down"), ("k", "Up"), ("Space", "Mark"), ("q", "Quit")])

    def on_mount(self) -> None:
        super().on_mount()
        lifeline = Lifeline(lambda code: self.exit(return_code=code))
        lifeline.install()
        self.set_interval(0.2, lifeline.check)
        self.set_timer(0.2, settle_memory)
        self.table.on_cursor = self._tell
        if hostile := os.environ.get("HOSTILE"):
            self.table.set_source(ListedRows([Person(1, hostile, hostile)]))
        self._tell(0, 1)

    def action_table(self, name: str) -> None:
        getattr(self.table, f"action_{name}")()

    def _tell(self, position: int, row_id: int | None) -> None:
        self.status.show(right=f"row {row_id:,}" if row_id else "")


if __name__ == "__main__":
    if (refusal := terminal_refusal()) is not None:
        sys.exit(refusal)
    app = Million()
    app.run(mouse=False)
    sys.exit(app.return_code)
