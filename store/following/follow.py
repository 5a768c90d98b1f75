"""The follower: asks its sources in turn, lands what they give in short transactions, and waits for more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from store.database import Store
from store.errors import BadInput
from store.following.finding import Target
from store.following.landing import Landing, Stopped, Tally
from store.following.source import Followed, How, Step, Where
from store.following.watching import Folders

GUESS_EVERY_S = 15.0
"""Strangers are matched by address and time no sooner: what tells more may be only a moment behind."""
_FIRST_LIMIT = 1000
_LEAST, _MOST = 250, 10_000
_SHORT_S, _LONG_S = 0.05, 0.1
"""A screen waits for a transaction; shorter ones grow, longer ones shrink."""
_PAUSE_S = 0.01
"""Between two transactions, so that others get the lock."""
_WAIT_S = 5.0
_SOON_S = 5.0
"""What counts as finished within this time is waited for before a run that ends when idle ends."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How things stand.

    Attributes:
        tally: what was read since the start.
        places: how far each source that is behind, or cannot be read, has been read.
        sources: how many sources there are.
    """

    tally: Tally
    places: Sequence[Where] = ()
    sources: int = 0


@dataclass(slots=True)
class Follower:
    """Follows what the operator named until it is told to stop.

    Attributes:
        store: the open store.
        said: files, folders and URLs.
        how: how they are to be read.
        exit_when_idle: end as soon as nothing is left to be read.
        on_figures: called after every transaction and before every wait.
        on_note: called with what the operator should be told, a sentence at a time.
    """

    store: Store
    said: Sequence[str]
    how: How
    exit_when_idle: bool = False
    on_figures: Callable[[Figures], None] = lambda figures: None
    on_note: Callable[[str], None] = lambda sentence: None
    _woken: threading.Event = field(default_factory=threading.Event)
    _stopped: bool = False
    _failed: bool = False
    _tally: Tally = field(default_factory=Tally)
    _limit: int = _FIRST_LIMIT
    _sources: list[Followed] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _next: int = 0
    _due_at: dict[str, float] = field(default_factory=dict)
    _told: dict[str, str | None] = field(default_factory=dict)
    _guessed_at: float = 0.0
    _guess_due: bool = True

    def stop(self) -> None:
        """End after the running transaction; from any thread or a signal handler."""
        self._stopped = True
        self._woken.set()

    def run(self) -> bool:
        """Follow until stopped or idle; return whether everything that was named could be read.

        Raises:
            BadInput: something that is there can never be followed; nothing was read.
            StoreError: the store cannot be written; whole transactions before it have landed.
        """
        landing = Landing(self.store, self.how.now, self._patience)
        folders = Folders(self._woken.set)
        targets = [Target(said, self.how, folders, landing.saved) for said in self.said]
        self._guessed_at = time.monotonic()
        try:
            self._find(targets, landing, strict=True)
            self._follow(targets, landing, folders)
            if self._guess_due:
                self._count_claimed(landing.claim(everything=not self._stopped))
            self._finish(landing)
            self._show()
        except Stopped:
            # What was read and not written is read again at the next start.
            self._failed = False
        finally:
            folders.close()
            for source in self._sources:
                source.close()
        return not self._failed

    def _follow(self, targets: Sequence[Target], landing: Landing, folders: Folders) -> None:
        while not self._stopped:
            self._woken.clear()
            self._find(targets, landing)
            folders.refresh()
            steps = self._round()
            if steps:
                self._land(steps, landing)
                continue
            self._guess(landing)
            self._show()
            pause_s = self._pause_s(targets)
            if self.exit_when_idle and pause_s is None:
                self._failed = self._failed or any(said is not None for said in self._told.values())
                return
            self._woken.wait(_WAIT_S if pause_s is None else pause_s)

    def _find(self, targets: Sequence[Target], landing: Landing, *, strict: bool = False) -> None:
        for target in targets:
            try:
                for source in target.look():
                    if source.name not in self._names:
                        self._take(source, landing)
            except BadInput as error:
                if strict:
                    raise
                target.waiting = str(error)
            for note in target.notes():
                self.on_note(note)
            self._tell(target.said, target.waiting)

    def _take(self, source: Followed, landing: Landing) -> None:
        source.resume(landing.saved(source.name))
        source.watch(lambda: self._wake(source.name))
        self._names.add(source.name)
        self._sources.append(source)

    def _wake(self, name: str) -> None:
        self._due_at[name] = 0.0
        self._woken.set()

    def _tell(self, name: str, sentence: str | None) -> None:
        """Say why something cannot be read, once, until it can be."""
        if sentence != self._told.get(name) and sentence is not None:
            self.on_note(sentence if self.exit_when_idle else f"{sentence.rstrip('.')}; waiting.")
        self._told[name] = sentence

    def _round(self) -> list[tuple[Followed, Step]]:
        """Ask the sources in turn until there is enough for a transaction."""
        steps: list[tuple[Followed, Step]] = []
        room = self._limit
        count = len(self._sources)
        for source in list(islice(cycle(self._sources), self._next, self._next + count)):
            if room <= 0 or self._stopped:
                break
            self._next = (self._next + 1) % count
            if source.every_s > _WAIT_S and time.monotonic() < self._due_at.get(source.name, 0.0):
                continue
            step = self._step(source, room)
            if step.note:
                self.on_note(step.note)
            if step.items or step.position is not None or step.pieces:
                steps.append((source, step))
                room -= len(step.items)
        return steps

    def _step(self, source: Followed, limit: int) -> Step:
        try:
            step = source.step(limit)
        except BadInput as error:
            self._failed = True
            self.on_note(f"{str(error).rstrip('.')}; it is followed no longer.")
            source.close()
            self._sources.remove(source)
            self._next = 0
            return Step()
        self._due_at[source.name] = 0.0 if step.more else time.monotonic() + source.every_s
        self._tell(source.name, source.where().waiting)
        return step

    def _land(self, steps: Sequence[tuple[Followed, Step]], landing: Landing) -> None:
        begun = time.monotonic()
        tally = landing.land(steps)
        spent_s = time.monotonic() - begun
        self._guess_due = self._guess_due or tally.strangers > 0
        self._add(tally)
        self._told.pop(self.store.place, None)
        if spent_s > _LONG_S:
            self._limit = max(_LEAST, self._limit // 2)
        elif spent_s < _SHORT_S and tally.records >= self._limit:
            self._limit = min(_MOST, self._limit * 2)
        self._show()
        time.sleep(_PAUSE_S)

    def _add(self, tally: Tally) -> None:
        mine = self._tally
        self._tally = Tally(
            mine.records + tally.records,
            mine.new_events + tally.new_events,
            mine.strangers + tally.strangers,
            mine.defects + tally.defects,
        )

    def _count_claimed(self, claimed: int) -> None:
        self._add(Tally(new_events=claimed, strangers=-min(claimed, self._tally.strangers)))

    def _guess(self, landing: Landing) -> None:
        moment = time.monotonic()
        if self._guess_due and moment - self._guessed_at >= GUESS_EVERY_S:
            self._guess_due, self._guessed_at = False, moment
            self._count_claimed(landing.claim())

    def _show(self) -> None:
        places = [place for source in self._sources if (place := source.where()).behind or place.waiting]
        self.on_figures(Figures(self._tally, places, len(self._sources)))

    def _pause_s(self, targets: Sequence[Target]) -> float | None:
        """Return how soon something is to be looked at again that may not be finished; None if nothing is."""
        settling = [place.settling for source in self._sources if (place := source.where()).settling is not None]
        settling += [wait_s for target in targets if (wait_s := target.wait_s())]
        soon = [seconds for seconds in settling if seconds is not None and seconds <= _SOON_S]
        return max(min(soon), _PAUSE_S) if soon else None

    def _finish(self, landing: Landing) -> None:
        steps = [(source, source.finish()) for source in self._sources]
        kept = [(source, step) for source, step in steps if step.position is not None]
        if kept:
            landing.land(kept)

    def _patience(self) -> bool:
        self._tell(self.store.place, f"{self.store.place} is locked by another process.")
        return not self._stopped
