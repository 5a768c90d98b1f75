"""What the subjects are compared with: the sqlite3 shell's .import, sqlite-utils, and pflogsumm."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figure import Timed


def sqlite_import(source: Path, columns: tuple[str, ...], unique: str | None) -> Timed | None:
    """Return the sqlite3 shell's import of a CSV file with a heading, with or without a unique key; None without it."""
    shell = shutil.which("sqlite3")
    if shell is None:
        return None

    def run() -> float:
        with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
            target = str(Path(folder) / "bound.db")
            script = f"CREATE TABLE t ({', '.join(f'{column} TEXT' for column in columns)});"
            if unique:
                script += f" CREATE UNIQUE INDEX u ON t ({unique});"
            subprocess.run([shell, target, script], check=True)
            started = time.perf_counter()
            subprocess.run([shell, target, f".import --csv --skip 1 '{source}' t"], check=True)
            return time.perf_counter() - started

    return run


def pflogsumm(log: Path) -> Timed | None:
    """Return pflogsumm's reading of a Postfix log; None if it is not installed."""
    program = shutil.which("pflogsumm")
    if program is None:
        return None

    def run() -> float:
        started = time.perf_counter()
        subprocess.run([program, str(log)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - started

    return run


def sqlite_utils(source: Path, unique: str | None) -> Timed | None:
    """Return sqlite-utils' import of a CSV file with a heading; None if it is not installed."""
    program = shutil.which("sqlite-utils") or shutil.which("sqlite-utils", path=str(Path(sys.executable).parent))
    if program is None:
        return None

    def run() -> float:
        with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
            target = str(Path(folder) / "bound.db")
            key = ["--pk", unique] if unique else []
            started = time.perf_counter()
            subprocess.run([program, "insert", target, "t", str(source), "--csv", "--silent", *key], check=True)
            return time.perf_counter() - started

    return run
