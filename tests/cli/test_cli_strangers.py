from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]


def numbers(run: Run) -> list[int]:
    rows = [json.loads(line) for line in run("recipients", "--strangers", "--json").stdout.splitlines()]
    return [number for row in rows for number in row["ids"]]


def state(run: Run, address: str) -> str:
    lines = run("recipients", "autumn").stdout.splitlines()
    return next(line.split("\t")[2] for line in lines if line.startswith(f"{address}\t"))


def test_the_numbers_of_strangers_records_are_printed(run: Run) -> None:
    fields = run("recipients", "--strangers").stdout.rstrip("\n").split("\t")
    (number,) = numbers(run)
    assert fields[:1] + fields[2:4] == ["stray@elsewhere.example", "Bounced hard", "unknown user 5.1.1"]
    assert fields[5:] == [str(number), "host mx said: 550 5.1.1 nobody here"]


def test_a_strangers_record_is_assigned_undone_and_redone(run: Run) -> None:
    (number,) = numbers(run)
    done = run("assign", "autumn", "EVE@north.example", str(number))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "1 record of stray@elsewhere.example assigned to Eve Gray (eve@north.example) in Autumn newsletter\n"
    )
    assert numbers(run) == []
    (entry,) = [json.loads(line) for line in run("journal", "--json").stdout.splitlines()][:1]
    assert (entry["verb"], entry["subjects"], entry["undoable"]) == ("assign", 1, True)
    assert "stray@elsewhere.example assigned to" in run("history", "eve@north.example").stdout
    assert run("undo").exit_code == 0
    assert numbers(run) == [number]
    assert run("redo").exit_code == 0
    assert numbers(run) == []


def test_what_cannot_be_assigned_is_refused_with_a_sentence(run: Run) -> None:
    (number,) = numbers(run)
    gone = run("assign", "autumn", "eve@north.example", "4711")
    assert (gone.exit_code, gone.stdout) == (1, "")
    assert gone.stderr == "aftersend: Record 4711: It is no longer there.\n"
    nobody = run("assign", "autumn", "nobody@north.example", str(number))
    assert (nobody.exit_code, nobody.stdout) == (1, "")
    assert "nobody@north.example is no recipient of Autumn newsletter; nothing was changed." in nobody.stderr
    some = run("assign", "autumn", "eve@north.example", f"{number},4711")
    assert (some.exit_code, some.stderr) == (0, "aftersend: Record 4711: It is no longer there.\n")


def test_a_number_that_is_none_is_wrong_usage(run: Run) -> None:
    for given in ("x", ",", "9" * 40, "-"):
        assert run("assign", "autumn", "eve@north.example", given).exit_code == 2


def test_the_lines_behind_an_address_are_printed_raw(run: Run, feeds: Path) -> None:
    result = run("history", "bo@north.example", "--raw")
    assert (result.exit_code, result.stderr) == (0, "")
    headings = [line for line in result.stdout.splitlines() if line.startswith("== ")]
    assert headings == [f"== {feeds / 'mail.log'} · line 9", f"== {feeds / 'events.ndjson'} · line 1"]
    assert "4bT002: to=<bo@north.example>" in result.stdout
    assert "4bT001" not in result.stdout
    rows = [json.loads(line) for line in run("history", "bo@north.example", "--raw", "--json").stdout.splitlines()]
    assert [row["where"] for row in rows] == ["line 9", "line 1"]
    assert len(rows[0]["lines"]) == 5


def test_a_file_that_is_gone_is_told_once_and_the_rest_is_printed(run: Run, feeds: Path, tmp_path: Path) -> None:
    copy = tmp_path / "clicks.ndjson"
    copy.write_text((feeds / "events.ndjson").read_text().replace("09:00", "11:00").replace("08:01", "11:01"))
    assert run("ingest", str(copy)).exit_code == 0
    copy.unlink()
    result = run("history", "bo@north.example", "--raw")
    assert result.exit_code == 0
    assert result.stderr == f"aftersend: {copy} is gone; it was there at line 1.\n"
    assert "4bT002" in result.stdout
