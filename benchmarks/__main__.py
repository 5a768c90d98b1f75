"""Measure, and print one table (or JSON): rate, bound, ratio, target, met or not."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import bounce_mails, bounds, held, lists, material, ses, subjects
from benchmarks.figure import Figure, Missing, measure, table
from store.exports.formats import Format

_SMOKE = 5_000
COLUMNS = ("email", "name", "company", "language", "consent")


def main() -> int:
    """Run the benchmarks that are asked for; exit 0 also where a target is missed (a busy machine is no error)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, metavar="N", help="recipients (default: 100,000)")
    parser.add_argument("--quick", action="store_true", help="5,000 recipients, one round: does it run?")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds of which the median counts (3)")
    parser.add_argument("--only", choices=tuple(GROUPS), action="append", help="measure only these")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")
    asked = parser.parse_args()
    size, rounds = (_SMOKE, 1) if asked.quick else (asked.size, asked.rounds)
    figures: list[Figure | Missing] = []
    for group in asked.only or USUAL:
        for figure in GROUPS[group](size, rounds):
            figures.append(figure)
            if asked.json:
                print(json.dumps(figure.as_object()), flush=True)
            elif sys.stderr.isatty():
                print(f"  {figure.name} …", file=sys.stderr)
    if not asked.json:
        print(table(figures, judged=not asked.quick))
    return 0


def imports(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure loading a CSV file and importing it as recipients."""
    source = material.recipients_csv(size)
    plain = bounds.sqlite_import(source, COLUMNS, None)
    keyed = bounds.sqlite_import(source, COLUMNS, "email")
    if plain is None or keyed is None:
        yield Missing("import", "sqlite3 is not installed")
        return
    for name, bound, subject, bound_name, target in (
        ("CSV load", plain, lambda: subjects.load(source, COLUMNS, None), ".import", 0.60),
        ("CSV load, unique key", keyed, lambda: subjects.load(source, COLUMNS, "email"), ".import, key", 0.75),
        ("full import with search text", keyed, lambda: subjects.full_import(source, size), ".import, key", 0.20),
    ):
        seconds, limit = measure(rounds, subject, bound)
        yield Figure(name, "recipients/s", size / seconds, bound_name, size / limit, target)


def ingests(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure reading a Postfix log and an event file of as many events as there are recipients."""
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        planned = subjects.planned_store(Path(folder), material.recipients_csv(size))
        log, events = material.postfix_log(size), material.events_csv(size)
        for name, feed, rows, columns in (
            ("ingest of a Postfix log", log, material.log_csv(size), material.LOG_COLUMNS),
            ("ingest of events, NDJSON", material.events_ndjson(size), events, material.EVENT_COLUMNS),
            ("ingest of events, CSV", events, events, material.EVENT_COLUMNS),
        ):
            bound = bounds.sqlite_import(rows, columns, "event_id")
            if bound is None:
                yield Missing(name, "sqlite3 is not installed")
                continue
            count = material.line_count(rows) - 1
            seconds, limit = measure(rounds, partial(subjects.reading, planned, feed, count), bound)
            yield Figure(name, "events/s", count / seconds, ".import, key", count / limit, 0.25)
        summary = bounds.pflogsumm(log)
        if summary is None:
            yield Missing("Postfix log, lines", "pflogsumm is not installed")
            return
        lines = material.line_count(log)
        seconds, limit = measure(rounds, partial(subjects.reading, planned, log, 0), summary)
        yield Figure("Postfix log, lines", "lines/s", lines / seconds, "pflogsumm", lines / limit, 1.0)


def bounces(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure the reader alone, and reading a Maildir of bounce mails into a store."""
    mails = min(size, 20_000) // 10
    for name, count, body, target in (
        ("reading bounce mails", mails, 500, 3000),
        ("with bodies of 200 kB", 200, 200_000, 600),
    ):
        read = bounce_mails.bounce_mails(count, body)
        seconds, _ = measure(rounds, partial(bounce_mails.reading_all, read))
        yield Figure(name, "mails/s", count / seconds, "", None, target)
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        planned = subjects.planned_store(Path(folder), material.recipients_csv(size))
        feed = material.bounce_maildir(size, mails)
        seconds, _ = measure(rounds, partial(subjects.reading, planned, feed, mails))
        yield Figure("ingest of bounce mails", "mails/s", mails / seconds, "", None, 3000)


def many_members(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure combining lists of two thirds of the recipients each, and writing all recipients to files."""
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        planned = subjects.planned_store(Path(folder), material.recipients_csv(size))
        with lists.halves(planned) as (store, sources):
            seconds, _ = measure(rounds, partial(lists.union, store, sources))
            yield Figure("union of two lists", "people/s", size / seconds, "", None, 150_000)
            runs = [lists.filling(store, sources) for _ in range(rounds)]
            for name, column in (("adding a list to a list", 0), ("undoing it", 1)):
                spent = statistics.median(run[column] for run in runs)
                yield Figure(name, "members/s", size // 3 / spent, "", None, 50_000)
            for kind, target in ((Format.CSV, 8_000), (Format.XLSX, 2_500), (Format.HTML, 7_000)):
                seconds, _ = measure(rounds, partial(lists.exporting, store, kind))
                yield Figure(f"export to {kind.upper()}", "recipients/s", size / seconds, "", None, target)


def held_events(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure reading SES events into a store that holds 5 M events already, and the memory it takes."""
    size = _held_size(size)
    store = held.held_store(size, size * 5)
    few, many = size // 5, size * 4 // 5
    for name, feed, count in (
        ("SES events as they are sent", ses.ses_sending(size, few), few),
        ("SES events of random recipients", ses.ses_ndjson(size, few), few),
    ):
        runs = [held.reading(store, feed, count) for _ in range(rounds)]
        yield Figure(name, "events/s", count / statistics.median(run.seconds for run in runs), "", None, 40_000)
    memory = [held.reading(store, ses.ses_ndjson(size, count), count).peak_mb for count in (few, many)]
    yield Figure("memory of both processes", "MB", memory[0], "", None, 250, at_most=True)
    yield Figure("memory, a file four times as large", "MB", memory[1], "the small one", memory[0], 1.1, at_most=True)


def large_store(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure the same events into a store that holds 20 M events, and into one that holds none."""
    size = _held_size(size)
    feed, count = ses.ses_sending(size, size // 5), size // 5
    full, empty = held.held_store(size, size * 20), held.held_store(size, 0)
    seconds, limit = measure(
        rounds,
        lambda: held.reading(full, feed, count).seconds,
        lambda: held.reading(empty, feed, count).seconds,
    )
    yield Figure("SES events, 20 times as many held", "events/s", count / seconds, "none held", count / limit, 0.8)


def _held_size(size: int) -> int:
    """Return how many recipients the stores have that hold events already: a million, but for a smoke run."""
    return 1_000_000 if size > _SMOKE else size


GROUPS = {
    "import": imports,
    "ingest": ingests,
    "bounces": bounces,
    "lists": many_members,
    "held": held_events,
    "large": large_store,
}
USUAL = ("import", "ingest", "bounces", "lists", "held")
"""What is measured unless one asks for something else: to build a store of 20 M events takes some minutes."""

if __name__ == "__main__":
    sys.exit(main())
