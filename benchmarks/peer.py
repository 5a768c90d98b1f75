"""Textual's own table with as many rows as it can take: ``python -m benchmarks.peer 10000`` in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from textual.app import App
from textual.widget import Widget
from textual.widgets import DataTable

from benchmarks.material import people


class Peer(App[None]):
    """A table of the made-up recipients, a row cursor, nothing else."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, size: int) -> None:
        super().__init__()
        self.how_many = size

    def compose(self) -> Iterable[Widget]:
        """Show the table."""
        yield DataTable[Any](cursor_type="row")

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(DataTable)
        table.add_columns("E-mail", "Name", "Company", "Language")
        table.add_rows((one.address, one.name, one.company, one.language) for one in people(self.how_many))
        table.focus()


if __name__ == "__main__":
    Peer(int(sys.argv[1])).run(mouse=False)
