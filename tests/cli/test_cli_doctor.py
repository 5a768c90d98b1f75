"""doctor: what it prints, its exit codes, and that it changes nothing unless told to."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Run


def break_clicks(world: Path) -> None:
    with closing(sqlite3.connect(world)) as connection:
        connection.execute("UPDATE recipient SET clicks = clicks + 1 WHERE id = 2")
        connection.commit()


def test_a_sound_store_ends_with_0(run: Run, world: Path) -> None:
    world.chmod(0o600)
    before = world.read_bytes()
    result = run("doctor")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("aftersend ")
    assert f"Store     {world}" in lines
    assert "fine      derived     0 differences: what is derived of 8 recipients follows from the events." in lines
    assert lines[-1].startswith("Nothing is wrong")
    assert world.read_bytes() == before


def test_what_is_wrong_is_named_with_exit_code_1_and_repaired_when_told_to(run: Run, world: Path) -> None:
    world.chmod(0o644)
    break_clicks(world)
    result = run("doctor")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "Wrong: derived, modes."
    assert "recipient 2: clicks is 2, should be 1" in result.stdout
    assert "-> aftersend doctor --repair" in result.stdout
    repaired = run("doctor", "--repair")
    assert repaired.exit_code == 0, repaired.output
    assert "mended    derived     Derived anew from the events: 1 campaign." in repaired.stdout
    assert run("doctor").exit_code == 0
    assert "Derived anew from the events of Autumn newsletter" in run("journal").stdout


def test_as_json_each_check_is_one_object(run: Run, world: Path) -> None:
    world.chmod(0o600)
    objects = [json.loads(line) for line in run("doctor", "--full", "--json").stdout.splitlines()]
    assert [one["kind"] for one in objects[:2]] == ["versions", "store"]
    assert objects[1]["rows"]["recipient"] == 8
    checks = {one["check"]: one["verdict"] for one in objects if one["kind"] == "check"}
    assert {"file", "tables", "references", "derived", "modes", "room", "sends"} <= checks.keys()
    assert objects[-1] == {"kind": "total", "sound": True, "wrong": []}


def test_a_store_that_cannot_be_read_is_said_to_be_damaged(run: Run, world: Path) -> None:
    world.write_bytes(b"no store at all\n" * 400)
    result = run("doctor", "--repair")
    assert result.exit_code == 1
    assert "WRONG     file" in result.stdout
    assert "-> aftersend restore BACKUP" in result.stdout


def test_only_one_campaign_is_compared_when_it_is_named(run: Run) -> None:
    assert "of 8 recipients" in run("doctor", "--campaign", "autumn").stdout
    result = run("doctor", "--campaign", "no such")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no such" in result.stderr


def test_a_missing_store_and_wrong_usage_have_their_exit_codes(run: Run, tmp_path: Path) -> None:
    assert run("--store", str(tmp_path / "none.db"), "doctor").exit_code == 1
    assert run("doctor", "--fast").exit_code == 2
