"""Mail that belongs to no planned recipient."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from store.addresses import address_key
from store.cleaning import clean, clean_or_none
from store.database import Store
from store.feeds.record import Record
from store.feeds.storing import record_from_json
from store.fold import Happening, outcomes
from store.queries.history import outcome_row
from store.rows import StrangerRow


def strangers(store: Store, campaign_id: int | None = None) -> Iterator[StrangerRow]:
    """Yield how each message to each stranger ended, at constant memory; opens and clicks of strangers are left out.

    Args:
        store: the open store.
        campaign_id: only mail that carries this campaign's key; None: all.
    """
    within = "" if campaign_id is None else " WHERE s.campaign_id = ?"
    chunks = store.stream(
        "SELECT s.campaign_id, s.address_key, p.name, s.record, s.dedupe FROM stranger AS s"
        f" LEFT JOIN campaign AS p ON p.id = s.campaign_id{within} ORDER BY s.campaign_id, s.address_key, s.id",
        () if campaign_id is None else (campaign_id,),
    )
    events = (values for chunk in chunks for values in chunk)
    for _, group in groupby(events, key=lambda values: values[:2]):
        yield from _fold(list(group))


def _fold(group: list[tuple[Any, ...]]) -> Iterator[StrangerRow]:
    """Fold the records about one stranger in one campaign."""
    campaign = clean_or_none(group[0][2])
    records = [record_from_json(record) for *_, record, _ in group]
    keys = [address_key(record.address) for record in records]
    happenings = [
        _happening(record, key, bytes(dedupe)) for record, key, (*_, dedupe) in zip(records, keys, group, strict=True)
    ]
    for outcome in outcomes(happenings):
        told = [record for record, key in zip(records, keys, strict=True) if key == outcome.address]
        same = [record for record in told if record.message_id == outcome.message_id] or told
        original = next((record.original for record in same if record.original), None)
        row = outcome_row(outcome, same[0].address or group[0][1])
        yield StrangerRow(
            campaign=campaign,
            message_id=row.message_id,
            address=row.address,
            original=None if original is None else clean(original),
            delivery=row.delivery,
            bounce_kind=row.bounce_kind,
            status=row.status,
            reply=row.reply,
            diagnostic=row.diagnostic,
            ts=row.ts,
        )


def _happening(record: Record, key: str, dedupe: bytes) -> Happening:
    return Happening(
        type=record.type,
        ts=record.ts,
        dedupe=dedupe,
        address=key,
        message_id=record.message_id,
        kind=record.kind,
        expired=record.expired,
        reason=record.reason,
        status=record.status,
        reply=record.reply,
        diagnostic=record.diagnostic,
        actor=record.actor,
    )
