"""Measure, and print one table (or JSON): rate, bound, ratio, target, met or not."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks import (
    acting,
    asking,
    attended,
    commands,
    landing,
    lists,
    live,
    loading,
    screen,
    sending,
    server,
    several,
    tables,
)
from benchmarks.figure import Figure, Missing, table
from benchmarks.page import machine, page

Group = Callable[[int, int], Iterator[Figure | Missing]]

SIZES = (10_000, 100_000, 1_000_000)
_FEWER_ROUNDS = 300_000


def main() -> int:
    """Run the benchmarks that are asked for; exit 0 also where a target is missed (a busy machine is no error)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--size", type=int, action="append", metavar="N", help="recipients of a campaign (10,000, 100,000, 1,000,000)"
    )
    parser.add_argument("--quick", action="store_true", help="5,000 recipients, one round: does it run?")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds of which the median counts (3)")
    parser.add_argument("--only", choices=(*SIZED, *ONCE), action="append", help="measure only these")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")
    parser.add_argument("--page", type=Path, metavar="FILE", help="measure nothing: make a page of what --json printed")
    given = parser.parse_args()
    if given.page:
        print(page(given.page.read_text(encoding="utf-8")), end="")
        return 0
    sizes = [landing.SMOKE] if given.quick else given.size or list(SIZES)
    if given.json:
        print(json.dumps(machine()), flush=True)
    figures: list[Figure | Missing] = []
    for figure in measured(sizes, 1 if given.quick else given.rounds, given.only):
        figures.append(figure)
        if given.json:
            print(json.dumps(figure.as_object()), flush=True)
        elif sys.stderr.isatty():
            print(f"  {figure.name} …", file=sys.stderr)
    if not given.json:
        print(table(figures, judged=not given.quick))
    return 0


def measured(sizes: list[int], rounds: int, only: list[str] | None) -> Iterator[Figure | Missing]:
    """Yield the figures of the groups that are asked for: some at each size, some once.

    Targets are for the largest size; the others show how cost grows.
    """
    for name, group in SIZED.items():
        for size in sizes if not only or name in only else ():
            for figure in group(size, min(rounds, 2) if size > _FEWER_ROUNDS else rounds):
                if isinstance(figure, Figure):
                    yield replace(figure, size=size, target=figure.target if size == max(sizes) else None)
                else:
                    yield figure
    for name, group in ONCE.items():
        if not only or name in only:
            yield from group(max(sizes), rounds)


SIZED: dict[str, Group] = {
    "import": loading.imports,
    "ingest": landing.ingests,
    "asking": asking.asked,
    "acting": acting.done,
    "lists": lists.many_members,
    "fold": landing.folded,
}
"""What is measured at each size."""

ONCE: dict[str, Group] = {
    "bounces": landing.bounces,
    "attended": attended.attended,
    "screen": screen.screens,
    "live": live.living,
    "several": several.together,
    "tables": tables.tables,
    "commands": commands.commands,
    "sending": sending.sent,
    "server": server.on_a_server,
    "held": landing.held_events,
    "large": landing.large_store,
}
"""What is measured at the largest size alone, or does not depend on it."""

if __name__ == "__main__":
    sys.exit(main())
