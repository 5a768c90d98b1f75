"""aftersend copy: a store moves to a server and back, and says what was copied."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.postgres import Database


def test_a_store_moves_to_a_server_and_is_worked_on_there(
    run: Run, postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_database.url()
    before = run("recipients", "--json").stdout
    result = run("copy", "--to", url)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[-1].endswith("read again, they are the same.")
    assert any(line.split()[:2] == ["recipient", "8"] for line in lines)
    assert run("--store", url, "recipients", "--json").stdout == before
    assert "Copied from" in run("--store", url, "journal").stdout
    again = run("copy", "--to", url)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "holds something already" in again.stderr


def test_as_json_each_table_has_its_rows_and_its_checksum(run: Run, tmp_path: Path) -> None:
    told = [json.loads(line) for line in run("copy", "--to", str(tmp_path / "b.db"), "--json").stdout.splitlines()]
    rows = {part["table"]: part["rows"] for part in told}
    assert rows["recipient"] == 8
    assert {len(part["sha256"]) for part in told} == {64}


def test_a_password_on_the_command_line_is_refused_and_not_repeated(run: Run) -> None:
    for arguments in (
        ("copy", "--to", "postgresql://ann:geheim@127.0.0.1/x"),
        ("copy", "--from", "postgresql://127.0.0.1/x?password=geheim", "--to", "b.db"),
        ("--store", "postgresql://ann:geheim@127.0.0.1/x", "status"),
    ):
        result = run(*arguments)
        assert result.exit_code == 1
        assert "Leave the password out of" in result.stderr
        assert "geheim" not in result.output


def test_there_must_be_a_store_to_copy(run: Run, tmp_path: Path) -> None:
    result = run("copy", "--from", str(tmp_path / "none.db"), "--to", str(tmp_path / "b.db"))
    assert result.exit_code == 1
    assert "There is no store at" in result.stderr
    assert not (tmp_path / "b.db").exists()
