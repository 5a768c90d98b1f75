"""A backup is what the store held at one moment, whoever writes; a restore is all of it or nothing."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from sample_data.world import FIXED_NOW
from store import database
from store.actions.forgetting import forget
from store.asking import RecipientFilter
from store.database import Store, open_store
from store.errors import BadInput, Refused, StoreTooNew, StoreUnavailable
from store.exports import csv
from store.journal import Operator
from store.queries.identity import identity_of
from store.queries.recipients import stream
from store.upkeep import copying
from store.upkeep.backups import back_up, check_backup, own_backups, side_of
from store.upkeep.doctor import examine
from store.upkeep.restoring import restore
from store.upkeep.users import users
from tests.rights import world as rights

pytestmark = pytest.mark.only_sqlite("A file is copied; a server has backups of its own.")

WHO = Operator("ann", "desk")


def quiet(what: str, done: int, total: int) -> None:
    pass


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def exported(path: Path, target: Path) -> bytes:
    store = open_store(path)
    try:
        csv.export(stream(store, RecipientFilter()), target, overwrite=True)
    finally:
        store.close()
    return target.read_bytes()


def journal(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT verb, sentence FROM journal ORDER BY id").fetchall()


def test_what_comes_back_is_what_was_there(sample_path: Path, tmp_path: Path) -> None:
    before = exported(sample_path, tmp_path / "before.csv")
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    store = open_store(sample_path)
    store.run(lambda: store.execute("DELETE FROM recipient"))
    store.close()
    done = restore(sample_path, made.path, WHO, FIXED_NOW, quiet)
    assert (done.held, done.vouched) == (made.held, True)
    assert exported(sample_path, tmp_path / "after.csv") == before
    assert journal(sample_path)[-1] == (
        "restore",
        f"Restored from {made.path}; the store that was there is kept as {done.kept.name}",  # type: ignore[union-attr]
    )


def test_a_store_behind_a_link_is_restored_where_it_lies(sample_path: Path, tmp_path: Path) -> None:
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "store.db").symlink_to(sample_path)
    done = restore(folder / "store.db", made.path, WHO, FIXED_NOW, quiet)
    assert done.path == sample_path.resolve()
    assert (folder / "store.db").is_symlink()
    assert journal(sample_path)[-1][0] == "restore"


def test_the_store_that_was_there_is_kept_whole_with_what_stood_in_its_log(sample_path: Path, tmp_path: Path) -> None:
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    # A process that is killed leaves its log: the newest change stands there alone.
    killed = (
        "import os, sys; from store.database import open_store; s = open_store(sys.argv[1]);"
        "s.run(lambda: s.execute(\"INSERT INTO mapping (name, spec, created_at) VALUES ('new', '', 0)\"));"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", killed, sample_path], check=False)
    assert Path(f"{sample_path}-wal").stat().st_size
    done = restore(sample_path, made.path, WHO, FIXED_NOW, quiet)
    assert done.kept is not None
    with closing(sqlite3.connect(done.kept)) as kept, closing(sqlite3.connect(sample_path)) as now:
        assert kept.execute("SELECT name FROM mapping").fetchall() == [("new",)]
        assert now.execute("SELECT name FROM mapping").fetchall() == []
    assert {file.name for file in tmp_path.iterdir()} == {
        *("sample.db", done.kept.name, "b.db", "b.db.meta.json"),
    }


def test_a_backup_is_for_its_owner_only_and_says_what_it_holds(sample_path: Path, tmp_path: Path) -> None:
    made = back_up(sample_path, None, WHO, FIXED_NOW, quiet)
    assert made.path == tmp_path / "backups" / f"sample-{FIXED_NOW:%Y%m%dT%H%M%SZ}.db"
    assert (mode(made.path.parent), mode(made.path), mode(side_of(made.path))) == (0o700, 0o600, 0o600)
    head = json.loads(side_of(made.path).read_text())
    assert (head["rows"], head["schema"]) == (made.held.rows, made.held.schema)
    assert head["operator"] == "ann"
    assert journal(sample_path)[-1] == ("backup", f"Backup written to {made.path}")


def test_two_backups_of_one_second_stand_beside_each_other(sample_path: Path, tmp_path: Path) -> None:
    made = [back_up(sample_path, None, WHO, FIXED_NOW, quiet).path for _ in range(2)]
    assert own_backups(sample_path, tmp_path / "backups") == made
    third = back_up(sample_path, None, WHO, FIXED_NOW, quiet, keep=1)
    assert third.pruned == tuple(made)
    assert own_backups(sample_path, tmp_path / "backups") == [third.path]


def test_a_backup_needs_no_other_file_and_no_writable_folder(sample_path: Path, tmp_path: Path) -> None:
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    with closing(sqlite3.connect(f"file:{made.path}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchall() == [("delete",)]
        assert connection.execute("SELECT count(*) FROM recipient").fetchone()[0] == made.held.rows["recipient"]


def test_only_whole_transactions_are_in_a_backup_that_is_made_while_others_write(
    sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_PAGES", 20)
    store = open_store(sample_path)
    store.run(lambda: store.execute("INSERT INTO mapping (name, spec, created_at) VALUES ('a', '0', 0), ('b', '0', 0)"))
    written = 0

    def write(what: str, done: int, total: int) -> None:
        nonlocal written
        if what == "copying" and written < 5:
            written += 1
            store.run(lambda: store.execute("UPDATE mapping SET spec = ?", (str(written),)))
            store.run(lambda: store.execute("UPDATE recipient SET address = address || 'x' WHERE id % 50 = 0"))

    before = exported(sample_path, tmp_path / "before.csv")
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, write)
    store.close()
    assert written == 5
    assert exported(made.path, tmp_path / "copy.csv") == before
    with closing(sqlite3.connect(made.path)) as copy:
        assert copy.execute("SELECT spec FROM mapping").fetchall() == [("0",), ("0",)]


def test_each_of_several_backups_beside_a_busy_writer_is_a_state_that_was_committed(
    sample_path: Path, tmp_path: Path
) -> None:
    """Every transaction of the writer moves one from a to b, so that they are a hundred together at each commit."""
    store = open_store(sample_path)
    store.run(lambda: store.execute("INSERT INTO mapping (name, spec, created_at) VALUES ('a', '', 100), ('b', '', 0)"))
    store.close()
    done = threading.Event()

    def work() -> None:
        own = open_store(sample_path)

        def move() -> None:
            own.execute("UPDATE mapping SET created_at = created_at - 1 WHERE name = 'a'")
            own.execute("UPDATE recipient SET address = address || 'x' WHERE id % 99 = 0")
            own.execute("UPDATE mapping SET created_at = created_at + 1 WHERE name = 'b'")

        while not done.is_set():
            own.run(move)
        own.close()

    writer = threading.Thread(target=work)
    writer.start()
    try:
        made = [back_up(sample_path, tmp_path / f"{n}.db", WHO, FIXED_NOW, quiet) for n in range(3)]
    finally:
        done.set()
        writer.join()
    for one in made:
        with closing(sqlite3.connect(one.path)) as copy:
            assert copy.execute("SELECT sum(created_at) FROM mapping").fetchall() == [(100,)]
            assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_nothing_is_written_over_unless_the_operator_says_so(sample_path: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.db"
    target.write_text("mine")
    with pytest.raises(Refused, match="exists already"):
        back_up(sample_path, target, WHO, FIXED_NOW, quiet)
    assert target.read_text() == "mine"
    back_up(sample_path, target, WHO, FIXED_NOW, quiet, overwrite=True)
    assert check_backup(target, quiet)[1]


def test_the_store_itself_is_no_target(sample_path: Path, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(sample_path)
    for target in (sample_path, tmp_path / "sample.db-wal", tmp_path / "link.db"):
        with pytest.raises(Refused, match="the store itself"):
            back_up(sample_path, target, WHO, FIXED_NOW, quiet, overwrite=True)
    with pytest.raises(Refused, match="the store itself"):
        restore(sample_path, tmp_path / "link.db", WHO, FIXED_NOW, quiet)


def test_only_the_stores_own_backups_are_deleted_and_the_oldest_first(sample_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    strange = [folder / "notes.txt", folder / "sample-20200101T000000Z.db"]
    for file in strange:
        file.write_text("not of ours")
    made = [back_up(sample_path, folder, WHO, FIXED_NOW + timedelta(minutes=n), quiet, keep=2).path for n in range(4)]
    assert own_backups(sample_path, folder) == made[2:]
    assert sorted(folder.iterdir()) == sorted([*strange, *made[2:], *map(side_of, made[2:])])
    with pytest.raises(BadInput, match="--keep"):
        back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet, keep=2)


def test_a_backup_that_was_changed_since_is_not_restored(sample_path: Path, tmp_path: Path) -> None:
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    with made.path.open("r+b") as stream:
        stream.seek(-100, os.SEEK_END)
        stream.write(b"\0" * 50)
    before = sample_path.read_bytes()
    with pytest.raises(StoreUnavailable, match="SHA-256"):
        restore(sample_path, made.path, WHO, FIXED_NOW, quiet)
    assert sample_path.read_bytes() == before


def test_a_damaged_backup_without_a_head_is_not_restored(sample_path: Path, tmp_path: Path) -> None:
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    side_of(made.path).unlink()
    with made.path.open("r+b") as stream:
        stream.seek(4096 * 5)
        stream.write(os.urandom(4096 * 20))
    with pytest.raises(StoreUnavailable, match="damaged"):
        restore(sample_path, made.path, WHO, FIXED_NOW, quiet)
    assert [file.name for file in tmp_path.iterdir() if "part" in file.name or "before" in file.name] == []


@pytest.mark.parametrize("content", [b"", b"not a database at all\n" * 300])
def test_a_file_that_is_no_store_is_not_restored(sample_path: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.db").write_bytes(content)
    with pytest.raises(StoreUnavailable, match="no aftersend store"):
        restore(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)


def test_a_backup_of_a_newer_version_is_not_restored(sample_path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(shutil.copy(sample_path, tmp_path / "b.db"))) as newer:
        newer.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')")
        newer.commit()
    with pytest.raises(StoreTooNew, match="9999_later"):
        restore(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)


def test_any_sound_copy_is_restored_and_said_not_to_be_vouched_for(sample_path: Path, tmp_path: Path) -> None:
    shutil.copy(sample_path, tmp_path / "copy.db")
    done = restore(tmp_path / "new" / "s.db", tmp_path / "copy.db", WHO, FIXED_NOW, quiet)
    assert (done.vouched, done.kept) == (False, None)
    assert mode(done.path) == 0o600
    assert done.held.rows["recipient"] > 0


@pytest.mark.parametrize("content", [b"", b"garbage" * 5000])
def test_a_store_that_cannot_be_read_any_more_is_replaced_and_kept(
    sample_path: Path, tmp_path: Path, content: bytes
) -> None:
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    sample_path.write_bytes(content)
    done = restore(sample_path, made.path, WHO, FIXED_NOW, quiet)
    assert done.kept is not None
    assert not content or done.kept.read_bytes() == content
    assert open_store(sample_path).rows("SELECT count(*) FROM recipient") == [(made.held.rows["recipient"],)]


_HOLDING = """
import sys
from store import database
from store.database import open_store
store = open_store(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_store_that_another_process_has_open_is_not_replaced(sample_path: Path, tmp_path: Path) -> None:
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    before = sample_path.read_bytes()
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDING, sample_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder, holder.stdin:
        assert holder.stdout.readline() == "open\n"
        known = users(sample_path)
        with pytest.raises(Refused, match=rf"open in (process {holder.pid}\b|another process)"):
            restore(sample_path, made.path, WHO, FIXED_NOW, quiet)
        assert known is None or [one.pid for one in known] == [holder.pid]
    assert sample_path.read_bytes() == before
    assert not users(sample_path)
    assert restore(sample_path, made.path, WHO, FIXED_NOW, quiet).kept is not None


def test_who_opened_the_old_file_just_before_cannot_write_into_it_any_more(sample_path: Path, tmp_path: Path) -> None:
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    # SQLite opens the file at once, and locks it at the first statement only.
    with closing(sqlite3.connect(sample_path, isolation_level=None)) as early:
        restore(sample_path, made.path, WHO, FIXED_NOW, quiet)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            early.execute("PRAGMA journal_mode = wal")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            early.execute("DELETE FROM recipient")
    assert journal(sample_path)[-1][0] == "restore"
    with closing(sqlite3.connect(sample_path)) as now:
        assert now.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_backup_of_an_older_form_is_restored_and_brought_up_to_date_when_it_is_opened(
    sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    newer = tmp_path / "migrations"
    shutil.copytree(database.MIGRATIONS, newer, ignore=shutil.ignore_patterns("__pycache__"))
    (newer / "0099_add.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('ALTER TABLE mapping ADD COLUMN extra TEXT')\n"
    )
    monkeypatch.setattr(database, "MIGRATIONS", newer)
    restore(sample_path, made.path, WHO, FIXED_NOW, quiet)
    assert journal(sample_path)[-1][0] == "restore"
    store = open_store(sample_path)
    assert store.rows("SELECT count(*) FROM mapping WHERE extra IS NULL") == [(0,)]
    store.close()


def test_the_journal_need_not_be_writable_for_a_backup(
    sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    made = back_up(sample_path, tmp_path / "b.db", WHO, FIXED_NOW, quiet)
    assert "may not be written" in made.unsaid
    assert made.held.rows["recipient"] > 0


def test_who_was_forgotten_after_the_backup_is_named_when_it_is_restored(store: Store, tmp_path: Path) -> None:
    known = [rights.build(store, tmp_path)]
    made = back_up(store.path, tmp_path / "before.db", WHO, FIXED_NOW, quiet)
    forget(store, [identity_of(store, known)], WHO, rights.NOW)
    later = back_up(store.path, tmp_path / "after.db", WHO, FIXED_NOW, quiet)
    store.close()
    done = restore(store.path, made.path, WHO, FIXED_NOW, quiet)
    assert (done.unforgotten, done.keyless) == ((rights.TODAY,), False)
    store.path.with_name(f"{store.path.name}.forget-key").unlink()
    done = restore(store.path, later.path, WHO, FIXED_NOW, quiet)
    assert (done.unforgotten, done.keyless) == ((), True)
    assert "forgotten" in examine(store.path, quiet)[0].wrong
