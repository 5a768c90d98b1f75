"""A thread has one connection to a file, before Peewee is loaded and afterwards; the models follow the store."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from store.database import open_store
from tests.modules import loaded

_MADE = "INSERT INTO mapping (name, spec, created_at) VALUES (?, '', 0)"
_NAMES = "SELECT name FROM mapping ORDER BY name"

_FIRST_WRITE = """
import sys
from store.database import open_store
store = open_store(sys.argv[1])
assert store.rows("SELECT count(*) FROM campaign") == [(0,)]
store.teach("folded", str.lower, "")
store.rows("CREATE TEMP TABLE kept (word TEXT)")
assert "peewee" not in sys.modules
store.run(lambda: store.execute("INSERT INTO temp.kept VALUES (folded('A'))"))
assert "peewee" in sys.modules and "psycopg" not in sys.modules
assert store.rows("SELECT word FROM temp.kept") == [("a",)]
store.close()
assert store.rows("SELECT name FROM sqlite_temp_master") == []
print(*sorted(sys.modules))
"""

_MODELS = """
import sys
from store.database import open_store
store = open_store(sys.argv[1])
store.run(lambda: store.execute("INSERT INTO mapping (name, spec, created_at) VALUES ('m', '', 0)"))
assert "store.models" not in sys.modules
from store.models import Mapping
assert [mapping.name for mapping in Mapping.select()] == ["m"]
other = open_store(sys.argv[2])
assert not list(Mapping.select())
print(*sorted(sys.modules))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store's file, with all its tables."""
    store = open_store(tmp_path / "aftersend.db")
    store.close()
    return store.path


def test_peewee_takes_over_the_connection_with_what_was_done_on_it(file: Path) -> None:
    assert "store.engines.file_database" in loaded(_FIRST_WRITE, str(file))


def test_models_that_are_loaded_late_speak_to_the_store_that_was_opened_last(file: Path, tmp_path: Path) -> None:
    assert "store.models" in loaded(_MODELS, str(file), str(tmp_path / "other.db"))


def test_one_thread_may_write_for_the_first_time_while_another_one_reads_one_state(file: Path) -> None:
    store = open_store(file)
    with store.reading():
        assert store.rows(_NAMES) == []
        writer = threading.Thread(target=lambda: (store.run(lambda: store.execute(_MADE, ("m",))), store.close()))
        writer.start()
        writer.join()
        assert store.rows(_NAMES) == []
        assert store.in_transaction
    assert not store.in_transaction
    assert store.rows(_NAMES) == [("m",)]


def test_many_threads_that_write_for_the_first_time_at_once_share_one_peewee(file: Path) -> None:
    store = open_store(file)
    begun = threading.Barrier(6)
    found = []

    def write(name: str) -> None:
        begun.wait()
        found.append(store.db)
        store.run(lambda: store.execute(_MADE, (name,)))
        store.close()

    writers = [threading.Thread(target=write, args=(name,)) for name in "abcdef"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(set(map(id, found))) == 1
    assert store.rows(_NAMES) == [(name,) for name in "abcdef"]


def test_a_store_that_was_closed_opens_again_by_itself(file: Path) -> None:
    store = open_store(file)
    store.close()
    assert store.rows(_NAMES) == []
    store.close()
    store.run(lambda: store.execute(_MADE, ("m",)))
    store.close()
    assert store.rows(_NAMES) == [("m",)]
