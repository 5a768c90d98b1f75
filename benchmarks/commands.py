"""The command line: how soon a short command answers, and what long lists and files take of time and memory."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crowd import crowd_store
from benchmarks.figure import Figure, Missing
from benchmarks.material import CAMPAIGN
from benchmarks.sitting import BYTECODE

_PLAIN = "SELECT r.*, c.* FROM recipient AS r JOIN contact AS c ON c.id = r.contact_id ORDER BY r.id"
_WATCH_S = 0.01
_COMPLETING = {"_AFTERSEND_COMPLETE": "bash_complete", "COMP_WORDS": "aftersend re", "COMP_CWORD": "1"}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command took."""

    seconds: float
    peak_mb: float


def commands(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure commands on a store of ``size`` recipients, and their memory beside a tenth of that."""
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        path, small = (Path(shutil.copy(crowd_store(count), folder)) for count in (size, size // 10))
        yield from _answers(path, 7 * rounds - 6)
        yield from _files(path, small, Path(folder), size)
        yield from _lists(path, small, size)


def _answers(path: Path, times: int) -> Iterator[Figure]:
    for name, arguments, env, target in (
        ("aftersend status", ("status",), {}, (150, 10)),
        ("completion of a command", (), _COMPLETING, (80, 5)),
    ):
        runs = [(_aftersend(path, arguments, env).seconds, _python().seconds) for _ in range(times + 1)]
        taken, bare = (1000 * statistics.median(run[at] for run in runs[1:]) for at in (0, 1))
        yield Figure(name, "ms", taken, "", None, target[0], at_most=True)
        yield Figure(f"{name}, beside", "ms", taken, "python -c pass", bare, target[1], at_most=True)


def _files(path: Path, small: Path, folder: Path, size: int) -> Iterator[Figure | Missing]:
    shell = shutil.which("sqlite3")
    if shell is None:
        yield Missing("export to CSV beside sqlite3 -csv", "sqlite3 is not installed")
    else:
        with (folder / "bound.csv").open("wb") as out:
            bound = _ran([shell, "-csv", str(path), _PLAIN], out.fileno())
        whole = _exported(path, folder / "out.csv")
        rate, limit = size / whole.seconds, size / bound.seconds
        yield Figure("export to CSV, and", "recipients/s", rate, "sqlite3 -csv", limit, None)
    for suffix in ("csv", "xlsx"):
        large = _exported(path, folder / f"large.{suffix}")
        few = _exported(small, folder / f"small.{suffix}")
        yield from _memory(f"export to {suffix.upper()}", large, few, size)


def _lists(path: Path, small: Path, size: int) -> Iterator[Figure]:
    for name, arguments in (
        ("recipients --json", ("recipients", CAMPAIGN, "--json")),
        ("links --clickers --json", ("links", CAMPAIGN, "--clickers", "offer", "--json")),
    ):
        yield from _memory(name, *(_aftersend(store, arguments) for store in (path, small)), size)


def _memory(name: str, large: Ran, few: Ran, size: int) -> Iterator[Figure]:
    yield Figure(name, "recipients/s", size / large.seconds, "", None, None)
    yield Figure(f"{name}, memory", "MB", large.peak_mb, f"{size // 10:,} rows", few.peak_mb, 1.2, at_most=True)


def _exported(path: Path, to: Path) -> Ran:
    return _aftersend(path, ("export", CAMPAIGN, "--to", str(to)))


def _aftersend(path: Path, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> Ran:
    command = [sys.executable, "-m", "tui.cli", "--store", str(path), *arguments]
    return _ran(command, subprocess.DEVNULL, env, watched=env is None)


def _python() -> Ran:
    return _ran([sys.executable, "-c", "pass"], subprocess.DEVNULL)


def _ran(command: Sequence[str], out: int, env: Mapping[str, str] | None = None, *, watched: bool = False) -> Ran:
    """Run a command to its end, and return the seconds and, if it is watched, the most memory that it took.

    Raises:
        RuntimeError: it failed.
    """
    values = {**os.environ, **BYTECODE, **(env or {})}
    values.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=out, env=values, cwd=Path(__file__).parent.parent)
    peak_mb = _watched(process) if watched else 0.0
    code = process.wait()
    seconds = time.perf_counter() - started
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}")
    return Ran(seconds, peak_mb)


def _watched(process: subprocess.Popen[bytes]) -> float:
    """Return the most memory that a process held until it ended, in MB.

    What the system tells in the end would hold the memory of this process, too, of which the other was a copy at first.
    """
    peak_kb = 0
    while process.poll() is None:
        # A process that ended a moment ago has no memory any more.
        told = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").partition("VmHWM:")[2].split()
        peak_kb = max(peak_kb, int(told[0])) if told else peak_kb
        time.sleep(_WATCH_S)
    return peak_kb / 1024
