"""Setting how long what is kept, and having go what is older, some at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from store import journal
from store.actions.marking import lines, put, read
from store.database import Store
from store.figures import several
from store.folding import Event, fold_events
from store.journal import Operator
from store.queries.retention import (
    SLICE,
    OldCampaign,
    load_rules,
    old_campaigns,
    old_events,
    old_mails,
    old_words,
)
from store.retention import PREFIX, RULES, Retention
from store.rows import Change
from store.sweeping import overwriting
from store.times import to_ms

BATCH = 5000
"""Rows that lose their words, or go, in one transaction."""

SCOPES = frozenset({"campaigns", "recipients", "journal"})
Told = Callable[[str, int, int], None]
"""Called with what is done ("Spring newsletter"), how much of it, and how much there is."""


@dataclass(slots=True)
class Going:
    """What went, or would go.

    Attributes:
        events: campaign -> how many events are folded into others.
        event_bytes: campaign -> about how many bytes these take.
        words: events that lose servers' words; and records of nobody in a plan, and of guesses, that go.
        word_bytes: about how many bytes those are.
        mails: files of mails that go.
        mail_bytes: how many bytes these are.
    """

    events: Counter[str] = field(default_factory=Counter)
    event_bytes: Counter[str] = field(default_factory=Counter)
    words: int = 0
    word_bytes: int = 0
    mails: int = 0
    mail_bytes: int = 0

    @property
    def count(self) -> int:
        """How many rows and files these are."""
        return self.events.total() + self.words + self.mails

    @property
    def sentence(self) -> str:
        """All of it, for people."""
        parts = []
        if self.events.total():
            count = f"{several(self.events.total(), 'events')} of {several(len(self.events), 'campaigns')}"
            parts.append(f"{count} folded")
        if self.words:
            parts.append(f"words of {several(self.words, 'records')} dropped")
        if self.mails:
            parts.append(f"{several(self.mails, 'mails')} deleted")
        return f"Retention: {', '.join(parts) or 'nothing is due'}"


def set_rules(store: Store, texts: Mapping[str, str], who: Operator, now: datetime) -> Change:
    """Change rules; nothing goes before :func:`run`.

    Args:
        store: the open store.
        texts: name -> value as operators write it.
        who: the operator.
        now: aware UTC time.

    Raises:
        BadInput: no rule has one of the names, or a value does not fit.
    """

    def change() -> Change:
        before = after = load_rules(store)
        for name, text in texts.items():
            after = after.with_text(name, text)
        differing = {r.name: (r.text(before), r.text(after)) for r in RULES if r.text(before) != r.text(after)}
        if not differing:
            return Change("retention", None, 0, "The rules say so already.")
        names = [PREFIX + name for name in differing]
        store.execute_many(
            "INSERT INTO setting (name) VALUES (?) ON CONFLICT (name) DO NOTHING", [(name,) for name in names]
        )
        ids = dict(store.among("SELECT name, id FROM setting WHERE name IN ({})", names))
        held = read(store, "setting", list(ids.values()))
        changes: dict[int, dict[str, Any]] = {
            ids[PREFIX + name]: {"value": new} for name, (_, new) in differing.items()
        }
        put(store, "setting", changes)
        said = f"Retention: {'; '.join(f'{name} {old} → {new}' for name, (old, new) in differing.items())}"
        entry = journal.write(store, who, now, "retention", said, lines("setting", held, changes))
        return Change("retention", entry, len(differing), said, scopes=frozenset({"journal"}))

    return store.run(change)


def preview(store: Store, now: datetime, rules: Retention | None = None, tell: Told | None = None) -> Going:
    """Return what :func:`run` would have go; nothing is changed."""
    rules = rules or load_rules(store)
    going = Going()
    events, words, mails = rules.events_before(now), rules.words_before(now), rules.mails_before(now)
    if events is not None:
        for campaign in old_campaigns(store, events):
            for first in _slices(campaign, tell):
                gone, _ = _folded(old_events(store, campaign, first, events))
                _count(going, campaign, gone)
    if words is not None:
        for some in old_words(store, words).values():
            going.words += some.rows
            going.word_bytes += some.bytes_
    for mail in old_mails(store, mails) if mails is not None else ():
        going.mails += 1
        going.mail_bytes += mail.bytes_
    return going


def _slices(campaign: OldCampaign, tell: Told | None) -> Iterable[int]:
    for first in range(campaign.first, campaign.last + 1, SLICE):
        yield first
        if tell is not None:
            tell(
                campaign.name,
                min(first + SLICE, campaign.last + 1) - campaign.first,
                campaign.last + 1 - campaign.first,
            )


def _folded(events: Iterable[tuple[list[Event], bool]]) -> tuple[list[Event], dict[int, int]]:
    gone: list[Event] = []
    times: dict[int, int] = {}
    for some, several_ in events:
        fold = fold_events(some, several=several_)
        gone += fold.gone
        times |= fold.times
    return gone, times


def _count(going: Going, campaign: OldCampaign, gone: Iterable[Event]) -> None:
    for event in gone:
        going.events[campaign.name] += 1
        going.event_bytes[campaign.name] += event.bytes_


def run(store: Store, who: Operator, now: datetime, tell: Told | None = None) -> tuple[Change, Going]:
    """Have go what is older than the rules let it be, in many short transactions.

    Each of them leaves the store whole and is counted by the entry in the journal, which is written with the first: it
    may be ended at any moment, and goes on where it was the next time.

    Args:
        store: the open store.
        who: the operator.
        now: aware UTC time.
        tell: is told how far it is.
    """
    rules = load_rules(store)
    work = _Run(store, who, now)
    events, words, mails = rules.events_before(now), rules.words_before(now), rules.mails_before(now)
    with overwriting(store):
        if events is not None:
            for campaign in old_campaigns(store, events):
                for first in _slices(campaign, tell):
                    work.step(lambda campaign=campaign, first=first: work.fold(campaign, first, events))  # type: ignore[misc]
        if words is not None:
            for drop in (work.drop_words, work.drop_strangers, work.drop_guesses):
                while work.step(lambda drop=drop: drop(to_ms(words))):  # type: ignore[misc]
                    pass
    if mails is not None:
        work.delete_mails(mails)
    going = work.going
    return Change("retention", work.entry, going.count, going.sentence, scopes=SCOPES), going


@dataclass(slots=True)
class _Run:
    """One run: what went so far, and its entry in the journal."""

    store: Store
    who: Operator
    now: datetime
    going: Going = field(default_factory=Going)
    entry: int | None = None
    _upto: int = 0
    _seen: int = 0

    def step(self, change: Callable[[], Going]) -> bool:
        """Do one step in a transaction, with the journal's count of all; tell whether anything went."""

        def whole() -> tuple[Going, int | None]:
            went = change()
            total = _sum(self.going, went)
            return total, self._note(total) if went.count else self.entry

        before = self.going.count
        self.going, self.entry = self.store.run(whole)
        self._upto = self._seen
        return self.going.count > before

    def _note(self, total: Going) -> int:
        if self.entry is None:
            return journal.write(
                self.store, self.who, self.now, "retention", total.sentence, undoable=False, subjects=total.count
            )
        columns = (total.sentence, total.count, self.entry)
        self.store.execute("UPDATE journal SET sentence = ?, subjects = ? WHERE id = ?", columns)
        return self.entry

    def fold(self, campaign: OldCampaign, first: int, before: datetime) -> Going:
        """Fold the events of one slice of a campaign's recipients."""
        gone, times = _folded(old_events(self.store, campaign, first, before))
        self._remember([(event.dedupe, event.feed_id, campaign.id) for event in gone])
        recipients = sorted({event.recipient_id for event in gone})
        self.store.execute_many("UPDATE event SET times = ? WHERE id = ?", [(n, id_) for id_, n in times.items()])
        self.store.execute_many("DELETE FROM event WHERE id = ?", [(event.id,) for event in gone])
        self.store.execute_many(
            "DELETE FROM guess WHERE recipient_id = ? AND ts < ?", [(id_, to_ms(before)) for id_ in recipients]
        )
        went = Going()
        _count(went, campaign, gone)
        return went

    def _remember(self, gone: list[tuple[bytes, int | None, int | None]]) -> None:
        """Keep by what events that go are known again, and count them by feed and campaign."""
        self.store.execute_many(
            "INSERT INTO folded_key (dedupe) VALUES (?) ON CONFLICT (dedupe) DO NOTHING", [(key,) for key, *_ in gone]
        )
        counts = Counter((feed or 0, campaign or 0) for _, feed, campaign in gone)
        self.store.execute_many(
            "INSERT INTO folded_count (feed_id, campaign_id, n) VALUES (?, ?, ?)"
            " ON CONFLICT (feed_id, campaign_id) DO UPDATE SET n = folded_count.n + excluded.n",
            [(feed, campaign, n) for (feed, campaign), n in sorted(counts.items())],
        )

    def drop_words(self, before: int) -> Going:
        """Empty what servers said, and where it was read, of some events."""
        found = self.store.execute(
            "SELECT id, length(location) + coalesce(length(diagnostic), 0) FROM event WHERE id > ? AND ts < ?"
            " AND (diagnostic IS NOT NULL OR location <> '') ORDER BY id LIMIT ?",
            (self._upto, before, BATCH),
        ).fetchall()
        self._seen = found[-1][0] if found else self._upto
        self.store.execute_many(
            "UPDATE event SET diagnostic = NULL, location = '' WHERE id = ?", [(id_,) for id_, _ in found]
        )
        return Going(words=len(found), word_bytes=sum(size for _, size in found))

    def drop_strangers(self, before: int) -> Going:
        """Drop some records of nobody in a plan; they are not taken in again."""
        found = self.store.execute(
            "SELECT id, dedupe, feed_id, campaign_id, length(record) FROM stranger WHERE ts < ? LIMIT ?",
            (before, BATCH),
        ).fetchall()
        self._remember([(bytes(key), feed, campaign) for _, key, feed, campaign, _ in found])
        self.store.execute_many("DELETE FROM stranger WHERE id = ?", [(row[0],) for row in found])
        return Going(words=len(found), word_bytes=sum(row[-1] for row in found))

    def drop_guesses(self, before: int) -> Going:
        """Drop the records of some guesses, which are final from now on."""
        found = self.store.execute(
            "SELECT id, length(record) FROM guess WHERE ts < ? LIMIT ?", (before, BATCH)
        ).fetchall()
        self.store.execute_many("DELETE FROM guess WHERE id = ?", [(id_,) for id_, _ in found])
        return Going(words=len(found), word_bytes=sum(size for _, size in found))

    def delete_mails(self, before: datetime) -> None:
        """Delete the files of mails, and note how many."""
        went = Going()
        for mail in old_mails(self.store, before):
            try:
                mail.path.unlink()
            except OSError:
                continue
            went.mails += 1
            went.mail_bytes += mail.bytes_
        self.step(lambda: went)


def _sum(one: Going, other: Going) -> Going:
    return Going(
        one.events + other.events,
        one.event_bytes + other.event_bytes,
        one.words + other.words,
        one.word_bytes + other.word_bytes,
        one.mails + other.mails,
        one.mail_bytes + other.mail_bytes,
    )
