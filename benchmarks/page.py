"""docs/performance.md, made of what a run of the benchmarks printed."""

from __future__ import annotations

import json
import os
import platform
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from benchmarks.figure import HEADINGS, Figure, Missing, cells

_HEAD = """# How fast it is

Made by `make bench-page` from what `make bench` printed; no figure is written by hand.

{machine}

A bound is measured in the same run and in turns with the figure beside it, so that a busy machine slows both; the
median of the rounds counts. Ratios hold on other machines, rates do not. `≥` is to be reached, `≤` not to be passed.
Where others work on the machine, what takes long or several processes is slowed more than a bound that takes a moment:
the ratio of the processor times, of all processes together, is what is left of that. Reading takes two processes, so
on two cores that nobody else uses the ratio can be up to twice as high.

## Measured
"""
_GROWS = """
## How cost grows with the campaign

Microseconds a recipient, event or row where a rate is measured, else milliseconds in all.
"""
_LARGER = """
## What larger stores need

From what was measured above, indexes and counters included: {person:,.0f} bytes of file a person, {recipient:,.0f} more
for each campaign to them, {event:,.0f} an event; {rate:,.0f} events a second as they are sent. With {held}, new ones
landed at {ratio:.2f} of the rate of an empty store: the dedupe key begins with the event's time, so new keys stand at
the edge of their index.

| events | people, recipients | file | reading all of it once |
|---|---|---|---|
{rows}

What a screen shows of one campaign costs what that campaign costs, however many others there are: its pages, views and
searches are bounded by its own recipients. Counting everything anew (`differences from the fold`) is the one thing that
grows with the whole store.
"""
_CAUSES = (
    (
        "T1 CSV load",
        "Both are done with 100,000 lines in a fifth of a second and with a million in two or three: what the disk does"
        " meanwhile moves the ratio by a third from run to run.",
    ),
    (
        "T3 the same, and its index",
        "The import writes two tables with five filled indexes and the trigrams of every name; the bound"
        " writes one table with one index. The trigrams alone take a fifth of the time.",
    ),
    (
        "T5 ingest of a Postfix log",
        "The bound takes events that are ready; here five lines of a log have to be read and brought together"
        " for each.",
    ),
    (
        "T5",
        "The bound inserts a row of seven columns under one index. An event is matched to its recipient, known"
        " again by a hash, stored with 21 columns under two indexes, and merged into the recipient, its"
        " address and the counters.",
    ),
    (
        "ingest of random",
        "As T5; and each event's recipient lies on another page of the file.",
    ),
    (
        "SES events of random recipients",
        "Each event's recipient lies on another page of the file, and so does the place in the index of its"
        " events: two or three pages are written for an event, into the log and later into the file. As mails"
        " are sent, neighbours share them.",
    ),
    (
        "T8 first page by name",
        "Thousands of the benchmark's people share a name; those are put in order among themselves before 50"
        " are shown.",
    ),
    (
        "T12",
        "Besides the update, each of the rows is read twice (to judge it, and for what follows), gets a line"
        " in the journal with its index, and has the other mails to its address read, which settle the"
        " address; the bound does none of it.",
    ),
)
"""Begin of a figure's name -> why it misses its target, where that is known; the first that fits counts."""

_A_RECIPIENT, _A_PERSON = 2.5, 8
"""Events of a recipient, and campaigns to a person, in the largest of the benchmarks' stores."""


def machine() -> dict[str, Any]:
    """Return what is to be known of the machine, and nothing that names it."""
    import sqlite3

    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(pages / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load": round(os.getloadavg()[0], 1),
    }


def page(printed: str) -> str:
    """Return the page for what ``--json`` printed, of one run or of several: the machine, then a figure a line."""
    lines = [json.loads(line) for line in printed.splitlines() if line.strip()]
    runs = [line for line in lines if "cores" in line]
    figures = [_figure(line) for line in lines if "cores" not in line]
    parts = [_HEAD.format(machine=_told(runs)), _row(HEADINGS), "|---" * len(HEADINGS) + "|\n"]
    parts += [_row(cells(figure)) for figure in figures]
    known = [figure for figure in figures if isinstance(figure, Figure)]
    return "".join([*parts, _missed(known), _growth(known), _larger(known)])


def summary(printed: str) -> str:
    """Return what the README says of a campaign to a million, from what ``--json`` printed.

    Raises:
        KeyError: a figure that it names was not measured.
    """
    told = {values["name"]: values["rate"] for values in map(json.loads, printed.splitlines()) if "rate" in values}
    begun = told["start to first rows, 150x45, p50"] / 1000
    painted, sent = told["key to paint in the page, p95"], told["bytes, key in the page"]
    memory, status = told["memory of the screen"], told["aftersend status"]
    landed = told["SES events as they are sent, 5,000,000 held"]
    return (
        f"With a million recipients: first rows after {begun:.2f} s, a key within the page {painted:.1f} ms (p95) and"
        f" {sent:.0f} bytes, {memory:.0f} MB; `status` in {status:.0f} ms; SES events into a store of five million"
        f" {landed:,.0f} a second."
    )


def _figure(values: dict[str, Any]) -> Figure | Missing:
    if "why" in values:
        return Missing(**values)
    return Figure(**{name: values[name] for name in Figure.__slots__ if name in values})


def _told(runs: list[dict[str, Any]]) -> str:
    about = runs[0]
    loads = ", ".join(f"{run['load']}" for run in runs)
    return (
        f"On {about['cores']} cores with {about['memory_gib']} GiB of memory ({about['system']}), Python"
        f" {about['python']}, SQLite {about['sqlite']}. Load of the machine when a run began (0: nobody else worked on"
        f" it; above {about['cores']}: rates and milliseconds are worse than they could be): {loads}."
    )


def _row(texts: Sequence[str]) -> str:
    return f"| {' | '.join(text.replace('|', '/') for text in texts)} |\n"


def _missed(figures: list[Figure]) -> str:
    judged = [figure for figure in figures if figure.target is not None]
    missed = [figure for figure in judged if not figure.met]
    names = ", ".join(f"{one.name} ({one.size:,})" if one.size else one.name for one in missed)
    said = f"\n{len(judged) - len(missed)} of {len(judged)} targets are met."
    if not missed:
        return f"{said}\n"
    told: dict[str, None] = dict.fromkeys(
        f"- **{begin}**: {cause}\n"
        for one in missed
        for begin, cause in [found for found in _CAUSES if one.name.startswith(found[0])][:1]
    )
    return f"{said} Not met: {names}.\n\n{''.join(told)}"


def _growth(figures: list[Figure]) -> str:
    costs: dict[str, dict[int, float]] = defaultdict(dict)
    for figure in figures:
        if figure.size and figure.rate and (figure.unit == "ms" or figure.unit.endswith("/s")):
            name = figure.name.partition(" (")[0]
            costs[name][figure.size] = figure.rate if figure.unit == "ms" else 1e6 / figure.rate
    sizes = sorted({size for found in costs.values() for size in found})
    if len(sizes) < 2:
        return ""
    rows = [_row(["figure", *(f"{size:,}" for size in sizes)]), "|---" * (len(sizes) + 1) + "|\n"]
    for name, found in costs.items():
        rows.append(_row([name, *(f"{found[size]:,.2f}" if size in found else "" for size in sizes)]))
    return _GROWS + "\n" + "".join(rows)


def _larger(figures: list[Figure]) -> str:
    def last(begin: str) -> Figure | None:
        named = (figure for figure in reversed(figures) if figure.name.startswith(begin))
        return next((figure for figure in named if figure.unit in {"bytes", "events/s"}), None)

    found = [last(f"file, {name}") for name in ("a person", "a recipient", "an event")]
    sizes = [figure.rate for figure in found if figure is not None]
    rate, held = last("SES events as they are sent"), last("T6")
    if len(sizes) < len(found) or rate is None or held is None:
        return ""
    person, recipient, event = sizes
    rows = []
    for events in (20_000_000, 1_000_000_000):
        mails = events / _A_RECIPIENT
        people = mails / _A_PERSON
        size = (people * person + mails * recipient + events * event) / 2**30
        hours = events / rate.rate / 3600
        rows.append(f"| {events:,} | {people:,.0f}, {mails:,.0f} | {size:,.1f} GiB | {hours:,.1f} h |")
    told = {"person": person, "recipient": recipient, "event": event, "rate": rate.rate, "ratio": held.reached}
    return _LARGER.format(**told, held=held.name.removeprefix("T6 SES events, "), rows="\n".join(rows))
