"""Opening: made when missing, brought up to date with a copy kept, refused with a sentence."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from store import database, models
from store.database import open_store, store_path
from store.errors import BadInput, DiskFull, StoreTooNew, StoreUnavailable


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_missing_store_is_made_for_its_owner_only(tmp_path: Path) -> None:
    store = open_store(tmp_path / "deep" / "s.db")
    assert mode(store.path) == 0o600
    assert store.rows("SELECT count(*) FROM recipient") == [(0,)]
    assert all(mode(file) == 0o600 for file in store.path.parent.iterdir())


def test_reading_commands_do_not_make_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="There is no store"):
        open_store(tmp_path / "s.db", create=False)
    assert not (tmp_path / "s.db").exists()


def test_the_tables_are_those_that_the_models_describe(tmp_path: Path) -> None:
    store = open_store(tmp_path / "s.db")
    for table in models.TABLES:
        there = {row[1]: bool(row[3]) for row in store.rows(f"PRAGMA table_info({table._meta.table_name})")}
        described = {f.column_name: not f.null for f in table._meta.sorted_fields}
        assert there == described, table.__name__


def test_a_copy_is_kept_before_a_migration_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path / "s.db")
    store.run(lambda: store.execute("INSERT INTO mapping (name, spec, created_at) VALUES ('m', '', 0)"))
    store.close()
    newer = tmp_path / "migrations"
    shutil.copytree(database.MIGRATIONS, newer, ignore=shutil.ignore_patterns("__pycache__"))
    (newer / "0099_add.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('ALTER TABLE mapping ADD COLUMN extra TEXT')\n"
    )
    monkeypatch.setattr(database, "MIGRATIONS", newer)
    store = open_store(tmp_path / "s.db")
    assert store.rows("SELECT name, extra FROM mapping") == [("m", None)]
    copies = list(tmp_path.glob("s.db.before-*"))
    assert len(copies) == 1
    assert mode(copies[0]) == 0o600
    with sqlite3.connect(copies[0]) as copy:
        assert copy.execute("SELECT * FROM mapping").fetchall() == [("m", "", 0)]
    copy.close()


def test_a_failing_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(tmp_path / "s.db").close()
    newer = tmp_path / "migrations"
    shutil.copytree(database.MIGRATIONS, newer, ignore=shutil.ignore_patterns("__pycache__"))
    (newer / "0099_break.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('DROP TABLE mapping')\n    raise RuntimeError('no')\n"
    )
    monkeypatch.setattr(database, "MIGRATIONS", newer)
    with pytest.raises(RuntimeError):
        open_store(tmp_path / "s.db")
    monkeypatch.undo()
    assert open_store(tmp_path / "s.db").rows("SELECT count(*) FROM mapping") == [(0,)]


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    store = open_store(tmp_path / "s.db")
    store.run(lambda: store.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')"))
    store.close()
    with pytest.raises(StoreTooNew, match=r"newer aftersend .*9999_later"):
        open_store(tmp_path / "s.db")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(5000), b"not a database at all\n" * 100])
def test_a_file_that_is_no_store_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.db").write_bytes(content)
    with pytest.raises(StoreUnavailable, match="no aftersend store"):
        open_store(tmp_path / "s.db")
    assert (tmp_path / "s.db").read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "s.db")
    other.execute("CREATE TABLE photos (id)")
    other.close()
    with pytest.raises(StoreUnavailable, match="another program"):
        open_store(tmp_path / "s.db")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="is a folder"):
        open_store(tmp_path)


def test_an_unknown_url_is_refused() -> None:
    with pytest.raises(BadInput, match="mysql"):
        store_path("mysql://host/db")


def test_urls_name_files() -> None:
    assert store_path("sqlite:///a/b.db") == Path("a/b.db")
    assert store_path("sqlite:////a/b.db") == Path("/a/b.db")
    assert store_path("x.db") == Path("x.db")


def test_a_read_only_store_can_be_read_and_not_written(tmp_path: Path) -> None:
    open_store(tmp_path / "s.db").close()
    store = open_store(tmp_path / "s.db", read_only=True)
    assert store.rows("SELECT count(*) FROM contact") == [(0,)]
    with pytest.raises(StoreUnavailable, match="read-only"):
        store.run(lambda: None)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="needs root to mount a small tmpfs")
def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=False).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        store = open_store(small / "s.db")

        def fill() -> None:
            store.execute_many(
                "INSERT INTO mapping (name, spec, created_at) VALUES (?, ?, 0)",
                ((str(n), "x" * 1000) for n in range(5000)),
            )

        with pytest.raises(DiskFull, match="is full"):
            store.run(fill)
        assert store.rows("SELECT count(*) FROM mapping") == [(0,)]
        store.run(lambda: store.execute("INSERT INTO mapping (name, spec, created_at) VALUES ('m', '', 0)"))
        assert store.rows("PRAGMA integrity_check") == [("ok",)]
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(small)], check=False)


def test_two_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    code = f"from store.database import open_store; open_store({str(tmp_path / 's.db')!r}).rows('SELECT 1')"
    running = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)]
    said = [(process.communicate()[1], process.returncode) for process in running]
    assert said == [(b"", 0)] * 4


def test_what_is_written_after_another_process_has_closed_a_new_store_is_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path / "s.db")
    look = "from store.database import open_store; import sys; open_store(sys.argv[1]).rows('SELECT 1 FROM campaign')"
    subprocess.run([sys.executable, "-c", look, str(store.path)], check=True)
    sql = "INSERT INTO campaign (name, key, subject, keyed, created_at) VALUES ('a', 'a', '', FALSE, 1)"
    store.run(lambda: store.execute(sql))
    with sqlite3.connect(store.path) as other:
        assert other.execute("SELECT name FROM campaign").fetchall() == [("a",)]
    other.close()
