"""Putting matched records into the event table, and unmatched ones aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from store import folding, guesses, merging, scanners, withdrawal
from store.addresses import address_key
from store.database import Store
from store.feeds.record import Record
from store.feeds.storing import dedupe_key, outcome_key, record_from_json, record_to_json
from store.fold import FAILURES, SENDING
from store.matching import CARRYING, Match, Matcher, keys_of
from store.outbox import unsure
from store.pseudonyms import veiled
from store.vocabulary import Source

_PART = 4000
"""Records that are matched at a time: the keys of so many addresses stay at hand until their rows are made."""

_LINKS = 20_000
"""Links that are remembered: mails may hold other ones for each recipient."""

_LEARNING = frozenset({Source.ACCESS, Source.POSTFIX, Source.EXIM, Source.OPENSMTPD, Source.KUMOMTA})
"""Feeds whose lines may tell more when they are read again: with the tokens, or the lines before, that were missing."""

_DELIVERY_TYPES = SENDING | FAILURES
_EVENT = (
    *("campaign_id", "recipient_id", "type", "ts", "source", "feed_id", "location", "address", "message_id"),
    *("outcome", "link_id", "kind", "expired", "reason", "status", "reply", "diagnostic", "actor", "hop"),
    *("attribution", "dedupe"),
)
_MAY_MISS = frozenset((
    "feed_id",
    "address",
    "message_id",
    "outcome",
    "link_id",
    "kind",
    "reason",
    "status",
    "reply",
    "diagnostic",
))
"""Columns of an event that hold "" for what is missing until they are in the table."""

_MESSAGE_ID = 8
"""Its place among the columns of an event."""

_INSERT_STRANGER = (
    "INSERT OR IGNORE INTO stranger (campaign_id, type, ts, address_key, message_id, feed_id, record, dedupe)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of one batch; the rest of it was known already.

    Attributes:
        new_events: events of planned recipients.
        strangers: records that belong to nobody in a plan.
    """

    new_events: int
    strangers: int


def land(
    store: Store, matcher: Matcher, links: dict[tuple[int, str], int], feed_id: int | None, batch: Sequence[Record]
) -> Landed:
    """Match a batch of records and put it into the tables; call it inside a transaction.

    Args:
        store: the open store.
        matcher: whose recipients the records may be.
        links: the ids of links that are known; it grows up to a limit.
        feed_id: where the records come from; None: from no feed.
        batch: records of one feed, in their order.
    """
    batch = veiled(store, batch)
    events: list[tuple[Any, ...]] = []
    strange: list[tuple[Any, ...]] = []
    telling: dict[bytes, Record] = {}
    learning = bool(batch) and batch[0].source in _LEARNING
    for first in range(0, len(batch), _PART):
        part = batch[first : first + _PART]
        found = matcher.exact(part)
        for record, match in zip(part, found, strict=True):
            if match is None:
                strange.append(stranger_row(record, matcher.campaign_of(record), feed_id))
                if learning and (record.message_id or record.campaign):
                    telling[strange[-1][-1]] = record
                continue
            target = link(store, links, match.campaign_id, record.url) if record.url else None
            events.append(event_row(record, match, target, feed_id))
        note_campaigns(store, part, found)
        guesses.question(store, part)
    if learning:
        guesses.give_way(store, [row[-1] for row in events], telling)
    new = insert_events(store, events)
    if learning:
        if new < len(events):
            _learn(store, events)
        store.execute_many("DELETE FROM stranger WHERE dedupe = ?", [(row[-1],) for row in events])
        _teach(store, strange, telling)
    last = last_stranger(store)
    claimed = {key for (key,) in store.among("SELECT dedupe FROM event WHERE dedupe IN ({})", [r[-1] for r in strange])}
    insert_strangers(store, [row for row in strange if row[-1] not in claimed])
    strangers = store.execute("SELECT count(*) FROM stranger WHERE id > ?", (last,)).fetchone()[0]
    return Landed(new, int(strangers))


def _learn(store: Store, rows: Sequence[tuple[Any, ...]]) -> None:
    """Make those events anew that were known without their Message-ID."""
    named = {row[-1]: row for row in rows if row[_MESSAGE_ID]}
    taken: dict[int, list[bytes]] = defaultdict(list)
    sql = "SELECT recipient_id, dedupe FROM event WHERE message_id IS NULL AND dedupe IN ({})"
    for recipient, dedupe in store.among(sql, list(named)):
        taken[recipient].append(bytes(dedupe))
    if taken:
        withdrawal.withdraw(store, taken)
        insert_events(store, [named[key] for keys in taken.values() for key in keys])


def _teach(store: Store, rows: Sequence[tuple[Any, ...]], telling: Mapping[bytes, Record]) -> None:
    """Put records of nobody in the plan in the place of those that were known of them and tell less."""
    known = store.among("SELECT dedupe, record FROM stranger WHERE dedupe IN ({})", list(telling))
    told = {bytes(key) for key, text in known if guesses.tells_more(telling[bytes(key)], record_from_json(text))}
    store.execute_many(
        "UPDATE stranger SET campaign_id = ?, address_key = ?, message_id = ?, record = ? WHERE dedupe = ?",
        [
            (campaign, address, message_id, text, dedupe)
            for campaign, _, _, address, message_id, _, text, dedupe in rows
            if dedupe in told
        ],
    )


def note_campaigns(store: Store, records: Sequence[Record], matches: Sequence[Match | None]) -> None:
    """Remember of campaigns that records name when their mail began, and since when it carries the key.

    Mail without the key is not taken for theirs any more.
    """
    begun: dict[int, int] = {}
    keyed: dict[int, int] = {}
    for record, match in zip(records, matches, strict=True):
        if match is None:
            continue
        if record.type in SENDING:
            begun[match.campaign_id] = min(record.ts, begun.get(match.campaign_id, record.ts))
        if record.message_id and record.source in CARRYING:
            keyed[match.campaign_id] = min(record.ts, keyed.get(match.campaign_id, record.ts))
    for column, sets, found in (("begun_at", "begun_at = ?", begun), ("keyed_at", "keyed = TRUE, keyed_at = ?", keyed)):
        store.execute_many(
            f"UPDATE campaign SET {sets} WHERE id = ? AND ({column} IS NULL OR {column} > ?)",
            [(ts, id_, ts) for id_, ts in found.items()],
        )


def last_stranger(store: Store) -> int:
    """Return the highest id of a stranger; 0 without any."""
    found = store.row("SELECT coalesce(max(id), 0) FROM stranger")
    return int(found[0]) if found else 0


def insert_events(store: Store, rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert the events that are not known yet, merge them into their recipients, and return how many were new."""
    rows = folding.unknown(store, rows)
    if not rows:
        return 0
    last = store.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0]
    # In the order of the index on recipients, so that each of its pages is written once.
    store.insert_new("event", _EVENT, _MAY_MISS, sorted(rows, key=itemgetter(1)))
    new = store.execute("SELECT count(*) FROM event WHERE id > ?", (last,)).fetchone()[0]
    if new:
        changed = scanners.label(store, last)
        merging.absorb(store, last)
        withdrawal.refold(store, changed)
        unsure.resolve(store, last)
    return int(new)


def event_row(record: Record, match: Match, link: int | None, feed_id: int | None) -> tuple[Any, ...]:
    """Return the row of the event table for a matched record, with "" for what is missing.

    Args:
        record: what happened.
        match: to whom.
        link: the id of the link that was clicked.
        feed_id: where the record comes from.
    """
    elsewhere = ""
    if record.address:
        final = address_key(record.address)
        if final != match.key:
            elsewhere = final
    kind, where, message_id, words = record.type, record.where, record.message_id, record.diagnostic
    outcome: int | str | None = ""
    if kind in _DELIVERY_TYPES and (message_id is not None or elsewhere):
        outcome = outcome_key(message_id, elsewhere or None)
    return (
        match.campaign_id,
        match.recipient_id,
        kind.code,
        record.ts,
        record.source.code,
        feed_id or "",
        where if where.isascii() else _storable(where),
        _storable(record.address) if elsewhere else "",
        "" if message_id is None else message_id if message_id.isascii() else _storable(message_id),
        outcome,
        link or "",
        record.kind.code if record.kind else "",
        int(record.expired),
        record.reason or record.feedback or "",
        record.status or "",
        record.reply or "",
        "" if words is None else words if words.isascii() else _storable(words),
        record.actor.code,
        record.hop.code,
        max(match.attribution.code, record.attribution.code),
        dedupe_key(record),
    )


def stranger_row(record: Record, campaign: int | None, feed_id: int | None) -> tuple[Any, ...]:
    """Return the row of the stranger table for an unmatched record."""
    keys = keys_of(record)
    return (
        campaign,
        record.type.code,
        record.ts,
        _storable(keys[0] if keys else ""),
        _storable(record.message_id),
        feed_id,
        _storable(record_to_json(record)),
        dedupe_key(record),
    )


def insert_strangers(store: Store, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep the records of nobody in the plan that are not known yet; call it inside a transaction."""
    store.execute_many(_INSERT_STRANGER, folding.unknown(store, rows))


def _storable(text: str | None) -> str | None:
    """Replace lone surrogates, which no database takes."""
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def link(store: Store, links: dict[tuple[int, str], int], campaign: int, url: str) -> int:
    """Return the id of a campaign's link, made if it is new; ``links`` remembers the ids."""
    text = _storable(url) or ""
    known = links.get((campaign, text))
    if known is None:
        store.execute("INSERT OR IGNORE INTO link (campaign_id, url) VALUES (?, ?)", (campaign, text))
        known = store.execute("SELECT id FROM link WHERE campaign_id = ? AND url = ?", (campaign, text)).fetchone()[0]
        if len(links) >= _LINKS:
            links.clear()
        links[campaign, text] = known
    return known
