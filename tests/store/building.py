"""Rows written straight into the tables, for tests of what reads them."""

from __future__ import annotations

from typing import Any

from store import derive
from store.addresses import address_key, search_fold
from store.database import Store
from store.engines.sqlite import SqliteStore
from store.vocabulary import Delivery, EventType, SkipReason, Source

BASE = 1_772_438_400_000
"""2026-03-02 08:00 UTC in epoch milliseconds."""
HOUR = 3_600_000
DAY = 24 * HOUR


def careless(store: Store) -> None:
    """What a test writes need not outlive a power cut; the server of the tests knows that already."""
    if isinstance(store, SqliteStore):
        store.execute("PRAGMA synchronous = off")


class Builder:
    """Puts rows into a store; every method returns the new id."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._number = 0
        careless(store)

    def insert(self, table: str, **columns: Any) -> int:
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        return self.store.run(lambda: int(self.store.execute(sql, tuple(columns.values())).lastrowid or 0))

    def campaign(self, name: str, key: str | None = None, started_at: int | None = None, made_at: int = BASE) -> int:
        return self.insert(
            "campaign",
            name=name,
            key=key or name.lower(),
            subject=f"About {name}",
            keyed=False,
            started_at=started_at,
            created_at=made_at,
        )

    def contact(self, email: str, name: str = "", company: str = "", **columns: Any) -> int:
        self._number += 1
        key = address_key(email)
        known: dict[str, Any] = {
            "ident": f"crm:{self._number}",
            "crm_id": str(self._number),
            "email": email,
            "email_key": key,
            "name": name,
            "company": company,
            "language": "de",
            "responsible": "",
            "former": False,
            "sort_key": search_fold(name or email),
            "company_key": search_fold(company),
            "created_at": BASE,
            "updated_at": BASE,
        }
        contact = self.insert("contact", **known | columns)
        self.insert("contact_search", contact_id=contact, s=search_fold(f"{name} {email} {company}"))
        return contact

    def recipient(self, campaign: int, contact: int, address: str | None = None, **columns: Any) -> int:
        if address is None:
            address = self.store.rows("SELECT email FROM contact WHERE id = ?", (contact,))[0][0]
        known: dict[str, Any] = {
            "campaign_id": campaign,
            "contact_id": contact,
            "address": address,
            "address_key": address_key(address),
            "occurrence": 0,
            "delivery": Delivery.READY.code,
            "engagement": 0,
            "triage": 0,
            "partly": False,
            "clicks": 0,
        }
        return self.insert("recipient", **known | columns)

    def delivered(self, campaign: int, contact: int, at: int = BASE, **columns: Any) -> int:
        known = {"delivery": Delivery.DELIVERED.code, "sent_at": at, "delivered_at": at}
        return self.recipient(campaign, contact, **known | columns)

    def skipped(self, campaign: int, contact: int, why: SkipReason, **columns: Any) -> int:
        return self.recipient(campaign, contact, delivery=Delivery.SKIPPED.code, skip_reason=why.code, **columns)

    def event(self, recipient: int, type_: EventType, ts: int, **columns: Any) -> int:
        self._number += 1
        campaign = self.store.rows("SELECT campaign_id FROM recipient WHERE id = ?", (recipient,))[0][0]
        known: dict[str, Any] = {
            "campaign_id": campaign,
            "recipient_id": recipient,
            "type": type_.code,
            "ts": ts,
            "source": Source.POSTFIX.code,
            "location": f"line {self._number}",
            "expired": False,
            "actor": 0,
            "hop": 0,
            "attribution": 0,
            "dedupe": ts.to_bytes(8, "big") + self._number.to_bytes(8, "big"),
        }
        return self.insert("event", **known | columns)

    def link(self, campaign: int, url: str) -> int:
        return self.insert("link", campaign_id=campaign, url=url)

    def click(self, link: int, recipient: int, clicks: int = 1, machine: int = 0, at: int = BASE) -> None:
        campaign = self.store.rows("SELECT campaign_id FROM link WHERE id = ?", (link,))[0][0]
        self.insert(
            "clicker",
            campaign_id=campaign,
            link_id=link,
            recipient_id=recipient,
            clicks=clicks,
            machine_clicks=machine,
            first_at=at,
            last_at=at,
        )

    def address(self, address: str, **columns: Any) -> int:
        return self.insert("address", **{"key": address_key(address), "address": address, "consecutive": 0} | columns)

    def count(self) -> None:
        """Count all campaigns anew."""
        for (campaign,) in self.store.rows("SELECT id FROM campaign"):
            self.store.run(lambda campaign=campaign: derive.recount(self.store, campaign))  # type: ignore[misc]

    def analyse(self) -> None:
        """Give the planner its statistics, as an import does."""
        self.store.run(lambda: self.store.execute("ANALYZE"))


def plan_of(connection: Any, sql: str, parameters: Any = ()) -> str:
    """Return SQLite's plan for a statement, one step a line."""
    return "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters))
