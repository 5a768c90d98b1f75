"""Mail that belongs to no planned recipient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any

from store.addresses import address_key
from store.cleaning import clean, clean_or_none
from store.database import Store
from store.evidence import RecordRow
from store.feeds.record import Record
from store.feeds.storing import record_from_json
from store.fold import FAILURES, SENDING, Folded, Happening, Marks, Outcome, fold, outcomes
from store.queries.history import outcome_row
from store.rows import Page, StrangerRow
from store.times import from_ms
from store.vocabulary import FAILED_DELIVERY, Engagement, EventType

_COLUMNS = "s.campaign_id, s.address_key, p.name, s.record, s.dedupe, s.id"
_DELIVERY_TYPES = SENDING | FAILURES
_BAD_TYPES = FAILURES | {EventType.COMPLAINED, EventType.UNSUBSCRIBED}
_BAD = ", ".join(str(type_.code) for type_ in sorted(_BAD_TYPES))
_PLAIN_FIELDS = frozenset({"type", "ts", "source"})

_Told = tuple[Record, Happening, int]
"""A record, what the fold needs of it, and its number."""


def strangers(store: Store, campaign_id: int | None = None) -> Iterator[StrangerRow]:
    """Yield how each message to each stranger ended, at constant memory; opens and clicks of strangers are left out.

    Args:
        store: the open store.
        campaign_id: only mail that carries this campaign's key; None: all.
    """
    within = "" if campaign_id is None else " WHERE s.campaign_id = ?"
    chunks = store.stream(
        f"SELECT {_COLUMNS} FROM stranger AS s LEFT JOIN campaign AS p ON p.id = s.campaign_id{within}"
        " ORDER BY s.campaign_id NULLS FIRST, s.address_key, s.id",
        () if campaign_id is None else (campaign_id,),
    )
    yield from _folded(values for chunk in chunks for values in chunk)


def newest_strangers(store: Store, limit: int, *, bad: bool = False) -> Page[StrangerRow]:
    """Return what is told of the strangers heard of last, newest first; also where nothing is told of a delivery.

    Args:
        store: the open store.
        limit: how many addresses are looked at.
        bad: only failures, complaints and unsubscriptions.

    Returns:
        The rows; ``total`` counts the addresses there are, of a campaign or of none.
    """
    within = f" WHERE type IN ({_BAD})" if bad else ""
    groups = f"SELECT campaign_id, address_key, max(ts) AS last FROM stranger{within} GROUP BY campaign_id, address_key"
    total = store.rows(f"SELECT count(*) FROM ({groups}) AS g")[0][0]
    found = store.rows(
        f"SELECT {_COLUMNS} FROM ({groups} ORDER BY last DESC LIMIT ?) AS g CROSS JOIN stranger AS s"
        " ON s.address_key = g.address_key AND s.campaign_id IS g.campaign_id"
        " LEFT JOIN campaign AS p ON p.id = s.campaign_id ORDER BY s.campaign_id NULLS FIRST, s.address_key, s.id",
        (limit,),
    )
    rows = [row for row in _folded(found, every=True) if not bad or _is_bad(row)]
    rows.sort(key=lambda row: (row.ts is None, row.ts, row.id), reverse=True)
    return Page(tuple(rows), int(total))


def records(store: Store, ids: Sequence[int]) -> tuple[RecordRow, ...]:
    """Return strangers' records whole, in order of time; those that are gone are left out."""
    sql = (
        "SELECT s.id, s.record, p.name FROM stranger AS s LEFT JOIN campaign AS p ON p.id = s.campaign_id"
        " WHERE s.id IN ({})"
    )
    with store.connected():
        found = [_record_row(*values) for values in store.among(sql, ids)]
    return tuple(sorted(found, key=lambda row: (row.ts, row.id)))


def _record_row(id_: int, text: str, campaign: str | None) -> RecordRow:
    record = record_from_json(text)
    told = [(field, getattr(record, field.name)) for field in fields(record) if field.name not in _PLAIN_FIELDS]
    kept = tuple((field.name, clean(str(value))) for field, value in told if value and value != field.default)
    return RecordRow(id_, from_ms(record.ts), record.type, record.source, clean_or_none(campaign), kept)


def _is_bad(row: StrangerRow) -> bool:
    return row.delivery in FAILED_DELIVERY or row.engagement in {Engagement.COMPLAINED, Engagement.UNSUBSCRIBED}


def _folded(found: Iterable[tuple[Any, ...]], *, every: bool = False) -> Iterator[StrangerRow]:
    """Fold the records about each stranger in each campaign; ``every``: also those that tell of no delivery."""
    for (campaign_id, key), values in groupby(found, key=lambda values: values[:2]):
        group = list(values)
        told = [_told(record, dedupe, id_) for *_, record, dedupe, id_ in group]
        for outcome, part in _parts(told):
            if outcome is not None or every:
                yield _row(outcome, part, campaign_id, clean_or_none(group[0][2]), key)


def _told(text: str, dedupe: bytes, id_: int) -> _Told:
    record = record_from_json(text)
    happening = Happening(
        type=record.type,
        ts=record.ts,
        dedupe=bytes(dedupe),
        address=address_key(record.address),
        message_id=record.message_id,
        kind=record.kind,
        expired=record.expired,
        reason=record.reason,
        status=record.status,
        reply=record.reply,
        diagnostic=record.diagnostic,
        actor=record.actor,
    )
    return record, happening, id_


def _parts(told: Sequence[_Told]) -> Iterator[tuple[Outcome | None, list[_Told]]]:
    """Deal the records out to the outcomes, each to one: by message and address, else by address, else to the first."""
    ended = outcomes(happening for _, happening, _ in told)
    if not ended:
        yield None, list(told)
        return
    parts: list[list[_Told]] = [[] for _ in ended]
    for each in told:
        happening = each[1]
        fits = [(outcome.address == happening.address, outcome.message_id == happening.message_id) for outcome in ended]
        parts[fits.index(max(fits))].append(each)
    yield from zip(ended, parts, strict=True)


def _row(
    outcome: Outcome | None, part: Sequence[_Told], campaign_id: int | None, campaign: str | None, key: str
) -> StrangerRow:
    happenings = [happening for _, happening, _ in part]
    state: Folded = fold(happenings, Marks())
    last = max(happenings, key=lambda happening: (happening.type in _DELIVERY_TYPES, happening.ts))
    word = (outcome and outcome.failure) or last
    source = next((record.source for record, happening, _ in part if happening.dedupe == word.dedupe), None)
    told = Outcome(last.message_id, last.address, state.delivery, None, last.ts) if outcome is None else outcome
    row = outcome_row(told, next((record.address for record, *_ in part if record.address), key))
    original = next((record.original for record, *_ in part if record.original), None)
    return StrangerRow(
        campaign=campaign,
        message_id=row.message_id,
        address=row.address,
        original=clean_or_none(original),
        delivery=row.delivery,
        bounce_kind=row.bounce_kind,
        status=row.status,
        reply=row.reply,
        diagnostic=row.diagnostic,
        ts=row.ts,
        reason=row.reason,
        source=source,
        engagement=state.engagement,
        campaign_id=campaign_id,
        ids=tuple(sorted(id_ for *_, id_ in part)),
    )
