from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_a_person_is_found_with_everything_that_happened(run: Run) -> None:
    shown = run("find", "anna", "berg")
    assert shown.exit_code == 0
    assert "anna@gamil.example" in shown.stdout
    assert "User unknown" in shown.stdout
    (found,) = map(json.loads, run("find", "ANNA", "--json").stdout.splitlines())
    assert (found["name"], len(found["campaigns"])) == ("Anna Berg", 1)
    assert [(event["campaign"], event["type"]) for event in found["timeline"]] == [("Autumn newsletter", "bounced")]


def test_several_people_stand_in_a_line_each_and_nobody_is_a_sentence(run: Run) -> None:
    assert len(run("find", "north.example").stdout.splitlines()) >= 2
    missing = run("find", "nobody at all")
    assert missing.exit_code == 1
    assert missing.stderr.startswith("aftersend: Nobody in any campaign has “nobody at all”")


def test_all_people_are_found_unless_a_limit_says_otherwise_and_then_it_says_how_many_more(run: Run) -> None:
    assert len(run("find", "example", "--json").stdout.splitlines()) == 7
    some = run("find", "example", "--limit", "2")
    assert len(some.stdout.splitlines()) == 2
    assert some.stderr == "5 more people have it; --limit shows more.\n"
    assert len(run("find", "example", "--json", "--limit", "3").stdout.splitlines()) == 3


def test_people_go_to_a_file(run: Run, tmp_path: Path) -> None:
    written = run("find", "north.example", "--to", str(tmp_path / "people.csv"))
    assert written.stdout == f"4 people written to {tmp_path / 'people.csv'}.\n"
    assert "Bo Ek,bo@north.example,Norrland AB" in (tmp_path / "people.csv").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "people.csv.meta.json").read_text())["scope"] == "people · “north.example”"


def test_the_timeline_of_one_person_holds_what_operators_did(run: Run) -> None:
    assert run("fix", "Autumn newsletter", "anna@gamil.example", "anna@gmail.example").exit_code == 0
    lines = run("find", "anna", "berg").stdout.splitlines()
    assert lines[0].endswith("\tanna@gamil.example")
    assert "fix by ines" in lines[-1]
    assert run("find", "gamil").stdout.startswith("Anna Berg\tanna@gmail.example")
    assert run("find", " ").exit_code == 2
