"""Giving strangers' records to the recipients they fit by now: a list was imported, a Message-ID became known.

What a record says itself (the campaign's key, a Message-ID that the recipient is known to have got) decides at any
time. Address and time are a guess that later evidence may speak against, so it is made when a feed has been read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from store import guesses
from store.database import Store
from store.feeds.record import Record
from store.feeds.storing import record_from_json
from store.landing import event_row, insert_events, insert_strangers, link, note_campaigns, stranger_row
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
    """Give strangers' events to the recipients they fit, the sure ones first, and take back guesses that fit no more.

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
    while True:
        matcher.refresh()
        campaigns = guesses.changed_campaigns(store)
        if campaigns is None:
            _name(store, matcher)
        for match in (matcher.exact, lambda records: _guess(store, matcher, records)):
            last, more = since, True
            while more:
                matcher.refresh()
                last, some, more = store.run(
                    lambda match=match, last=last: _claim_some(store, matcher, match, last)  # type: ignore[misc]
                )
                claimed.update(
                    feed for stranger, feed in some if feed is not None and (after is None or stranger > after)
                )
        if not _revise(store, matcher):
            return claimed


def _revise(store: Store, matcher: Matcher) -> bool:
    """Make guesses anew that later evidence may speak against; tell whether that was evidence for others."""
    matcher.refresh()
    campaigns = guesses.changed_campaigns(store)

    def decide(records: Sequence[Record]) -> list[Match | None]:
        sure = matcher.exact(records)
        return [one or other for one, other in zip(sure, _guess(store, matcher, records), strict=True)]

    def settle(records: Sequence[Record], matches: Sequence[Match | None], feeds: Sequence[int | None]) -> None:
        _put(store, matcher, records, matches, feeds)
        strange = [
            stranger_row(record, matcher.campaign_of(record), feed)
            for record, match, feed in zip(records, matches, feeds, strict=True)
            if match is None
        ]
        insert_strangers(store, strange)

    changed = guesses.revise(store, None if campaigns is None else list(campaigns), decide, settle)
    if campaigns is None or campaigns:
        store.run(lambda: guesses.note(store))
    matcher.refresh()
    return changed > 0 and guesses.pending(store)


def _name(store: Store, matcher: Matcher) -> None:
    """Find out anew which campaigns strangers' records name."""
    last = 0
    while rows := store.rows(
        "SELECT id, campaign_id, record FROM stranger WHERE id > ? ORDER BY id LIMIT ?", (last, BATCH)
    ):
        last = rows[-1][0]
        named = [(matcher.campaign_of(record_from_json(text)), id_, campaign) for id_, campaign, text in rows]
        changed = [(now, id_) for now, id_, campaign in named if now != campaign]
        store.run(
            lambda changed=changed: store.execute_many(  # type: ignore[misc]
                "UPDATE stranger SET campaign_id = ? WHERE id = ?", changed
            )
        )


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
    _put(store, matcher, records, matches, [feed_id for *_, feed_id in rows])
    claimed = [(id_, feed_id) for (id_, _, feed_id), found in zip(rows, matches, strict=True) if found]
    store.execute_many("DELETE FROM stranger WHERE id = ?", [(id_,) for id_, _ in claimed])
    return claimed


def _put(
    store: Store,
    matcher: Matcher,
    records: Sequence[Record],
    matches: Sequence[Match | None],
    feeds: Sequence[int | None],
) -> None:
    """Make matched records their recipients' events; what was only guessed is kept as a guess, too."""
    links: dict[tuple[int, str], int] = {}
    events: list[tuple[Any, ...]] = []
    guessed: list[tuple[Record, Match, int | None]] = []
    named: list[tuple[Record, Match]] = []
    for record, match, feed_id in zip(records, matches, feeds, strict=True):
        if match is None:
            continue
        target = link(store, links, match.campaign_id, record.url) if record.url else None
        events.append(event_row(record, match, target, feed_id))
        if match.attribution is not Attribution.EXACT:
            guessed.append((record, match, feed_id))
        elif matcher.campaign_of(record) == match.campaign_id:
            named.append((record, match))
    insert_events(store, events)
    guesses.keep(store, guessed)
    note_campaigns(store, [record for record, _ in named], [match for _, match in named])
    guesses.question(store, [record for record, _ in named])


def _guess(store: Store, matcher: Matcher, records: Sequence[Record]) -> list[Match | None]:
    """Match by a known Message-ID, else by address and time, where nothing in the record speaks against it."""
    return _fitting(matcher, records, matcher.inferred(records, guesses.mail_times(store, records)))


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
