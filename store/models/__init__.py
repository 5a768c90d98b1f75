"""The tables, nothing else. Times are BIGINT epoch milliseconds UTC; words are their codes (:mod:`store.vocabulary`).

The migrations create the tables; these classes describe them (a test compares the two). Bulk work goes past them:
``executemany`` and set-based SQL on Peewee's connection.
"""

from __future__ import annotations

from store import drivers  # noqa: F401  (before Peewee is imported)

# isort: split
from store.models.campaigns import Campaign, CampaignStat, Recipient
from store.models.contacts import Address, Contact, ContactSearch
from store.models.events import Clicker, Event, Guess, Link, Stranger
from store.models.feeds import Feed, FeedDefect, FeedPiece, FeedPosition, Mapping
from store.models.journal import Journal, JournalLine
from store.models.lists import ListMember, MailList, Segment
from store.models.outbox import Message, Outbox
from store.models.pulled import Pulled
from store.models.rights import FoldedCount, FoldedKey, Forgotten
from store.models.settings import Setting
from store.models.table import Table, database
from store.models.tripwires import Trip, Tripwire
from store.models.vouches import Vouch

__all__ = [
    "TABLES",
    "Address",
    "Campaign",
    "CampaignStat",
    "Clicker",
    "Contact",
    "ContactSearch",
    "Event",
    "Feed",
    "FeedDefect",
    "FeedPiece",
    "FeedPosition",
    "FoldedCount",
    "FoldedKey",
    "Forgotten",
    "Guess",
    "Journal",
    "JournalLine",
    "Link",
    "ListMember",
    "MailList",
    "Mapping",
    "Message",
    "Outbox",
    "Pulled",
    "Recipient",
    "Segment",
    "Setting",
    "Stranger",
    "Table",
    "Trip",
    "Tripwire",
    "Vouch",
    "database",
]

TABLES: tuple[type[Table], ...] = (
    Contact,
    ContactSearch,
    Campaign,
    Recipient,
    Event,
    Link,
    Clicker,
    Address,
    MailList,
    ListMember,
    Segment,
    Journal,
    JournalLine,
    Feed,
    FeedDefect,
    FeedPosition,
    FeedPiece,
    Guess,
    Stranger,
    Mapping,
    Setting,
    Tripwire,
    Trip,
    Message,
    Outbox,
    Pulled,
    Vouch,
    CampaignStat,
    Forgotten,
    FoldedKey,
    FoldedCount,
)
"""Every table of the store."""
