"""The columns of the links table and of the clickers of one link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.present.columns import Cell, Column
from tui.present.times import MOMENT_CELLS, moment, number

if TYPE_CHECKING:
    from store.rows import ClickerRow, LinkRow


def url_cell(row: LinkRow) -> Cell:
    """Return the link without "https://", which says nothing in a list."""
    return row.url.removeprefix("https://"), "text"


def _machine_cell(clicks: int) -> Cell:
    return (number(clicks) if clicks else ""), "muted"


LINK_COLUMNS: tuple[Column[LinkRow], ...] = (
    Column("url", "Link", url_cell, width=16, weight=1, limit=90, middle=True),
    Column("clicks", "Clicks", lambda row: (number(row.clicks), "strong"), width=7, align="right"),
    Column("clickers", "Clickers", lambda row: (number(row.clickers), "text"), width=8, align="right", priority=1),
    Column("machine", "Machine", lambda row: _machine_cell(row.machine_clicks), width=7, align="right", priority=2),
    Column("first", "First", lambda row: (moment(row.first_at), "muted"), width=MOMENT_CELLS, since=110, priority=4),
    Column("last", "Last", lambda row: (moment(row.last_at), "muted"), width=MOMENT_CELLS, since=95, priority=3),
)
"""Link, clicks, unique clickers, clicks by machines, first and last click."""

CLICKER_COLUMNS: tuple[Column[ClickerRow], ...] = (
    Column("name", "Name", lambda row: (row.name or "-", "text"), width=14, weight=2, limit=30, priority=1),
    Column("address", "Address", lambda row: (row.address, "text"), width=20, weight=3, limit=44, middle=True),
    Column("company", "Company", lambda row: (row.company, "muted"), width=12, weight=2, limit=30, priority=3),
    Column("clicks", "Clicks", lambda row: (number(row.clicks), "strong"), width=7, align="right"),
    Column("machine", "Machine", lambda row: _machine_cell(row.machine_clicks), width=7, align="right", priority=5),
    Column("first", "First", lambda row: (moment(row.first_at), "muted"), width=MOMENT_CELLS, priority=4),
    Column("last", "Last", lambda row: (moment(row.last_at), "muted"), width=MOMENT_CELLS, priority=2),
)
"""Who clicked, how often, first and last."""
