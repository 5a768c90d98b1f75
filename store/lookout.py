"""Watching the tripwires: each process that lands events or shows them looks, and a trip is one trip for all of them.

Whoever sees first that a wire has tripped writes it down; an index lets only one do so. Whoever then has a program to
run for it takes that upon itself in a transaction, so that it runs once, also if that process dies over it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from store import hooks
from store.database import Store
from store.errors import StoreBusy, StoreError
from store.queries.tripwires import Counting, Held, Sums, load, standing, watched
from store.rows.tripwires import TripRow
from store.times import to_ms
from store.tripwires import Reading, Tripwires, Wire, readings

FRESH = timedelta(minutes=15)
"""A hook runs for trips that are not older: one that is set later is not told of what was long known."""

_LEAST_PAUSE_S = 1.0
_PAUSES = 20
"""Looking takes a twentieth of the time at most."""


@dataclass(slots=True)
class Lookout:
    """Looks whether wires have tripped, again and again; not from two threads at once.

    Attributes:
        store: the open store.
        now: aware UTC time.
        on_note: called with what the operator should be told, a sentence at a time; also from other threads.
        environment: where the hook's program may be named.
    """

    store: Store
    now: Callable[[], datetime]
    on_note: Callable[[str], None] = lambda sentence: None
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    _counting: Counting = field(init=False)
    _due: float = 0.0
    _told: str = ""
    _running: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to count."""
        self._counting = Counting(self.store)

    def look_if_due(self) -> tuple[TripRow, ...]:
        """Look, unless the last time was a moment ago; return the trips that are new."""
        return self.look() if time.monotonic() >= self._due else ()

    def look(self) -> tuple[TripRow, ...]:
        """Write down what has tripped and what is over, start hooks, and return the trips that this call saw first.

        A store that is locked or read-only is looked at another time.

        Raises:
            StoreError: the store cannot be read.
        """
        if self.store.read_only:
            return ()
        begun = time.monotonic()
        now = self.now()
        try:
            held = load(self.store)
            before = standing(self.store, now)
            new = [id_ for sums in watched(self.store, held, now) for id_ in self._judge(sums, held, before, now)]
            found = standing(self.store, now) if new else before
        except StoreBusy:
            return ()
        finally:
            ended = time.monotonic()
            self._due = ended + max(_LEAST_PAUSE_S, _PAUSES * (ended - begun))
        self._start_hooks(held, found, now)
        return tuple(trip for trip in found if trip.id in new)

    def finish(self) -> None:
        """Wait for the hooks that run."""
        for thread in self._running:
            thread.join()
        self._running.clear()

    def _judge(self, sums: Sums, held: Held, before: Sequence[TripRow], now: datetime) -> list[int]:
        """Write down what is new or over of one campaign; return the ids of new trips."""
        wires = held.of(sums.campaign_id)
        mine = {(trip.wire, trip.domain): trip for trip in before if trip.campaign_id == sums.campaign_id}
        domains = frozenset(domain for wire, domain in mine if wire is Wire.DOMAIN)
        told = {(r.wire, r.subject): r for r in readings(wires, self._counting.counts(sums, wires, domains))}
        new = [reading for what, reading in told.items() if reading.trips and what not in mine]
        over = [trip.id for what, trip in mine.items() if what not in told or told[what].is_over(trip.limit)]
        if not new and not over:
            return []
        return self.store.run(lambda: self._write(sums.campaign_id, new, over, now))

    def _write(self, campaign_id: int, new: Sequence[Reading], over: Sequence[int], now: datetime) -> list[int]:
        moment = to_ms(now)
        self.store.execute_many(
            "UPDATE trip SET over_at = ? WHERE id = ? AND over_at IS NULL", [(moment, id_) for id_ in over]
        )
        made = []
        for r in new:
            cursor = self.store.execute(
                'INSERT OR IGNORE INTO trip (campaign_id, wire, subject, part, whole, "limit", tripped_at)'
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (campaign_id, r.wire.value, r.subject, r.part, r.whole, r.limit, moment),
            )
            if cursor.rowcount:
                made.append(int(cursor.lastrowid))
        return made

    def _start_hooks(self, held: Held, found: Sequence[TripRow], now: datetime) -> None:
        self._running = [thread for thread in self._running if thread.is_alive()]
        for trip in found:
            if not trip.rings or trip.hook_at is not None or trip.tripped_at < now - FRESH:
                continue
            wires = held.of(trip.campaign_id)
            command = self._command(wires)
            if command and self._claim(trip.id, now):
                thread = threading.Thread(
                    target=self._run_hook, args=(trip, command, wires.hook_timeout), name=f"hook {trip.id}", daemon=True
                )
                self._running.append(thread)
                thread.start()

    def _command(self, wires: Tripwires) -> tuple[str, ...]:
        try:
            return hooks.hook_of(wires, self.store.place, self.environment)
        except StoreError as error:
            self._tell(str(error))
            return ()

    def _claim(self, trip_id: int, now: datetime) -> bool:
        """Take the hook of a trip upon this process; return whether no other one has, and none does any more."""

        def change() -> bool:
            cursor = self.store.execute(
                "UPDATE trip SET hook_at = ? WHERE id = ? AND hook_at IS NULL AND over_at IS NULL AND acked_at IS NULL",
                (to_ms(now), trip_id),
            )
            return bool(cursor.rowcount)

        try:
            return self.store.run(change)
        except StoreBusy:
            return False

    def _run_hook(self, trip: TripRow, command: tuple[str, ...], timeout_s: int) -> None:
        failed = hooks.run(command, hooks.told(trip, self.store.place), timeout_s, self.environment)
        if failed:
            self.on_note(f"Hook of {trip.campaign}: {failed}")
        try:
            self.store.run(lambda: self.store.execute("UPDATE trip SET hook_note = ? WHERE id = ?", (failed, trip.id)))
        except StoreError as error:
            self.on_note(str(error))
        finally:
            self.store.close()

    def _tell(self, sentence: str) -> None:
        """Say why no hook is run, once."""
        if sentence != self._told:
            self._told = sentence
            self.on_note(sentence)


def told_of(trip: TripRow) -> str:
    """Return a new trip as a sentence."""
    return f"Tripwire: {trip.campaign}: {trip.why}."
