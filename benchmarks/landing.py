"""Reading feeds into a store: logs, events, bounce mails; and into stores that hold millions of events already."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import bounce_mails, bounds, held, material, ses, subjects
from benchmarks.figure import Figure, Missing, measure
from store.database import open_store
from store.recompute import differences

SMOKE = 5_000
"""Recipients of a smoke run."""

_EVENTS = 100_000
"""More events than that make a slope no straighter."""

_IN_ORDER, _RANDOM = 0.25, 0.18


def ingests(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure T5, T7 and the lines of a Postfix log: events into a store that holds the plan and nothing else."""
    count = min(size, _EVENTS)
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        planned = subjects.planned_store(Path(folder), material.recipients_csv(size))
        log, sending = material.postfix_log(size, count), material.sending_csv(size, count)
        happened = material.events_csv(size)
        for name, feed, rows, columns, target in (
            ("T5 ingest of a Postfix log", log, material.log_csv(size, count), material.LOG_COLUMNS, _IN_ORDER),
            ("T5 ingest in the order of sending, CSV", sending, sending, material.EVENT_COLUMNS, _IN_ORDER),
            ("T5 ingest of random recipients, CSV", happened, happened, material.EVENT_COLUMNS, _RANDOM),
            ("ingest of random, NDJSON", material.events_ndjson(size), happened, material.EVENT_COLUMNS, _RANDOM),
        ):
            bound = bounds.sqlite_import(rows, columns, "event_id")
            if bound is None:
                yield Missing(name, "sqlite3 is not installed")
                continue
            events = material.line_count(rows) - 1
            seconds, limit, busy = measure(rounds, partial(subjects.reading, planned, feed, events), bound)
            yield Figure(name, "events/s", events / seconds, ".import, key", events / limit, target, busy=busy)
        first, again = subjects.reading_twice(planned, sending, count)
        yield Figure("T7 reading the same again", "events/s", count / again, "first", count / first, 1.0)
        yield from _lines(planned, log, rounds)


def _lines(planned: Path, log: Path, rounds: int) -> Iterator[Figure | Missing]:
    summary = bounds.pflogsumm(log)
    if summary is None:
        yield Missing("Postfix log, lines", "pflogsumm is not installed")
        return
    lines = material.line_count(log)
    seconds, limit, busy = measure(rounds, partial(subjects.reading, planned, log, 0), summary)
    yield Figure("Postfix log, lines", "lines/s", lines / seconds, "pflogsumm", lines / limit, 1.0, busy=busy)


def bounces(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure the reader alone, and reading a Maildir of bounce mails into a store."""
    mails = min(size // 10, 20_000)
    for name, count, body, target in (
        ("reading bounce mails", mails, 500, 3000),
        ("with bodies of 200 kB", 200, 200_000, 600),
    ):
        read = bounce_mails.bounce_mails(count, body)
        seconds, _, _ = measure(rounds, partial(bounce_mails.reading_all, read))
        yield Figure(name, "mails/s", count / seconds, "", None, target)
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        planned = subjects.planned_store(Path(folder), material.recipients_csv(size))
        feed = material.bounce_maildir(size, mails)
        seconds, _, _ = measure(rounds, partial(subjects.reading, planned, feed, mails))
        yield Figure("ingest of bounce mails", "mails/s", mails / seconds, "", None, 3000)


def held_events(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure reading SES events into a store that holds five times as many as people, and the memory it takes.

    A million people make the 5 M events for which the rate is to be reached.
    """
    store = held.held_store(size, size * 5)
    few = read_at_once(size)
    for name, feed, count in (
        ("SES events as they are sent", ses.ses_sending(size, few), few),
        ("SES events of random recipients", ses.ses_ndjson(size, few), few),
    ):
        name = f"{name}, {size * 5:,} held"
        runs = [held.reading(store, feed, count) for _ in range(rounds)]
        yield Figure(name, "events/s", count / statistics.median(run.seconds for run in runs), "", None, 40_000)
        busy_us = min(run.cpu_s for run in runs) / count * 1e6
        yield Figure(f"{name}, processor time", "microseconds", busy_us, "", None, None, at_most=True)
    memory = [held.reading(store, ses.ses_sending(size, count), count).peak_mb for count in (few, few * 4)]
    yield Figure("memory of both processes", "MB", memory[0], "", None, 250, at_most=True)
    yield Figure("memory, a file four times as large", "MB", memory[1], "the small one", memory[0], 1.1, at_most=True)


def large_store(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure T6: the same events into a store that holds 20 for each of the people, and into one that holds none."""
    count = read_at_once(size)
    feed = ses.ses_sending(size, count)
    full, empty = held.held_store(size, size * 20), held.held_store(size, 0)
    runs = [(held.reading(full, feed, count), held.reading(empty, feed, count)) for _ in range(rounds)]
    seconds, limit = (statistics.median(run.seconds for run in some) for some in zip(*runs, strict=True))
    # Of the reading alone: copying the larger store takes more than that.
    busy = sum(bound.cpu_s for _, bound in runs) / sum(subject.cpu_s for subject, _ in runs)
    yield Figure(
        f"T6 SES events, {size * 20:,} held", "events/s", count / seconds, "none held", count / limit, 0.8, busy=busy
    )
    yield from _bytes(size, full, empty)


def _bytes(size: int, full: Path, empty: Path) -> Iterator[Figure]:
    """Tell what a person, a recipient of one campaign and an event take of the file, from stores with 1, 2 and 8 lists.

    The one with 8 holds four times as many recipients and events as the one with 2, and the same people.
    """
    one, two, eight = (os.path.getsize(path) for path in (empty, held.held_store(size, size * 5), full))
    person = (4 * two - eight) / 3 / size
    recipient = one / size - person
    event = (two / size - person - 2 * recipient) / 5
    for name, count in (("a person", person), ("a recipient", recipient), ("an event", event)):
        yield Figure(f"file, {name}", "bytes", count, "", None, None, at_most=True)


def folded(size: int, _: int) -> Iterator[Figure | Missing]:
    """Count what does not follow from the events in a store that was built by landing five times as many as people."""
    store = open_store(held.held_store(size, size * 5))
    try:
        found = sum(1 for _ in differences(store))
    finally:
        store.close()
    yield Figure("differences from the fold", "values", found, "", None, 0, at_most=True)


def read_at_once(size: int) -> int:
    """Return how many events are read into a store that holds some already."""
    return min(size // 2, 200_000)
