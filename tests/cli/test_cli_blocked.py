from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_blocked_addresses_are_printed_grouped_and_freed(run: Run) -> None:
    assert run("blocked").stdout.startswith("anna@gamil.example\thard bounce\t2026-09-01\t1\tAutumn newsletter")
    (found,) = map(json.loads, run("blocked", "--json").stdout.splitlines())
    assert (found["reason"], found["domain"], found["name"]) == ("hard bounce", "gamil.example", "Anna Berg")
    (group,) = map(json.loads, run("blocked", "--group", "domain", "--json").stdout.splitlines())
    assert (group["group"], group["count"]) == ("gamil.example", 1)
    assert run("clear-block", "Anna@GAMIL.example").stdout == "1 address freed\n"
    assert "No address is blocked." in run("blocked").stderr
    assert run("undo").exit_code == 0
    assert run("blocked", "--find", "gamil").stdout
    assert "No blocked address contains this." in run("blocked", "--find", "nowhere").stderr


def test_an_address_that_is_not_blocked_changes_nothing(run: Run) -> None:
    refused = run("clear-block", "anna@gamil.example", "bo@north.example")
    assert refused.exit_code == 1
    assert refused.stderr == "aftersend: bo@north.example is not blocked; nothing was changed.\n"
    assert run("blocked").stdout


def test_blocked_addresses_go_to_a_file_in_any_format_with_a_head(run: Run, tmp_path: Path) -> None:
    for name in ("b.csv", "b.xlsx", "b.html", "b.json", "b.txt"):
        done = run("blocked", "--find", "gamil", "--sort", "address", "--to", str(tmp_path / name))
        assert done.stdout == f"1 address written to {tmp_path / name}.\n"
        assert (tmp_path / name).stat().st_size
    text = (tmp_path / "b.txt").read_text(encoding="utf-8")
    assert "blocked · “gamil”" in text
    assert "anna@gamil.example" in text
    assert json.loads((tmp_path / "b.csv.meta.json").read_text())["sort"] == {"column": "address", "reverse": False}
    refused = run("blocked", "--to", str(tmp_path / "b.csv"))
    assert refused.exit_code == 1
    assert run("blocked", "--json", "--to", "x.json").exit_code == 2
    assert run("blocked", "--group", "reason", "--to", "x.csv").exit_code == 2
    assert run("blocked", "--group", "reason", "--find", "nowhere").stdout == ""
