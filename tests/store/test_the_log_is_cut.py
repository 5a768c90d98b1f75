"""The write-ahead log stays small, also while readers have the store open; who reads for long is not waited for."""

from __future__ import annotations

import os
from contextlib import closing

import pytest

from store.database import Store
from store.engines import sqlite

pytestmark = pytest.mark.only_sqlite("A server keeps its own log.")

LIMIT = 200_000


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setattr(sqlite, "_LOG_BYTES", LIMIT)
    monkeypatch.setattr(sqlite, "_CUT_MS", 1)
    store.run(lambda: store.execute("CREATE TABLE t (text TEXT)"))


def write(store: Store) -> int:
    """Write some 50 kB in a transaction and return the size of the log."""
    store.run(lambda: store.execute_many("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 50))
    return os.path.getsize(f"{store.path}-wal")


def test_it_stays_small_while_readers_come_and_go(store: Store) -> None:
    with closing(store.connection()) as reader:
        for _ in range(20):
            assert write(store) <= LIMIT
            assert reader.execute("SELECT count(*) FROM t").fetchone()[0]


def test_a_reader_who_stays_keeps_what_it_sees_and_the_log_is_cut_when_it_is_done(store: Store) -> None:
    write(store)
    with closing(store.connection()) as reader:
        reader.execute("BEGIN")
        seen = reader.execute("SELECT count(*) FROM t").fetchone()
        sizes = [write(store) for _ in range(8)]
        assert sizes[-1] > LIMIT
        assert reader.execute("SELECT count(*) FROM t").fetchone() == seen
        reader.execute("ROLLBACK")
    assert write(store) == 0


def test_a_change_within_another_one_cuts_nothing(store: Store) -> None:
    def change() -> None:
        for _ in range(10):
            write(store)

    store.run(change)
    assert store.rows("SELECT count(*) FROM t") == [(500,)]


def test_writers_wait_as_long_as_before(store: Store) -> None:
    for _ in range(8):
        write(store)
    assert store.row("PRAGMA busy_timeout") == (int(sqlite._BUSY_S * 1000),)


def test_a_statement_that_is_still_being_read_is_not_disturbed(store: Store) -> None:
    for _ in range(3):
        write(store)
    with closing(store.connection()) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM t").fetchone()
        for _ in range(5):
            write(store)
        cursor = store.execute("SELECT rowid FROM t")
        first = cursor.fetchone()
        reader.execute("ROLLBACK")
    assert write(store) > LIMIT
    assert first == (1,)
    assert len(cursor.fetchall()) > 300
