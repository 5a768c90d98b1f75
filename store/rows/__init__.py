"""What leaves the store: frozen, slotted dataclasses; times are aware UTC datetimes or None.

Every text in a row is *clean*: control characters, bidi overrides and other invisible characters were replaced when
the row was made (:mod:`store.cleaning`), so it can be drawn as it is. Markup is still text.

Each noun's module is loaded when one of its rows is first asked for: to make a dataclass takes half a millisecond, and
no screen and no command needs more than a few of them at its start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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

_HOME: Final = {
    "AddressRow": "addresses",
    "AdviceRow": "suggestions",
    "BlockedGroupRow": "addresses",
    "BlockedRow": "addresses",
    "BounceGroupRow": "bounces",
    "BounceRow": "bounces",
    "BouncesLeft": "bounces",
    "CampaignRow": "campaigns",
    "Change": "journal",
    "ClickerRow": "events",
    "ColumnChange": "journal",
    "CorrectionRow": "suggestions",
    "EventRow": "events",
    "HistoryRow": "history",
    "JournalLineRow": "journal",
    "JournalRow": "journal",
    "LeftOutRow": "campaigns",
    "LinkRow": "events",
    "ListRow": "lists",
    "OutcomeRow": "events",
    "Page": "page",
    "RecipientRow": "recipients",
    "ReloadCounts": "lists",
    "ReloadRow": "lists",
    "ReminderCounts": "campaigns",
    "ResendCounts": "lists",
    "SegmentRow": "lists",
    "SplitRow": "lists",
    "StrangerRow": "events",
    "SuggestionRow": "suggestions",
    "TrialRow": "addresses",
    "Value": "journal",
}
"""The module of each row."""


if not TYPE_CHECKING:  # a checker would believe that every name is here

    def __getattr__(name: str) -> Any:
        """Return a row, from its module.

        Raises:
            AttributeError: there is no such row.
        """
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        return found
