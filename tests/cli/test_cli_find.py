from __future__ import annotations

import json

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
