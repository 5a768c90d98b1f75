"""What leaves the store: frozen, slotted dataclasses; times are aware UTC datetimes or None.

Every text in a row is *clean*: control characters, bidi overrides and other invisible characters were replaced when
the row was made (:mod:`store.cleaning`), so it can be drawn as it is. Markup is still text.
"""

from __future__ import annotations

from store.rows.addresses import AddressRow, BlockedGroupRow, BlockedRow, TrialRow
from store.rows.bounces import BounceGroupRow, BounceRow, BouncesLeft
from store.rows.campaigns import CampaignRow, LeftOutRow, ReminderCounts
from store.rows.events import ClickerRow, EventRow, LinkRow, OutcomeRow, StrangerRow
from store.rows.history import HistoryRow
from store.rows.journal import Change, ColumnChange, JournalLineRow, JournalRow, Value
from store.rows.lists import ListRow, ReloadCounts, ReloadRow, ResendCounts, SegmentRow, SplitRow
from store.rows.page import Page
from store.rows.recipients import RecipientRow
from store.rows.suggestions import AdviceRow, CorrectionRow, SuggestionRow

__all__ = [
    "AddressRow",
    "AdviceRow",
    "BlockedGroupRow",
    "BlockedRow",
    "BounceGroupRow",
    "BounceRow",
    "BouncesLeft",
    "CampaignRow",
    "Change",
    "ClickerRow",
    "ColumnChange",
    "CorrectionRow",
    "EventRow",
    "HistoryRow",
    "JournalLineRow",
    "JournalRow",
    "LeftOutRow",
    "LinkRow",
    "ListRow",
    "OutcomeRow",
    "Page",
    "RecipientRow",
    "ReloadCounts",
    "ReloadRow",
    "ReminderCounts",
    "ResendCounts",
    "SegmentRow",
    "SplitRow",
    "StrangerRow",
    "SuggestionRow",
    "TrialRow",
    "Value",
]
