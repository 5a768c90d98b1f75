"""A campaign with recipients and events, written straight into the tables."""

from __future__ import annotations

from store import derive
from store.addresses import address_key, search_fold
from store.database import Store
from store.feeds.record import Record
from store.landing import event_row, insert_events
from store.matching import Match
from store.vocabulary import Attribution, BounceKind, EventType, Source

BASE = 1_772_438_400_000
"""2026-03-02 08:00 UTC in epoch milliseconds."""


def plan(store: Store, campaign: str, addresses: list[str]) -> dict[str, int]:
    """Plan a campaign for these addresses and return the recipients' ids by address."""

    def fill() -> dict[str, int]:
        campaign_id = store.execute(
            "INSERT INTO campaign (name, key, subject, keyed, created_at) VALUES (?, ?, '', FALSE, ?)",
            (campaign, campaign.lower(), BASE),
        ).lastrowid
        ids: dict[str, int] = {}
        for address in addresses:
            ids[address] = _recipient(store, campaign_id, address)
        derive.recount(store, campaign_id)
        return ids

    return store.run(fill)


def _recipient(store: Store, campaign_id: int, address: str) -> int:
    key = address_key(address)
    name = address.partition("@")[0].title()
    store.execute(
        "INSERT OR IGNORE INTO contact (ident, email, email_key, name, company, language, responsible, former,"
        " sort_key, company_key, created_at, updated_at) VALUES (?, ?, ?, ?, '', '', '', FALSE, ?, '', ?, ?)",
        (f"mail:{key}", address, key, name, search_fold(name), BASE, BASE),
    )
    contact = store.execute("SELECT id FROM contact WHERE ident = ?", (f"mail:{key}",)).fetchone()[0]
    store.execute(
        "INSERT OR IGNORE INTO contact_search (contact_id, s) VALUES (?, ?)",
        (contact, search_fold(f"{name} {address}")),
    )
    return int(
        store.execute(
            "INSERT INTO recipient (campaign_id, contact_id, address, address_key, occurrence, delivery, engagement,"
            " triage, partly, clicks) VALUES (?, ?, ?, ?, 0, 0, 0, 0, FALSE, 0)",
            (campaign_id, contact, address, key),
        ).lastrowid
    )


def happen(
    store: Store, recipient_id: int, type_: EventType, minutes: int = 0, kind: BounceKind | None = None, **more: object
) -> None:
    """Let something happen to a recipient, some minutes after the start."""
    found = store.row("SELECT campaign_id, address, address_key FROM recipient WHERE id = ?", (recipient_id,))
    assert found
    campaign, address, key = found
    record = Record(
        type_,
        BASE + minutes * 60_000,
        address,
        Source.POSTFIX,
        kind=kind,
        message_id=f"{recipient_id}@ours",
        **more,  # type: ignore[arg-type]
    )
    match = Match(recipient_id, campaign, key, Attribution.EXACT)
    store.run(lambda: insert_events(store, [event_row(record, match, None, None)]))


def counters_are_right(store: Store) -> bool:
    """Tell whether the counters equal what counting gives."""
    kept = sorted(store.rows("SELECT * FROM campaign_stat"))
    for (campaign,) in store.rows("SELECT id FROM campaign"):
        store.run(lambda campaign=campaign: derive.recount(store, campaign))  # type: ignore[misc]
    return kept == sorted(store.rows("SELECT * FROM campaign_stat"))
