"""Transactions are long where nobody waits, and short while another process has the store open."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import stride
from store.database import Store, open_store
from store.engines import sqlite
from store.engines.sqlite import SqliteStore, is_attended
from store.stride import Stride

OPEN = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "aftersend.db")
    yield store
    store.close()


def test_another_process_that_has_the_store_open_is_seen_and_this_one_is_not(store: Store) -> None:
    own = store.connection()
    assert not is_attended(store.path)
    command = [sys.executable, "-c", OPEN, str(store.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert is_attended(store.path)
    assert not is_attended(store.path)
    own.close()


def test_where_nobody_can_tell_somebody_may_be_there(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_attended(tmp_path / "other.db")
    monkeypatch.setattr(sqlite, "_LOCKS", tmp_path / "missing")
    assert is_attended(store.path)


@pytest.mark.parametrize(
    ("attended", "seconds", "then"),
    [
        (False, 0.1, 32_000),
        (False, 3.0, 10_000),
        (False, 30.0, 1_000),
        (False, 0.0, 32_000),
        (True, 0.05, 6_000),
        (True, 0.6, 500),
        (True, 60.0, 500),
    ],
)
def test_the_next_transaction_takes_what_fits_the_time(
    store: Store, monkeypatch: pytest.MonkeyPatch, attended: bool, seconds: float, then: int
) -> None:
    clock = iter((100.0, 100.0 + seconds))
    monkeypatch.setattr(stride.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(stride, "_PAUSE_S", 0.0)
    monkeypatch.setattr(SqliteStore, "attended", lambda store: attended)
    keeping = Stride(store, 10_000)
    assert keeping.records == (2_000 if attended else 10_000)
    assert keeping.run(lambda: "landed", keeping.records) == "landed"
    assert keeping.records == then


def test_it_never_takes_more_than_memory_is_meant_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SqliteStore, "attended", lambda store: False)
    keeping = Stride(store, 10_000)
    for _ in range(4):
        keeping.run(lambda: None, keeping.records)
    assert keeping.records == stride.MOST


def test_a_change_that_fails_is_told_as_ever(store: Store) -> None:
    def broken() -> None:
        raise sqlite3.IntegrityError("broken")

    with pytest.raises(sqlite3.IntegrityError):
        Stride(store, 10).run(broken, 10)
