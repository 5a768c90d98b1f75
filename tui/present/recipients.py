"""The columns of the recipients table and of its printed and exported kin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from store.rows import RecipientRow
from store.vocabulary import Engagement, Triage
from tui.present.columns import Cell, Column
from tui.present.times import MOMENT_CELLS, moment
from tui.present.words import state_look, why

_SINCE: Final[dict[Engagement, Callable[[RecipientRow], datetime | None]]] = {
    Engagement.MACHINE: lambda row: row.machine_opened_at or row.machine_clicked_at,
    Engagement.OPENED: lambda row: row.opened_at,
    Engagement.CLICKED: lambda row: row.clicked_at,
    Engagement.REPLIED: lambda row: row.replied_at,
    Engagement.UNSUBSCRIBED: lambda row: row.unsubscribed_at,
    Engagement.COMPLAINED: lambda row: row.complained_at,
}


def recipient_columns(several: bool = False) -> tuple[Column[RecipientRow], ...]:
    """Return the columns, the most wanted ones surviving in narrow terminals; their keys are those of ``Sort``.

    Args:
        several: recipients of more than one campaign are shown, so that each row names its campaign.
    """
    return _SEVERAL if several else _ONE


def state_cell(row: RecipientRow) -> Cell:
    """Return sign and word of the state; why somebody was skipped stands in the column for reasons."""
    look = state_look(row)
    return look.label.partition(":")[0], look.style


def name_cell(row: RecipientRow) -> Cell:
    """Return the name; a dash where none is known."""
    return (row.name, "text") if row.name else ("-", "muted")


def address_cell(row: RecipientRow) -> Cell:
    """Return the address used; "→ new" behind it where it was fixed since."""
    if row.contact_address and row.contact_address != row.address:
        return f"{row.address} → {row.contact_address}", "text"
    return row.address, "text"


def reason_cell(row: RecipientRow) -> Cell:
    """Return why it failed and what was decided; for the others, since when their state holds."""
    reason = why(row)
    if reason:
        return reason, "text" if row.triage is Triage.OPEN else "muted"
    return moment(_state_since(row)), "muted"


def _state_since(row: RecipientRow) -> datetime | None:
    since = _SINCE.get(row.engagement)
    return (since(row) if since is not None else None) or row.delivered_at or row.deferred_at or row.sent_at


def _sent_cell(row: RecipientRow) -> Cell:
    return moment(row.sent_at or row.delivered_at), "muted"


def _opened_cell(row: RecipientRow) -> Cell:
    return moment(row.opened_at), "muted"


def _clicks_cell(row: RecipientRow) -> Cell:
    return (str(row.clicks) if row.clicks else ""), "text"


_STATE = Column("state", "State", state_cell, width=18)
_NAME = Column("name", "Name", name_cell, width=14, weight=2, limit=26, priority=2)
_ADDRESS = Column("address", "Address", address_cell, width=20, weight=3, limit=44, middle=True)
_REASON = Column("reason", "Why or when", reason_cell, width=22, weight=2, limit=40, priority=1)
_COMPANY: Column[RecipientRow] = Column(
    "company", "Company", lambda row: (row.company, "muted"), width=16, weight=1, limit=28, since=110, priority=4
)
_SENT = Column("sent", "Sent", _sent_cell, width=MOMENT_CELLS, since=130, priority=5)
_CLICKED = Column("clicked", "Clicks", _clicks_cell, width=8, align="right", since=150, priority=6)
_OPENED = Column("opened", "Read", _opened_cell, width=MOMENT_CELLS, since=165, priority=7)
_RESPONSIBLE: Column[RecipientRow] = Column(
    "responsible", "Responsible", lambda row: (row.responsible, "muted"), width=14, limit=20, since=185, priority=8
)
_CAMPAIGN: Column[RecipientRow] = Column(
    "plan", "Campaign", lambda row: (row.campaign, "muted"), width=16, weight=1, limit=30
)

_ONE = (_STATE, _NAME, _ADDRESS, _REASON, _COMPANY, _SENT, _OPENED, _CLICKED, _RESPONSIBLE)
_WHY_LAST = replace(_REASON, priority=3)
_SEVERAL = (_STATE, _NAME, _ADDRESS, _CAMPAIGN, _WHY_LAST, _COMPANY, _SENT, _OPENED, _CLICKED, _RESPONSIBLE)
