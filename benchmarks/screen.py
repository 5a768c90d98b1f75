"""The screen in a real terminal: how soon it is there, how soon a key is drawn, how many bytes that takes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crowd import crowd_store
from benchmarks.figure import Figure, Missing
from benchmarks.sitting import NARROW, SIGN, WIDE, Pressed, Sitting, aftersend, quantile

SMALL = 10_000
PEER_SIZE = 10_000
_IDLE_S, _BRIEF_S = 2.0, 0.4
_PAGE = "\x06"


@dataclass(frozen=True, slots=True)
class Walk:
    """What an operator's keys took on one store.

    Attributes:
        inside: steps that stay on the page.
        steps: steps of which some pass its edge.
        pages: whole pages.
        ends: to the last row and to the first.
        start_bytes: what came before the first key.
        palette_bytes: what the command palette took.
        idle_bytes: what some seconds without a key sent; idle_cpu: the share of a processor they took.
        resident_mb: memory at the end.
    """

    inside: Pressed
    steps: Pressed
    pages: Pressed
    ends: Pressed
    start_bytes: int
    palette_bytes: int
    idle_bytes: int
    idle_cpu: float
    resident_mb: float


def screens(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure the screen on one campaign to ``size`` recipients, beside a campaign to 10,000."""
    small = min(SMALL, size // 2)
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        large, little = (Path(shutil.copy(crowd_store(count), folder)) for count in (size, small))
        for terminal in (WIDE, NARROW) if rounds > 1 else (WIDE,):
            yield from _starts(large, 5 * rounds - 4, terminal)
        brief = rounds == 1
        long, whole = walk(large, rounds, brief=brief), walk(large, 1, brief=brief, AFTERSEND_DIFF="0")
        yield from _keys(long)
        yield from _bytes(long, whole)
        if rounds > 1:
            yield from _beside_small(long, walk(little, rounds), small)
            yield from _narrow(walk(large, rounds, size=NARROW))
        yield from _beside_peer(long, min(PEER_SIZE, size), rounds)


def walk(store: Path, rounds: int, *, brief: bool = False, size: tuple[int, int] = WIDE, **env: str | None) -> Walk:
    """Walk through the recipients, ``rounds`` times as long; ``brief``: a few keys of each kind, to see them work."""
    idle_s = _BRIEF_S if brief else _IDLE_S * rounds
    with aftersend(store, size=size, **env) as sitting:
        start = sitting.settle(brief=rounds == 1)
        sitting.strikes(["j", "k", _PAGE, "g"])
        inside = sitting.strikes(["j", "k"] if brief else (["j"] * 8 + ["k"] * 8) * rounds)
        steps = sitting.strikes(["j"] * (4 if brief else size[1] + 30 * (rounds - 1)))
        pages = sitting.strikes([_PAGE] * (1 if brief else 8 * rounds - 5))
        ends = sitting.strikes(["G", "g"] * (6 * rounds - 5))
        before = sitting.sent
        sitting.press("ctrl+p")
        sitting.wait_quiet(0.4)
        palette = sitting.sent - before
        sitting.press("esc")
        sitting.wait_quiet(0.4)
        cpu = sitting.cpu_s
        idle = sitting.sent_within(idle_s)
        share, resident = (sitting.cpu_s - cpu) / idle_s, sitting.resident_mb
        sitting.leave()
    return Walk(inside, steps, pages, ends, start, palette, idle, share, resident)


def _starts(store: Path, times: int, terminal: tuple[int, int]) -> Iterator[Figure]:
    taken: list[float] = []
    importing: list[float] = []
    for number in range(times + 1 if times > 1 else 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
        imported = time.perf_counter() - began
        with aftersend(store, size=terminal) as sitting:
            seconds = sitting.wait_rows(SIGN)
            sitting.wait_quiet(0.2)
            sitting.leave()
        if number or times == 1:  # the first one of several may have to compile what was edited
            taken.append(1000 * seconds)
            importing.append(1000 * imported)
    at = "{}x{}".format(*terminal)
    half = quantile(taken, 0.5)
    yield Figure(f"start to first rows, {at}, p50", "ms", half, "", None, 350, at_most=True)
    yield Figure(f"start to first rows, {at}, p95", "ms", quantile(taken, 0.95), "", None, 500, at_most=True)
    textual = quantile(importing, 0.5)
    yield Figure(f"start, {at}, beside import", "ms", half, "import textual.app", textual, 1.85, at_most=True)


def _keys(long: Walk) -> Iterator[Figure]:
    yield Figure("key to paint in the page, p95", "ms", long.inside.ms(0.95), "", None, 8, at_most=True)
    for name, pressed in (("scroll", long.steps), ("page", long.pages), ("G and g", long.ends)):
        yield Figure(f"key to paint, {name}, p95", "ms", pressed.ms(0.95), "", None, 25, at_most=True)
        yield Figure(f"key to paint, {name}, longest", "ms", pressed.ms(1.0), "", None, 60, at_most=True)


def _beside_small(long: Walk, short: Walk, small: int) -> Iterator[Figure]:
    more = long.resident_mb - short.resident_mb
    yield Figure(f"memory more than for {small:,} rows", "MB", more, "", None, 15, at_most=True)
    rows = f"{small:,} rows"
    for name, pressed, other in (
        ("in the page", long.inside, short.inside),
        ("scroll", long.steps, short.steps),
        ("page", long.pages, short.pages),
    ):
        yield Figure(f"key to paint, {name}, p50", "ms", pressed.ms(0.5), rows, other.ms(0.5), 1.25, at_most=True)


def _narrow(narrow: Walk) -> Iterator[Figure]:
    for name, pressed, target in (("in the page", narrow.inside, 8), ("scroll", narrow.steps, 25)):
        yield Figure(f"key to paint, 80x24, {name}, p95", "ms", pressed.ms(0.95), "", None, target, at_most=True)
    for name, pressed, target in (("key in the page", narrow.inside, 500), ("page", narrow.pages, 6_500)):
        yield Figure(f"bytes, 80x24, {name}", "bytes", pressed.mean_bytes, "", None, target, at_most=True)


def _bytes(long: Walk, whole: Walk) -> Iterator[Figure]:
    for name, pressed, lines, target, plain in (
        ("key in the page", long.inside, whole.inside, 500, 800),
        ("scrolling key, mean", long.steps, whole.steps, 800, 1_200),
        ("page", long.pages, whole.pages, 6_500, 13_000),
    ):
        yield Figure(f"bytes, {name}", "bytes", pressed.mean_bytes, "", None, target, at_most=True)
        yield Figure(f"bytes, {name}, whole lines", "bytes", lines.mean_bytes, "", None, plain, at_most=True)
    yield Figure("bytes, start", "bytes", long.start_bytes, "", None, 15_000, at_most=True)
    yield Figure("bytes, command palette", "bytes", long.palette_bytes, "", None, 30_000, at_most=True)
    yield Figure("bytes without a key, 1 s tick", "bytes", long.idle_bytes, "", None, 0, at_most=True)
    yield Figure("memory of the screen", "MB", long.resident_mb, "", None, 64, at_most=True)
    yield Figure("processor without a key", "per mille", 1000 * long.idle_cpu, "", None, 3, at_most=True)


def _beside_peer(long: Walk, size: int, rounds: int) -> Iterator[Figure]:
    with Sitting([sys.executable, "-m", "benchmarks.peer", str(size)], 3) as peer:
        peer.lines = range(1, WIDE[1])
        peer.wait_rows("E-mail")
        peer.wait_quiet(0.3 * rounds)
        peer.strikes(["down", "down", "up"])
        brief = rounds == 1
        inside = peer.strikes(["down"] * (2 if brief else 8 * rounds))
        peer.strikes(["pagedown"])
        steps = peer.strikes(["down"] * (2 if brief else 15 * rounds))
        pages = peer.strikes(["pagedown"] * (1 if brief else 3 * rounds))
    name = f"DataTable of {size:,}"
    for what, ours, theirs in (
        ("in the page", long.inside, inside),
        ("scroll", long.steps, steps),
        ("page", long.pages, pages),
    ):
        yield Figure(f"key to paint, {what}, p50, and", "ms", ours.ms(0.5), name, theirs.ms(0.5), 1.0, at_most=True)
        yield Figure(f"bytes, {what}, and", "bytes", ours.mean_bytes, name, theirs.mean_bytes, 0.5, at_most=True)
