"""backup and restore: what they say, and what they refuse with a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_a_backup_says_what_is_in_it_and_where_it_lies(run: Run, world: Path) -> None:
    result = run("backup")
    assert result.exit_code == 0, result.output
    (made,) = (world.parent / "backups").glob("*.db")
    assert result.stdout.startswith(f"1 campaign with 8 recipients and 7 events written to {made} (")
    assert result.stderr == ""
    assert "Backup written to" in run("journal").stdout


def test_as_json_the_rows_of_each_table_are_told(run: Run, tmp_path: Path) -> None:
    told = json.loads(run("backup", str(tmp_path / "b.db"), "--json").stdout)
    assert told["rows"]["recipient"] == 8
    assert told["in_journal"]
    assert told["deleted"] == []


def test_a_backup_with_read_only_leaves_the_journal_alone(run: Run, world: Path, tmp_path: Path) -> None:
    before = world.read_bytes()
    result = run("--read-only", "backup", str(tmp_path / "b.db"))
    assert result.exit_code == 0
    assert "The journal does not tell of this backup" in result.stderr
    assert world.read_bytes() == before
    assert run("--read-only", "restore", str(tmp_path / "b.db")).exit_code == 1
    assert run("--read-only", "doctor", "--repair").exit_code == 1


def test_older_backups_are_deleted_when_the_operator_says_how_many_to_keep(run: Run, world: Path) -> None:
    run("backup")
    (older,) = (world.parent / "backups").glob("*.db")
    renamed = older.with_name(f"{world.stem}-20200101T000000Z.db")
    older.rename(renamed)
    Path(f"{older}.meta.json").rename(f"{renamed}.meta.json")
    assert "1 older backup deleted" in run("backup", "--keep", "1").stdout
    assert not renamed.exists()


def test_a_restore_says_what_it_did_and_keeps_the_old_store(run: Run, world: Path, tmp_path: Path) -> None:
    run("backup", str(tmp_path / "b.db"))
    run("delete", "autumn", "anna@gamil.example")
    result = run("restore", str(tmp_path / "b.db"))
    assert result.exit_code == 0, result.output
    (kept,) = tmp_path.glob("store.db.before-restore-*")
    assert result.stdout.splitlines() == [
        f"1 campaign with 8 recipients and 7 events restored to {world}.",
        f"The store that was there is kept as {kept}.",
    ]
    assert "Restored from" in run("journal").stdout
    assert run("undo").exit_code == 1  # what was done after the backup is not there


def test_a_dry_run_only_checks(run: Run, world: Path, tmp_path: Path) -> None:
    run("backup", str(tmp_path / "b.db"))
    before = world.read_bytes()
    result = run("restore", "--dry-run", str(tmp_path / "b.db"))
    assert "is sound: 1 campaign with 8 recipients" in result.stdout
    Path(tmp_path / "b.db.meta.json").unlink()
    assert "Nothing beside it tells" in run("restore", "--dry-run", str(tmp_path / "b.db")).stderr
    assert world.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("restore", "missing.db"), "There is no file missing.db."),
        (("backup", "no/such/folder/b.db"), "cannot be written: No such file or directory."),
        (("--store", "missing.db", "backup", "b.db"), "There is no file missing.db."),
        (("--store", "postgresql://db.example/mail", "backup"), "pg_dump --format=custom"),
        (("--store", "postgres://db.example/mail", "restore", "b.db"), "pg_restore --clean"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert not Path("b.db").exists()


def test_keeping_none_is_wrong_usage(run: Run) -> None:
    assert run("backup", "--keep", "0").exit_code == 2
