"""Whatever a command writes is for its owner alone, also where the umask would let everybody read it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.conftest import LIST, mail_log
from tui.cli import aftersend

COMMANDS = """
import recipients {list} --campaign Autumn --key autumn --bad-lines bad.csv
ingest {log}
mark-hard autumn dan@full.example
fix autumn anna@gamil.example anna@gmail.example
export autumn --to rows.csv
export autumn --to rows.xlsx
export autumn --to rows.html
export autumn --to rows.json
export autumn --to rows.txt
export autumn --to rows.csv --force
report autumn --html report.html
blocked --to blocked.csv
journal --to journal.json
corrections --to corrections.xlsx
complaints --to complaints.txt
find bo --to people.csv
person export crm:3 person.json
doctor --repair
backup copy.db
restore copy.db
forget crm:3 --yes
"""


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    return [
        f"{stat.filemode(path.lstat().st_mode)} {path.relative_to(folder)}"
        for path in folder.rglob("*")
        if path.lstat().st_mode & 0o077 and not path.is_symlink()
    ]


@pytest.mark.usefixtures("open_umask")
def test_every_file_that_a_command_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, data, temporary = tmp_path / "given", tmp_path / "data", tmp_path / "temporary"
    for folder in (given, temporary):
        folder.mkdir(mode=0o700)
    data.mkdir(mode=0o755)
    monkeypatch.chdir(data)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    (given / "list.csv").write_text(LIST)
    (given / "mail.log").write_text(mail_log())
    store = data / "deep" / "folder" / "aftersend.db"
    env = {"AFTERSEND_STORE": str(store), "USER": "ann", "SUDO_USER": None, "XDG_DATA_HOME": str(data / "xdg")}
    for line in COMMANDS.strip().splitlines():
        words = line.format(list=given / "list.csv", log=given / "mail.log").split()
        result = CliRunner().invoke(aftersend, words, env=env, prog_name="aftersend")
        assert result.exit_code in {0, 3}, f"{line}: {result.output}"
    written = {path.name for path in data.rglob("*") if path.is_file()}
    assert {"aftersend.db", "bad.csv", "rows.csv.meta.json", "rows.xlsx", "report.html", "copy.db"} <= written
    assert open_to_others(data) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.usefixtures("open_umask")
def test_the_copy_before_a_migration_and_what_lies_beside_an_open_store(sample_path: Path, tmp_path: Path) -> None:
    old = Path(shutil.copy(sample_path, tmp_path / "old.db"))
    old.chmod(0o600)
    db = sqlite3.connect(old)
    names = [name for (name,) in db.execute("SELECT name FROM schema_migration ORDER BY id DESC LIMIT 1")]
    assert names
    db.close()
    holder = sqlite3.connect(old)
    holder.execute("BEGIN")
    holder.execute("SELECT count(*) FROM contact").fetchone()
    result = CliRunner().invoke(aftersend, ["--store", str(old), "status"], prog_name="aftersend")
    assert result.exit_code in {0, 3}, result.output
    assert [line for line in open_to_others(tmp_path) if "old.db" in line] == []
    holder.close()
