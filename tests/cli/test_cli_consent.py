from __future__ import annotations

import json

from tests.cli.conftest import Run


def test_consent_is_shown_noted_and_taken_back(run: Run) -> None:
    assert run("consent", "crm:2").stdout.startswith("bo@north.example\tyes\t")
    assert run("consent", "crm:2").stdout.endswith("\tlist list.csv\n")
    done = run("consent", "crm:2", "no", "--source", "call of 3 September")
    assert done.stdout == "Tracking of Bo Ek: no (call of 3 September)\n"
    (found,) = map(json.loads, run("consent", "crm:2", "--json").stdout.splitlines())
    assert (found["tracking"], found["source"]) == ("no", "call of 3 September")
    (line,) = map(json.loads, run("find", "eve@north.example", "--json").stdout.splitlines())
    assert line["tracking_source"] == "list list.csv"
    assert run("undo").exit_code == 0
    assert run("consent", "crm:2").stdout.startswith("bo@north.example\tyes\t")


def test_wrong_words_are_refused(run: Run) -> None:
    assert run("consent", "crm:2", "perhaps").exit_code == 2
    assert run("consent", "crm:2", "--source", "x").exit_code == 2
    assert run("consent", "crm:2", "yes").exit_code == 1
    assert run("consent", "stray@elsewhere.example", "no").exit_code == 1
