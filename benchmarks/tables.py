"""The other long tables in a real terminal: clickers, members of a list, failures, blocked addresses."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.crowd import ONE_IN, crowd_store
from benchmarks.figure import Figure, Missing
from benchmarks.sitting import Sitting, aftersend

_PAGE = "\x06"
_BRIEF_S, _LOADED_S = 0.3, 1.5


def tables(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure opening each table and the keys in it, on a store of ``size`` recipients."""
    few = size // ONE_IN
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        path = Path(shutil.copy(crowd_store(size), folder))
        for name, keys, ready, sign, first_line in (
            (f"{size - few:,} clickers", ("3", "enter"), "news.example/offer", f"{size - few:,} clickers", 2),
            (f"{size:,} members", ("L", "enter"), "everybody", "project everybody", 3),
            (f"{few:,} failures", ("i", "t", "t", "t"), "by time", "one by one", 2),
            (f"{few:,} blocked", ("A",), "", " addresses", 2),
        ):
            yield from _walked(path, name, keys, (ready, sign), first_line, rounds)


def _walked(
    path: Path, name: str, keys: tuple[str, ...], signs: tuple[str, str], first_line: int, rounds: int
) -> Iterator[Figure]:
    with aftersend(path) as sitting:
        sitting.settle(brief=rounds == 1)
        opened = _opened(sitting, keys, *signs)
        sitting.lines = range(first_line, sitting.lines.stop)
        sitting.wait_quiet(_BRIEF_S if rounds == 1 else _LOADED_S)
        sitting.strikes(["j", "k"])
        brief = rounds == 1
        inside = sitting.strikes(["j", "k"] if brief else (["j"] * 5 + ["k"] * 5) * rounds)
        steps = sitting.strikes(["j"] * (4 if brief else 25 + 20 * rounds))
        pages = sitting.strikes([_PAGE] * (1 if brief else 4 * rounds))
        resident = sitting.resident_mb
        sitting.leave()
    yield Figure(f"{name}, to paint", "ms", 1000 * opened, "", None, 1_500, at_most=True)
    yield Figure(f"{name}, key in the page, p95", "ms", inside.ms(0.95), "", None, 8, at_most=True)
    yield Figure(f"{name}, scroll, p95", "ms", steps.ms(0.95), "", None, 25, at_most=True)
    yield Figure(f"{name}, page, p95", "ms", pages.ms(0.95), "", None, 25, at_most=True)
    yield Figure(f"{name}, bytes of a page", "bytes", pages.mean_bytes, "", None, 6_500, at_most=True)
    yield Figure(f"{name}, memory", "MB", resident, "", None, 64, at_most=True)


def _opened(sitting: Sitting, keys: tuple[str, ...], ready: str, sign: str) -> float:
    """Press keys, the last one when ``ready`` is there; return the seconds from then until the rows are there."""
    for key in keys[:-1]:
        sitting.press(key)
        sitting.wait_quiet(_BRIEF_S)
    sitting.wait_for(ready)
    pressed = time.perf_counter()
    sitting.press(keys[-1])
    sitting.wait_for(lambda text: sign in text and "Reading…" not in text)
    return sitting.arrived - pressed
