"""Everything about one recipient."""

from __future__ import annotations

from dataclasses import dataclass

from store.rows.addresses import AddressRow
from store.rows.events import EventRow, OutcomeRow
from store.rows.journal import JournalRow
from store.rows.recipients import RecipientRow


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """Everything about one recipient: the row, contact, address, outcomes, events and journal entries, oldest first."""

    recipient: RecipientRow
    crm_id: str | None
    consent: bool | None
    tracking_consent: bool | None
    former: bool
    address: AddressRow
    outcomes: tuple[OutcomeRow, ...]
    events: tuple[EventRow, ...]
    journal: tuple[JournalRow, ...]
    elsewhere: tuple[RecipientRow, ...]
