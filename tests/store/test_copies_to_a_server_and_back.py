"""A store that moves: all of it arrives, in a file or on a server, and nothing else is taken for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sample_data.world import FIXED_NOW
from store.actions.imports import import_recipients
from store.asking import RecipientFilter
from store.database import Store, open_store
from store.errors import Refused, StoreUnavailable
from store.exports import csv
from store.journal import Operator
from store.queries.history import history
from store.queries.recipients import stream
from store.recompute import differences
from store.upkeep import transfer as module
from store.upkeep.transfer import Part, transfer
from tests.postgres import Database

ANN = Operator("ann", "desk")


def quiet(what: str, done: int, total: int) -> None:
    pass


def moved(source: Store, target: Store) -> tuple[Part, ...]:
    return transfer(source, target, ANN, FIXED_NOW, quiet)


def exported(store: Store, target: Path) -> bytes:
    csv.export(stream(store, RecipientFilter()), target, overwrite=True)
    return target.read_bytes()


def test_to_a_server_and_back_it_is_the_same(sample_store: Store, postgres_database: Database, tmp_path: Path) -> None:
    server = open_store(postgres_database.url())
    there = moved(sample_store, server)
    assert sum(part.rows for part in there) > 5000
    assert exported(server, tmp_path / "there.csv") == exported(sample_store, tmp_path / "here.csv")
    assert history(server, 1) == history(sample_store, 1)
    assert not list(differences(server))
    back = open_store(tmp_path / "back.db")
    again = moved(server, back)
    kept = {part.table: part for part in there}
    assert {part.table for part in again if part != kept[part.table]} == {"journal"}
    assert exported(back, tmp_path / "back.csv") == exported(sample_store, tmp_path / "here.csv")
    assert [said for (said,) in back.rows("SELECT sentence FROM journal WHERE verb = 'copy' ORDER BY id")] == [
        f"Copied from {place}: {rows:,} rows"
        for place, rows in (
            (sample_store.place, sum(part.rows for part in there)),
            (server.place, sum(part.rows for part in again)),
        )
    ]
    for store in (server, back):
        store.close()


def test_a_copy_goes_on_counting_where_the_store_was(
    sample_store: Store, postgres_database: Database, tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_text("email,name\nnew@shop.example,New\n")
    server = open_store(postgres_database.url())
    moved(sample_store, server)
    for store in (sample_store, server):
        import_recipients(store, people, "One more", ANN, FIXED_NOW)
    newest = "SELECT max(id) FROM recipient"
    assert server.rows(newest) == sample_store.rows(newest)
    server.close()


def test_only_an_empty_place_is_filled(sample_store: Store, tmp_path: Path) -> None:
    target = open_store(tmp_path / "other.db")
    moved(sample_store, target)
    with pytest.raises(Refused, match="holds something already"):
        moved(sample_store, target)
    with pytest.raises(Refused, match="is the store itself"):
        moved(sample_store, sample_store)
    target.close()


def test_a_copy_that_is_not_the_same_is_found(
    sample_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = open_store(tmp_path / "other.db")
    compare = module._compare

    def somebody_writes_first(*given: object) -> None:
        target.run(lambda: target.execute("UPDATE contact SET name = 'Else' WHERE id = 7"))
        compare(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_compare", somebody_writes_first)
    with pytest.raises(StoreUnavailable, match=r"is not the same: contact has [\d,]+ rows with"):
        moved(sample_store, target)
    target.close()


def test_killed_on_the_way_it_leaves_an_empty_place(sample_store: Store, tmp_path: Path) -> None:
    target = tmp_path / "other.db"
    program = (
        "import os, signal, sys\n"
        "from datetime import datetime, UTC\n"
        "from store.database import open_store\n"
        "from store.journal import Operator\n"
        "from store.upkeep.transfer import transfer\n"
        "def tell(what, done, total):\n"
        "    if done > total // 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "transfer(open_store(sys.argv[1]), open_store(sys.argv[2]), Operator('ann', 'desk'), datetime.now(UTC), tell)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(sample_store.path), str(target)], env=dict(os.environ))
    assert ended.returncode == -9
    store = open_store(target)
    assert [name for name in store.tables() if store.rows(f"SELECT 1 FROM {name} LIMIT 1")] == []
    assert moved(sample_store, store)
    store.close()


def test_what_a_server_cannot_hold_is_replaced_and_compared_alike(
    sample_store: Store, postgres_database: Database
) -> None:
    sample_store.run(lambda: sample_store.execute("UPDATE contact SET company = ? WHERE id = 3", ("a\0b",)))
    server = open_store(postgres_database.url())
    moved(sample_store, server)
    assert server.rows("SELECT company FROM contact WHERE id = 3") == [("a\ufffdb",)]
    server.close()
