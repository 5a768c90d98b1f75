"""Giving strangers' records to the recipients they fit by now: a list was imported, a Message-ID became known.

What a record says itself (the campaign's key, a Message-ID that the recipient is known to have got) decides at any
time. Address and time are a guess that later evidence may speak against, so it is made when a feed has been read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from store.database import Store
from store.feeds.record import Record
from store.feeds.storing import record_from_json
from store.landing import event_row, insert_events, link, note_keyed
from store.matching import Match, Matcher, keys_of
from store.vocabulary import Attribution, Source

BATCH = 10_000
"""Strangers a transaction."""

_COLUMNS = "SELECT s.id, s.record, s.feed_id FROM stranger AS s"
_PLANNED = (
    "(EXISTS (SELECT 1 FROM recipient AS r WHERE r.address_key = s.address_key)"
    " OR EXISTS (SELECT 1 FROM contact AS c WHERE c.ident = s.address_key))"
)
_Row = tuple[int, str, int | None]
_Match = Callable[[Sequence[Record]], list[Match | None]]
_Claimed = list[tuple[int, int | None]]
"""The strangers that found their recipients: their ids, and the feeds they came from."""


def claim_strangers(
    store: Store, *, matcher: Matcher | None = None, after: int | None = None, since: int = 0
) -> Counter[int]:
    """Give strangers' events to the recipients they fit, the sure ones first.

    Args:
        store: the open store.
        matcher: one that is at hand.
        after: count only strangers with a higher id.
        since: look only at strangers with a higher id.

    Returns:
        How many were claimed, by the feed they came from.
    """
    matcher = matcher or Matcher(store)
    claimed: Counter[int] = Counter()
    for match in (matcher.exact, lambda records: _guess(matcher, records)):
        last, more = since, True
        while more:
            matcher.refresh()
            last, some, more = store.run(
                lambda match=match, last=last: _claim_some(store, matcher, match, last)  # type: ignore[misc]
            )
            claimed.update(feed for stranger, feed in some if feed is not None and (after is None or stranger > after))
    return claimed


def claim_known(store: Store, matcher: Matcher, batch: Sequence[Record]) -> Counter[int]:
    """Claim the strangers that a batch's Message-IDs concern; call it in the transaction in which it landed.

    Args:
        store: the open store.
        matcher: one that is at hand.
        batch: records that have landed.

    Returns:
        How many were claimed, by the feed they came from.
    """
    messages = {record.message_id for record in batch if record.message_id}
    keys = sorted({key for record in batch if record.message_id for key in keys_of(record)})
    rows = [
        (id_, text, feed_id)
        for id_, text, feed_id, message_id in store.among(
            f"SELECT s.id, s.record, s.feed_id, s.message_id FROM stranger AS s WHERE s.address_key IN ({{}})"
            f" AND s.message_id IS NOT NULL AND {_PLANNED}",
            keys,
        )
        if message_id in messages
    ]
    claimed = _claim(store, matcher, sorted(rows), lambda records: _known(matcher, records))
    return Counter(feed for _, feed in claimed if feed is not None)


def _claim_some(store: Store, matcher: Matcher, match: _Match, last: int) -> tuple[int, _Claimed, bool]:
    rows = store.execute(f"{_COLUMNS} WHERE s.id > ? AND {_PLANNED} ORDER BY s.id LIMIT ?", (last, BATCH)).fetchall()
    if not rows:
        return last, [], False
    return rows[-1][0], _claim(store, matcher, rows, match), len(rows) == BATCH


def _claim(store: Store, matcher: Matcher, rows: Sequence[_Row], match: _Match) -> _Claimed:
    if not rows:
        return []
    records = [record_from_json(text) for _, text, _ in rows]
    matches = match(records)
    links: dict[tuple[int, str], int] = {}
    events: list[tuple[Any, ...]] = []
    claimed: _Claimed = []
    for (id_, _, feed_id), record, found in zip(rows, records, matches, strict=True):
        if found is None:
            continue
        target = link(store, links, found.campaign_id, record.url) if record.url else None
        events.append(event_row(record, found, target, feed_id))
        claimed.append((id_, feed_id))
    insert_events(store, events)
    if match == matcher.exact:
        note_keyed(store, records, matches)
    store.execute_many("DELETE FROM stranger WHERE id = ?", [(id_,) for id_, _ in claimed])
    return claimed


def _guess(matcher: Matcher, records: Sequence[Record]) -> list[Match | None]:
    """Match by a known Message-ID, else by address and time, where nothing in the record speaks against it."""
    return _fitting(matcher, records, matcher.inferred(records))


def _known(matcher: Matcher, records: Sequence[Record]) -> list[Match | None]:
    """Match by a known Message-ID, where nothing in the record speaks against it."""
    return _fitting(matcher, records, matcher.by_message(records))


def _fitting(matcher: Matcher, records: Sequence[Record], found: Sequence[Match | None]) -> list[Match | None]:
    return [match if _fits(matcher, record, match) else None for record, match in zip(records, found, strict=True)]


def _fits(matcher: Matcher, record: Record, match: Match | None) -> bool:
    """Tell whether a match does not contradict the campaign key that the record carries.

    A key of no known campaign speaks against a guess by time; in bounce mail it may be a List-ID, which names no
    campaign.
    """
    if match is None:
        return False
    named = matcher.campaign_of(record)
    if named is not None:
        return named == match.campaign_id
    weak = not record.campaign or record.source is Source.BOUNCE_MAIL
    return weak or match.attribution is Attribution.EXACT
