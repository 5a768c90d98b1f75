"""The screen while others write, while it works, and at the end of a slow line."""

from __future__ import annotations

import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.crowd import crowd_store
from benchmarks.figure import Figure, Missing
from benchmarks.ses import ses_sending
from benchmarks.sitting import Pressed, Sitting, aftersend
from benchmarks.subjects import WHO
from store.actions.triage import clear, mark_hard, mark_soft
from store.database import Store, open_store

PAGE = "\x06"
_LINE = 10_000
_HELD_S, _PER_S = 3.0, 30
_TICK_S = 1.5
_AT_A_TIME = 200
_TYPED = 40


def living(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure the screen on ``size`` recipients while others change them."""
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        path = Path(shutil.copy(crowd_store(size), folder))
        yield from _ticks(path, brief=rounds == 1)
        yield from _following(path, size, rounds)
        if rounds > 1:
            yield from _slow_line(path)
            yield from _working(path, rounds)
            yield from _others_write(path, rounds)


def _slow_line(path: Path) -> Iterator[Figure]:
    with aftersend(path) as sitting:
        sitting.settle()
        seconds = sitting.held_down("j", _HELD_S, _PER_S, _LINE)
        sitting.leave()
    yield Figure("30 keys/s for 3 s over 10 kB/s: tail", "ms", 1000 * seconds, "", None, 1_000, at_most=True)


def _ticks(path: Path, *, brief: bool) -> Iterator[Figure]:
    """Measure what a commit of another process has sent, and how soon it is seen."""
    store = open_store(path)
    ids = [id_ for (id_,) in store.rows("SELECT id FROM recipient ORDER BY id LIMIT 60")]
    with aftersend(path) as sitting:
        sitting.settle(brief=brief)
        sitting.wait_quiet()
        for name, some, target in (("10 rows", ids[2:12], 700), ("all rows in sight", ids, 2_500)):
            _mark(store, some)
            sent = sitting.sent_within(_TICK_S)
            yield Figure(f"bytes of a tick, {name}", "bytes", sent, "", None, target, at_most=True)
            sitting.wait_quiet()
        clear(store, ids[:1], WHO, datetime.now(UTC))
        sitting.wait_quiet(_TICK_S)
        mark_hard(store, ids[:1], WHO, datetime.now(UTC))
        committed = time.perf_counter()
        sitting.wait_for(lambda text: "Bounced hard" in text.splitlines()[sitting.lines[0]])
        seen = sitting.arrived - committed
        sitting.leave()
    store.close()
    yield Figure("another process's commit to the screen", "ms", 1000 * seen, "", None, 1_100, at_most=True)


def _mark(store: Store, ids: Sequence[int]) -> None:
    mark_soft(store, ids, WHO, datetime.now(UTC))


def _working(path: Path, rounds: int) -> Iterator[Figure]:
    """Measure how long other orders and filters take, and keys meanwhile."""
    company: list[float] = []
    turned: list[float] = []
    searched: list[float] = []
    seconds: list[float] = []
    with aftersend(path) as sitting:
        sitting.settle()
        for _ in range(rounds):
            company.append(_reordered(sitting, "o", "g", "j", "j", "j", "enter"))
            _reordered(sitting, "o", "g", "enter")
            turned.append(_reordered(sitting, "O"))
            searched.append(_searched(sitting))
        sitting.press("o", "g", "j", "j", "j", "enter")
        sitting.wait_quiet(0.1)
        seconds += sitting.strikes(["j", "k"] * 10).seconds
        sitting.leave()
    for name, taken, target in (
        ("order of the plan turned round, to paint", turned, 400),
        ("order by company, without an index, to paint", company, 1_500),
        ("words looked for in all rows, to paint", searched, 500),
    ):
        yield Figure(name, "ms", 1000 * statistics.median(taken), "", None, target, at_most=True)
    pressed = Pressed(tuple(seconds), (0,) * len(seconds))
    yield Figure("keys while all rows are sorted, p95", "ms", pressed.ms(0.95), "", None, 60, at_most=True)


def _reordered(sitting: Sitting, *keys: str) -> float:
    """Press keys that ask for another order; return the seconds from the last one until other rows are there."""
    at = sitting.lines[0] + 1
    before = sitting.line(at)
    sitting.press(*keys[:-1])
    sitting.wait_quiet(0.3)
    pressed = time.perf_counter()
    sitting.press(keys[-1])
    sitting.wait_for(lambda text: "Sort by" not in text and sitting.line(at) != before)
    seconds = sitting.arrived - pressed
    sitting.wait_quiet(0.5)
    return seconds


def _searched(sitting: Sitting) -> float:
    """Look for words; return the seconds until the title tells how many have them, and take them off."""
    sitting.press("/")
    sitting.wait_quiet(0.3)
    pressed = time.perf_counter()
    sitting.press("hansen7")
    sitting.wait_for(lambda text: " of " in text.partition("\n")[0])
    seconds = sitting.arrived - pressed
    sitting.press("enter", "esc")
    sitting.wait_for(lambda text: " of " not in text.partition("\n")[0])
    sitting.wait_quiet(0.5)
    return seconds


def _others_write(path: Path, rounds: int) -> Iterator[Figure]:
    """Measure keys while another process commits as fast as it can."""
    with aftersend(path) as sitting:
        sitting.settle()
        with _running([sys.executable, "-m", "benchmarks.live", str(path)]):
            sitting.wait_quiet(1.5)
            pressed = sitting.strikes(["j"] * 60 * rounds + [PAGE] * 10 * rounds)
        sitting.leave()
    yield Figure("keys while another process writes, p95", "ms", pressed.ms(0.95), "", None, 35, at_most=True)


def _following(path: Path, size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Walk, mark and look for words while ``aftersend follow`` reads as fast as it can."""
    feed = ses_sending(size, size // 5)
    with aftersend(path) as sitting:
        sitting.settle(brief=rounds == 1)
        with _running([sys.executable, "-m", "tui.cli", "--store", str(path), "follow", str(feed)]) as follow:
            sitting.wait_quiet(1.5)
            walk = (["j"] * 10 + ["space"] * 3 + [PAGE] * 3 + ["G", "k", "k", "g"]) * (4 * rounds - 3)
            pressed = sitting.strikes(walk)
            wrote = follow.poll() is None
            sitting.press("g")
            sitting.wait_quiet(0.5)
            sitting.press("j" * _TYPED)
            sitting.wait_quiet(1.0)
            lost = _TYPED - _cursor_at(sitting)
        sitting.leave()
    if not wrote:
        yield Missing("keys while follow writes", "everything was read before the last key")
        return
    yield Figure("keys while follow writes, p99", "ms", pressed.ms(0.99), "", None, 100, at_most=True)
    yield Figure(f"lost of {_TYPED} keys typed at once meanwhile", "keys", lost, "", None, 0, at_most=True)


def _cursor_at(sitting: Sitting) -> int:
    """Return how many rows the cursor stands below the first one, after the number in the made-up address."""
    found = re.search(r"[a-z]+\.[a-z]+(\d+)", sitting.cursor_row)
    return int(found[1]) if found else 0


@contextmanager
def _running(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _write(path: Path) -> None:
    """Mark random recipients and take it back, commit after commit, until somebody ends the process."""
    store = open_store(path)
    ids = [id_ for (id_,) in store.rows("SELECT id FROM recipient")]
    dice = random.Random(1)
    while True:
        some = dice.sample(ids, min(_AT_A_TIME, len(ids)))
        mark_hard(store, some, WHO, datetime.now(UTC))
        clear(store, some, WHO, datetime.now(UTC))


if __name__ == "__main__":
    _write(Path(sys.argv[1]))
