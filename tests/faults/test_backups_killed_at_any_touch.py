"""A killed backup leaves a whole one or none, a restore the old store or the new one, a repair all or nothing."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from store.recompute import differences
from store.upkeep.backups import check_backup, side_of
from tests.faults.inside import KILL, Fault
from tests.faults.killing import content, count, go, sound
from tests.faults.world import build, here

KILLS = 3 * int(os.environ.get("FAULT_KILLS", "2"))
SEED = int(os.environ.get("FAULT_SEED", "1"))


def quiet(what: str, done: int, total: int) -> None:
    pass


def without_journal(path: Path) -> dict[str, list[str]]:
    return {table: rows for table, rows in content(path).items() if table not in {"journal", "schema_migration"}}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return build(tmp_path)


def test_a_backup_is_whole_or_absent_and_the_store_as_it_was(world: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    words = ("backup", "b.db", "--force")
    clean = count(world, words, tmp_path)
    assert clean.code == 0, clean
    before = without_journal(world)
    target = tmp_path / "b.db"
    killed = 0
    for _ in range(KILLS):
        old = chance.random() < 0.5
        if not old:
            target.unlink(missing_ok=True)
            side_of(target).unlink(missing_ok=True)
        ended = go(world, words, Fault(KILL, chance.randint(1, clean.touches)), tmp_path)
        assert ended.killed or ended.code == 0, ended
        killed += ended.killed
        if target.exists():
            check_backup(target, quiet)
            assert without_journal(target) == before
        assert target.exists() or not old
        assert target.exists() or not side_of(target).exists()
        sound(world).close()
        assert without_journal(world) == before
        again = count(world, words, tmp_path)
        assert again.code == 0, again
        assert check_backup(target, quiet)[1]
        assert [path.name for path in tmp_path.iterdir() if ".part" in path.name] == []
    assert killed


def test_a_restore_leaves_the_old_store_or_the_new_one(world: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    assert here(world, "backup", tmp_path / "b.db").exit_code == 0
    backup = without_journal(tmp_path / "b.db")
    assert here(world, "ingest", tmp_path / "autumn.log").exit_code == 0
    assert here(world, "remind", "spring").exit_code == 0
    later = without_journal(world)
    assert later != backup
    kept = tmp_path / "later.db"
    shutil.copy(world, kept)
    words = ("restore", "b.db")
    clean = count(world, words, tmp_path)
    assert clean.code == 0, clean
    seen = set()
    for _ in range(KILLS):
        for path in tmp_path.glob("store.db*"):
            path.unlink()
        shutil.copy(kept, world)
        ended = go(world, words, Fault(KILL, chance.randint(1, clean.touches)), tmp_path)
        assert ended.killed or ended.code == 0, ended
        sound(world).close()
        holds = without_journal(world)
        assert holds in (later, backup)
        with closing(sqlite3.connect(world)) as store:
            told = store.execute("SELECT count(*) FROM journal WHERE verb = 'restore'").fetchone()[0]
        assert told == (holds == backup)
        copies = list(tmp_path.glob("store.db.before-restore-*Z"))
        if holds == backup:
            assert [without_journal(copy) for copy in copies] == [later]
        assert ended.killed or holds == backup
        seen.add(holds == backup)
        assert count(world, words, tmp_path).code == 0
        assert without_journal(world) == backup
        assert [path.name for path in tmp_path.iterdir() if ".part" in path.name] == []
    assert False in seen


def test_a_repair_is_there_or_not(world: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    world.chmod(0o600)
    right = without_journal(world)
    with closing(sqlite3.connect(world)) as store:
        store.execute("UPDATE recipient SET clicks = clicks + 1, engagement = 0")
        store.execute("DELETE FROM clicker")
        store.commit()
    wrong = without_journal(world)
    broken = tmp_path / "broken.db"
    shutil.copy(world, broken)
    clean = count(world, ("doctor", "--repair"), tmp_path)
    assert clean.code == 0, clean
    assert without_journal(world) == right
    for _ in range(KILLS):
        for path in tmp_path.glob("store.db*"):
            path.unlink()
        shutil.copy(broken, world)
        ended = go(world, ("doctor", "--repair"), Fault(KILL, chance.randint(1, clean.touches)), tmp_path)
        assert ended.killed or ended.code == 0, ended
        holds = without_journal(world)
        assert holds in (wrong, right)
        with closing(sqlite3.connect(world)) as store:
            assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            told = store.execute("SELECT count(*) FROM journal WHERE verb = 'repair'").fetchone()[0]
        assert told == (holds == right)
        assert count(world, ("doctor", "--repair"), tmp_path).code == 0
        store_again = sound(world)
        assert list(differences(store_again, thorough=True)) == []
        store_again.close()
