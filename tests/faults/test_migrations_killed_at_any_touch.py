"""A store whose tables are brought up to date, or that is made, and killed at it: old, new or both are there, whole."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from store import database
from store.database import open_store
from tests.faults.inside import KILL, Fault
from tests.faults.killing import content, count, go, sound
from tests.faults.world import FIRST, build, write

KILLS = int(os.environ.get("FAULT_KILLS", "2"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
VERSIONS = (1, 6, 11)
"""How many migrations the old stores have seen."""


def open_it(path: Path) -> None:
    open_store(path).close()
    print("open")


def old_store(world: Path, path: Path, version: int) -> list[str]:
    """Make a store as an older version would have left it, with what the world's tables hold; return its migrations."""
    known = sorted(database.MIGRATIONS.glob("[0-9]*.py"))[:version]
    folder = path.with_name("migrations")
    folder.mkdir()
    for file in known:
        shutil.copy(file, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", folder)
        open_store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("ATTACH ? AS new", (str(world),))
        for (table,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            if table.startswith(("sqlite_", "schema_migration")):
                continue
            columns, there = (
                {name for _, name, *_ in db.execute(f"PRAGMA {schema}.table_info({table})")}
                for schema in ("main", "new")
            )
            if there and columns <= there:
                names = ", ".join(f'"{name}"' for name in sorted(columns))
                db.execute(f"INSERT OR IGNORE INTO main.{table} ({names}) SELECT {names} FROM new.{table}")
        db.commit()
    return [file.stem for file in known]


def test_a_migration_that_is_killed_leaves_the_copy_and_the_store(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    (tmp_path / "new").mkdir()
    world = build(tmp_path / "new")
    kills = copies = 0
    for version in VERSIONS:
        folder = tmp_path / str(version)
        folder.mkdir()
        known = old_store(world, folder / "old.db", version)
        before = content(folder / "old.db")
        assert len(before["recipient"]) == 150
        path = Path(shutil.copy(folder / "old.db", folder / "clean.db"))
        clean = count(path, open_it, folder)
        assert clean.code == 0, clean
        after = without_history(content(path))
        for number in range(KILLS):
            path = folder / f"{number}.db"
            shutil.copy(folder / "old.db", path)
            ended = go(path, open_it, Fault(KILL, chance.randint(1, clean.touches)), folder)
            assert ended.killed or ended.code == 0, ended
            kills += ended.killed
            copies += judge_copies(path, known, before)
            with closing(sqlite3.connect(path)) as db:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            store = open_store(path)
            assert store.rows("PRAGMA integrity_check") == [("ok",)]
            store.close()
            assert without_history(content(path)) == after
            assert list(folder.glob(f"{number}.db.before-{known[-1]}")), "the copy of the old store"
            assert not list(folder.glob("*.part")) or ended.killed
    print(f"{kills} killed, {copies} whole copies there")


def without_history(tables: dict[str, list[str]]) -> dict[str, list[str]]:
    return {table: rows for table, rows in tables.items() if table != "schema_migration"}


def judge_copies(path: Path, known: list[str], before: dict[str, list[str]]) -> int:
    """Hold the copies that a killed migration has left against the old store; return their number."""
    whole = [
        copy for copy in path.parent.glob(f"{path.name}.before-*") if not copy.name.endswith((".part", "-journal"))
    ]
    for copy in path.parent.glob(f"{path.name}.before-*"):
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600, copy
    for copy in whole:
        with closing(sqlite3.connect(copy)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if copy.name.endswith(known[-1]):
            assert content(copy) == before
    return len(whole)


def test_a_store_that_is_killed_while_it_is_made_is_made_by_the_next(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    write(tmp_path)
    words = ("import", "recipients", "list.csv", "--campaign", FIRST, "--key", "spring")
    clean = count(tmp_path / "clean.db", words, tmp_path)
    assert clean.code == 0, clean
    after = without_history(content(tmp_path / "clean.db"))
    kills = 0
    for number in range(2 * KILLS):
        path = tmp_path / f"{number}.db"
        # The first tenth of the touches makes the tables, or all but the last.
        most = clean.touches if number % 2 else clean.touches // 2
        ended = go(path, words, Fault(KILL, chance.randint(1, most)), tmp_path)
        assert ended.killed or ended.code == 0, ended
        kills += ended.killed
        if path.exists():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            sound(path).close()
        again = count(path, words, tmp_path)
        assert again.code == 0, again
        sound(path).close()
        assert without_history(content(path)) == after
    print(f"{kills} killed")
