"""What is kept how long, and what of it is due to go."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from store.cleaning import clean
from store.database import Store
from store.feeds.bounces.mailbox import is_maildir
from store.folding import Event
from store.retention import PREFIX, RULES, Retention, retention_of
from store.times import to_ms

SLICE = 2000
"""Recipients that are looked at in one transaction."""

_BYTES = (
    "140 + length(location) + coalesce(length(address), 0) + coalesce(length(message_id), 0)"
    " + coalesce(length(diagnostic), 0)"
)
_WORDY = "ts < ? AND (diagnostic IS NOT NULL OR location <> '')"
_CAMPAIGNS = (
    "SELECT p.id, p.name, (SELECT min(id) FROM recipient WHERE campaign_id = p.id),"
    " (SELECT max(id) FROM recipient WHERE campaign_id = p.id) FROM campaign AS p"
    " WHERE coalesce(p.ended_at, p.created_at) < ? ORDER BY p.id"
)
_FULL = (
    "SELECT recipient_id FROM event WHERE recipient_id BETWEEN ? AND ? AND campaign_id = ? AND ts < ?"
    " GROUP BY recipient_id, type, coalesce(link_id, 0) HAVING count(*) > 2"
)
_EVENTS = (
    "SELECT id, recipient_id, type, ts, actor, link_id, times, feed_id, dedupe,"
    f" {_BYTES} FROM event WHERE recipient_id IN ({{}}) AND ts < ? ORDER BY recipient_id, ts, id"
)


@dataclass(frozen=True, slots=True)
class OldCampaign:
    """A campaign whose events may be folded; ``first`` and ``last`` are its recipients' ids."""

    id: int
    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Words:
    """How many rows lose their words, or go, and about how many bytes that are."""

    rows: int
    bytes_: int


@dataclass(frozen=True, slots=True)
class OldMail:
    """A mail's file that may go."""

    path: Path
    bytes_: int


def load_rules(store: Store) -> Retention:
    """Return the rules that hold."""
    known = {PREFIX + rule.name: rule.name for rule in RULES}
    found = store.rows("SELECT name, value FROM setting WHERE value IS NOT NULL")
    return retention_of({known[name]: value for name, value in found if name in known})


def old_campaigns(store: Store, before: datetime) -> tuple[OldCampaign, ...]:
    """Return the campaigns whose sending ended before a moment."""
    found = store.rows(_CAMPAIGNS, (to_ms(before),))
    return tuple(OldCampaign(id_, clean(name), first, last) for id_, name, first, last in found if first is not None)


def old_events(store: Store, campaign: OldCampaign, first: int, before: datetime) -> Iterator[tuple[list[Event], bool]]:
    """Yield the old events of those recipients of a slice who have several alike, and whether of several outcomes.

    Args:
        store: the open store.
        campaign: whose.
        first: the lowest recipient's id; the slice holds :data:`SLICE` ids.
        before: aware UTC time.
    """
    ms = to_ms(before)
    last = min(first + SLICE - 1, campaign.last)
    full = sorted({id_ for (id_,) in store.execute(_FULL, (first, last, campaign.id, ms)).fetchall()})
    several = {
        id_
        for id_, low, high in store.among("SELECT id, outcome_min, outcome_max FROM recipient WHERE id IN ({})", full)
        if low is not None and (low < 0 or low != high)
    }
    for start in range(0, len(full), 400):
        some: list[Event] = []
        for row in store.execute(_EVENTS.format(", ".join(map(str, full[start : start + 400]))), (ms,)).fetchall():
            id_, recipient, type_, ts, actor, link, times, feed, dedupe, size = row
            event = Event(id_, recipient, type_, ts, actor, link, times, feed, bytes(dedupe), size)
            if some and some[-1].recipient_id != event.recipient_id:
                yield some, some[0].recipient_id in several
                some = []
            some.append(event)
        if some:
            yield some, some[0].recipient_id in several


def old_words(store: Store, before: datetime) -> dict[str, Words]:
    """Return how many events lose servers' words, and how many records of nobody, and of guesses, go."""
    ms = to_ms(before)
    found = {
        "events": store.row(
            "SELECT count(*), coalesce(sum(length(location) + coalesce(length(diagnostic), 0)), 0) FROM event"
            f" WHERE {_WORDY}",
            (ms,),
        ),
        "strangers": store.row("SELECT count(*), coalesce(sum(length(record)), 0) FROM stranger WHERE ts < ?", (ms,)),
        "guesses": store.row("SELECT count(*), coalesce(sum(length(record)), 0) FROM guess WHERE ts < ?", (ms,)),
    }
    return {what: Words(*(row or (0, 0))) for what, row in found.items()}


def old_mails(store: Store, before: datetime) -> Iterator[OldMail]:
    """Yield the mails of Maildirs that were read in, whose files were last changed before a moment.

    A mail counts as read if its Maildir was read to the end after it came, or if following has named it.
    """
    limit = before.timestamp()
    for id_, path, read_at, ended in store.rows(
        "SELECT f.id, f.path, f.read_at, f.fingerprint <> '' FROM feed AS f ORDER BY f.id"
    ):
        folder = Path(path)
        if "://" in path or not is_maildir(folder):
            continue
        pieces = {name for (name,) in store.rows("SELECT name FROM feed_piece WHERE feed_id = ?", (id_,))}
        for mail in _files(folder):
            try:
                stat = mail.stat()
            except OSError:
                continue
            read = (ended and max(stat.st_mtime, stat.st_ctime) * 1000 < read_at) or _known(mail.name, pieces)
            if read and stat.st_mtime < limit:
                yield OldMail(mail, stat.st_size)


def _files(folder: Path) -> Sequence[Path]:
    found = (entry for part in ("new", "cur") if (folder / part).is_dir() for entry in os.scandir(folder / part))
    return sorted(Path(entry.path) for entry in found if entry.is_file(follow_symlinks=False))


def _known(name: str, pieces: set[str]) -> bool:
    """Tell whether following has read a mail; its flags, behind the colon, may have changed since."""
    return name in pieces or name.partition(":")[0] in pieces


def due(store: Store, now: datetime) -> bool:
    """Tell in a moment whether a rule has something to do: whether anything is older than it may be."""
    rules = load_rules(store)
    words, events = rules.words_before(now), rules.events_before(now)
    if words is not None:
        ms = to_ms(words)
        found = store.row(f"SELECT 1 FROM event WHERE {_WORDY} LIMIT 1", (ms,))
        if found or store.row("SELECT 1 FROM stranger WHERE ts < ? LIMIT 1", (ms,)):
            return True
    return events is not None and any(
        next(old_events(store, campaign, first, events), None) is not None
        for campaign in old_campaigns(store, events)
        for first in range(campaign.first, campaign.last + 1, SLICE)
    )
