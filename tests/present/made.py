"""Rows for tests of what is shown: everything plain but what a test names."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from store.rows import AddressRow, CampaignRow, EventRow, HistoryRow, RecipientRow
from store.vocabulary import Actor, Attribution, Delivery, Engagement, EventType, Hop, Source, Triage

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def recipient(**given: Any) -> RecipientRow:
    values: dict[str, Any] = {field.name: None for field in fields(RecipientRow)}
    values |= {
        "id": 1,
        "campaign_id": 1,
        "campaign": "Autumn newsletter",
        "contact_id": 1,
        "address": "anna@example.org",
        "contact_address": "anna@example.org",
        "name": "Anna Berg",
        "company": "Berg GmbH",
        "language": "de",
        "responsible": "Ute",
        "delivery": Delivery.DELIVERED,
        "engagement": Engagement.NONE,
        "triage": Triage.NONE,
        "blocked": False,
        "partly": False,
        "clicks": 0,
    }
    return RecipientRow(**(values | given))


def campaign(**given: Any) -> CampaignRow:
    values: dict[str, Any] = {field.name: 0 for field in fields(CampaignRow)}
    values |= {"id": 1, "name": "Autumn newsletter", "key": "autumn", "subject": "News", "created_at": NOON}
    values |= {"started_at": NOON, "parent_id": None, "parent": None, "follow_up": None} | given
    return CampaignRow(**values)


def event(**given: Any) -> EventRow:
    values: dict[str, Any] = {field.name: None for field in fields(EventRow)}
    values |= {
        "id": 1,
        "ts": NOON,
        "type": EventType.DELIVERED,
        "source": Source.POSTFIX,
        "address": "anna@example.org",
        "expired": False,
        "actor": Actor.UNKNOWN,
        "hop": Hop.FINAL,
        "attribution": Attribution.EXACT,
        "where": "line 1",
        "times": 1,
    }
    return EventRow(**(values | given))


def address(**given: Any) -> AddressRow:
    values: dict[str, Any] = {field.name: None for field in fields(AddressRow)}
    return AddressRow(**(values | {"address": "anna@example.org", "consecutive": 0} | given))


def history(**given: Any) -> HistoryRow:
    values: dict[str, Any] = {
        "recipient": recipient(),
        "crm_id": None,
        "consent": None,
        "tracking_consent": None,
        "former": False,
        "address": address(),
        "outcomes": (),
        "events": (),
        "journal": (),
        "elsewhere": (),
    }
    return HistoryRow(**(values | given))


def later(**span: float) -> datetime:
    return NOON + timedelta(**span)
