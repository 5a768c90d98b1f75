"""Matches by address and time: guesses, which later evidence may speak against.

What a guess rests on is sure by itself: when each campaign's mail began and since when it carries a key (as records
tell that name the campaign), who is planned, and the first moment of the mail that a record is about. So the guesses
that stand in the end are the same whatever was read first. Each keeps its record, and is made anew when what it rests
on has changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from store.database import Store
from store.feeds.record import Record
from store.feeds.storing import dedupe_key, record_from_json, record_to_json
from store.matching import Match, keys_of
from store.standing import forget_silent
from store.vocabulary import Attribution
from store.withdrawal import withdraw

BATCH = 10_000
"""Guesses a transaction."""

_INSERT = (
    "INSERT OR IGNORE INTO guess (recipient_id, ts, address_key, message_id, feed_id, record, dedupe, due)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, FALSE)"
)
_MAILS = (
    "SELECT address_key, message_id, min(ts) FROM {0} WHERE message_id IS NOT NULL AND address_key IN ({{}})"
    " GROUP BY address_key, message_id"
)
_RESTS_ON = (
    "SELECT c.id, c.guessed, coalesce(CAST(c.begun_at AS TEXT), '-') || ' '"
    " || coalesce((SELECT sum(n) FROM campaign_stat AS s WHERE s.campaign_id = c.id), 0) || ' '"
    " || coalesce((SELECT CAST(min(keyed_at) AS TEXT) FROM campaign), '-') FROM campaign AS c"
)

Decide = Callable[[Sequence[Record]], list[Match | None]]
"""Matches records by all that is known now."""

Land = Callable[[Sequence[Record], Sequence[Match | None], Sequence[int | None]], None]
"""Puts matched records, the feeds of which stand beside them, where they belong."""


def keep(store: Store, guessed: Sequence[tuple[Record, Match, int | None]]) -> None:
    """Remember records that were matched by address and time, with the feeds they came from."""
    store.execute_many(
        _INSERT,
        [
            (
                match.recipient_id,
                record.ts,
                keys_of(record)[0],
                record.message_id,
                feed_id,
                record_to_json(record),
                dedupe_key(record),
            )
            for record, match, feed_id in guessed
        ],
    )


def question(store: Store, records: Sequence[Record]) -> None:
    """Mark the guesses about mails of which these records tell something, too."""
    if store.execute("SELECT 1 FROM guess LIMIT 1").fetchone() is None:
        return
    mails = {(key, record.message_id) for record in records if record.message_id for key in keys_of(record)}
    sql = (
        "SELECT id, address_key, message_id FROM guess WHERE message_id IS NOT NULL AND NOT due AND address_key IN ({})"
    )
    found = store.among(sql, sorted({key for key, _ in mails}))
    due = [(id_,) for id_, key, message_id in found if (key, message_id) in mails]
    store.execute_many("UPDATE guess SET due = TRUE WHERE id = ?", due)


def give_way(store: Store, sure: Sequence[bytes], strange: Mapping[bytes, Record]) -> None:
    """Take out guesses about events that are better known now; call it inside a transaction.

    Args:
        store: the open store.
        sure: the dedupe keys of events that are matched surely now.
        strange: records of nobody in the plan; where one tells more than what was guessed from, that was wrong.
    """
    if store.execute("SELECT 1 FROM guess LIMIT 1").fetchone() is None:
        return
    taken: dict[int, list[bytes]] = defaultdict(list)
    for recipient, dedupe in store.among("SELECT recipient_id, dedupe FROM guess WHERE dedupe IN ({})", sure):
        taken[recipient].append(bytes(dedupe))
    sql = "SELECT recipient_id, dedupe, record FROM guess WHERE dedupe IN ({})"
    for recipient, dedupe, text in store.among(sql, list(strange)):
        if tells_more(strange[bytes(dedupe)], record_from_json(text)):
            taken[recipient].append(bytes(dedupe))
    _take_out(store, taken)
    store.execute_many("DELETE FROM guess WHERE dedupe = ?", [(key,) for keys in taken.values() for key in keys])


def _take_out(store: Store, taken: Mapping[int, Sequence[bytes]]) -> None:
    withdraw(store, taken)
    sql = "SELECT DISTINCT address_key FROM recipient WHERE id IN ({})"
    forget_silent(store, [key for (key,) in store.among(sql, list(taken))])


def tells_more(record: Record, known: Record) -> bool:
    """Tell whether the mail's Message-ID or campaign was missing, as where a log begins in the middle of a mail."""
    return bool((record.message_id and not known.message_id) or (record.campaign and not known.campaign))


def mail_times(store: Store, records: Sequence[Record]) -> list[int]:
    """Return for each record the first moment of its mail, as far as strangers' records and guesses tell it."""
    keys = sorted({keys_of(record)[0] for record in records if record.message_id and keys_of(record)})
    first: dict[tuple[str, str], int] = {}
    for table in ("stranger", "guess"):
        for key, message_id, ts in store.among(_MAILS.format(table), keys):
            first[key, message_id] = min(ts, first.get((key, message_id), ts))
    return [
        min(record.ts, first.get((keys_of(record)[0], record.message_id), record.ts))
        if record.message_id and keys_of(record)
        else record.ts
        for record in records
    ]


def changed_campaigns(store: Store) -> dict[int, str] | None:
    """Return what guesses rest on for the campaigns of which that has changed since they were made.

    Returns:
        Campaign -> what to :func:`note`; None if a campaign is new, which may concern any guess.
    """
    found = store.rows(_RESTS_ON)
    if any(guessed is None for _, guessed, _ in found):
        return None
    return {id_: now for id_, guessed, now in found if now != guessed}


def pending(store: Store) -> bool:
    """Tell whether guesses are in question, or rest on what has changed."""
    return store.row("SELECT 1 FROM guess WHERE due LIMIT 1") is not None or changed_campaigns(store) != {}


def note(store: Store) -> None:
    """Remember what all guesses rest on now; call it inside a transaction."""
    changed = [(now, id_) for id_, guessed, now in store.rows(_RESTS_ON) if now != guessed]
    store.execute_many("UPDATE campaign SET guessed = ? WHERE id = ?", changed)


def revise(store: Store, campaigns: Sequence[int] | None, decide: Decide, land: Land) -> int:
    """Make anew the guesses that are in question or concern these campaigns, a transaction a batch.

    Args:
        store: the open store.
        campaigns: whose recipients may be meant; None: all guesses.
        decide: how records are matched now.
        land: where those go that are matched otherwise now.

    Returns:
        How many are matched otherwise.
    """
    concerned = "TRUE"
    if campaigns is not None:
        planned = ", ".join(map(str, campaigns))
        concerned = (
            "g.id IN (SELECT id FROM guess WHERE due UNION SELECT o.id FROM recipient AS r JOIN guess AS o"
            f" ON o.address_key = r.address_key WHERE r.campaign_id IN ({planned}))"
            if planned
            else "g.due"
        )
    sql = (
        f"SELECT g.id, g.recipient_id, g.feed_id, g.record FROM guess AS g WHERE g.id > ? AND {concerned} ORDER BY g.id"
    )
    last, changed = 0, 0
    while rows := store.rows(f"{sql} LIMIT {BATCH}", (last,)):
        last = rows[-1][0]
        changed += store.run(lambda rows=rows: _revise(store, rows, decide, land))  # type: ignore[misc]
    return changed


def _revise(store: Store, rows: Sequence[tuple[int, int, int | None, str]], decide: Decide, land: Land) -> int:
    records = [record_from_json(text) for *_, text in rows]
    wrong: list[int] = []
    matches = decide(records)
    for place, ((_, recipient, _, _), match) in enumerate(zip(rows, matches, strict=True)):
        if match is None or match.recipient_id != recipient or match.attribution is not Attribution.INFERRED:
            wrong.append(place)
    store.execute_many("UPDATE guess SET due = FALSE WHERE id = ? AND due", [(id_,) for id_, *_ in rows])
    taken: dict[int, list[bytes]] = defaultdict(list)
    for place in wrong:
        taken[rows[place][1]].append(dedupe_key(records[place]))
    _take_out(store, taken)
    store.execute_many("DELETE FROM guess WHERE id = ?", [(rows[place][0],) for place in wrong])
    if wrong:
        land(
            [records[place] for place in wrong],
            [matches[place] for place in wrong],
            [rows[place][2] for place in wrong],
        )
    return len(wrong)
