"""The columns of the receiving domains of a campaign."""

from __future__ import annotations

from typing import Final

from store.rows.reports import DomainRow
from tui.present.columns import Cell, Column
from tui.present.times import number, percent

NO_DOMAIN: Final = "(no usable address)"

DOMAIN_SORTS: Final = {
    "domain": "domain",
    "planned": "planned",
    "waiting": "without an outcome: skipped or waiting",
    "delivered": "delivered",
    "deferred": "put off at least once",
    "hard": "bounced hard",
    "soft": "bounced soft",
    "block": "blocked by the server",
    "other": "failed otherwise",
    "opened": "opened",
    "machine": "opened by machines only",
    "clicked": "clicked",
}
"""What one can sort domains by, with the words for people."""


def domain_words(row: DomainRow) -> str:
    """Return the name of a domain; words for recipients without one."""
    return row.domain or NO_DOMAIN


def _some(count: int, style: str) -> Cell:
    return (number(count), style) if count else ("", "muted")


DOMAIN_COLUMNS: tuple[Column[DomainRow], ...] = (
    Column("domain", "Domain", lambda row: (domain_words(row), "text"), width=14, weight=1, limit=44, middle=True),
    Column("planned", "Planned", lambda row: (number(row.planned), "text"), width=9, align="right"),
    Column("waiting", "No outcome", lambda row: _some(row.waiting, "muted"), width=10, align="right", since=110),
    Column("delivered", "Delivered", lambda row: (number(row.delivered), "good"), width=9, align="right"),
    Column(
        "delivered-share",
        "of it",
        lambda row: (percent(row.delivered, row.planned), "muted"),
        width=6,
        align="right",
        since=110,
    ),
    Column("deferred", "Put off", lambda row: _some(row.deferred, "warn"), width=7, align="right", priority=3),
    Column("hard", "Hard", lambda row: _some(row.hard, "bad"), width=5, align="right"),
    Column("soft", "Soft", lambda row: _some(row.soft, "soft"), width=5, align="right"),
    Column("block", "Block", lambda row: _some(row.block, "soft"), width=5, align="right"),
    Column("other", "Other", lambda row: _some(row.other, "soft"), width=5, align="right", since=95),
    Column("opened", "Opened", lambda row: (number(row.opened), "text"), width=7, align="right", priority=1),
    Column(
        "opened-share",
        "of it",
        lambda row: (percent(row.opened, row.delivered), "muted"),
        width=6,
        align="right",
        since=150,
    ),
    Column("machine", "Machine", lambda row: _some(row.machine, "muted"), width=7, align="right", since=95),
    Column("clicked", "Clicked", lambda row: (number(row.clicked), "text"), width=7, align="right", priority=2),
)
"""Planned; without an outcome (skipped or waiting), delivered, bounced by kind, failed; put off; opened, clicked."""
