from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.conftest import CAMPAIGN, Run
from tui.cli import aftersend


def test_a_dry_run_says_what_would_go_and_touches_nothing(run: Run) -> None:
    before = run("find", "anna@gamil.example", "--json").stdout
    told = run("forget", "--dry-run", "anna@gamil.example")
    assert told.stdout.startswith("Anna Berg <anna@gamil.example>\nWould be erased: 1 contact, 1 recipient, ")
    (found,) = map(json.loads, run("forget", "--dry-run", "--json", "crm:1").stdout.splitlines())
    assert found["forgotten"] is False
    assert found["erased"]["recipients"] == 1
    assert run("find", "anna@gamil.example", "--json").stdout == before


def test_forgetting_asks_for_a_word_and_nobody_there_is_refused(run: Run) -> None:
    refused = run("forget", "anna@gamil.example")
    assert refused.exit_code == 2
    assert "say --yes" in refused.stderr
    assert run("find", "anna@gamil.example").exit_code == 0
    assert run("forget").exit_code == 2
    assert run("forget", "--sweep", "anna@gamil.example").exit_code == 2


def test_a_person_is_forgotten_and_the_numbers_stay(run: Run) -> None:
    before = json.loads(run("status", CAMPAIGN, "--json").stdout)
    done = run("forget", "--yes", "anna@gamil.example")
    assert done.exit_code == 0
    assert done.stdout.startswith("1 person forgotten (")
    assert "Nothing is left of it in the store's files." in done.stdout
    assert ".forget-key" in done.stderr
    assert json.loads(run("status", CAMPAIGN, "--json").stdout) == before
    assert run("find", "anna@gamil.example").exit_code == 1
    assert "cannot be undone" in run("undo", "--entry", _last(run)).stderr
    assert run("reconcile").exit_code == 0


def _last(run: Run) -> str:
    return str(json.loads(run("journal", "--json").stdout.splitlines()[0])["id"])


def test_words_that_fit_several_people_are_refused_by_name(run: Run) -> None:
    refused = run("forget", "--yes", "north.example")
    assert refused.exit_code == 1
    assert "fits 4 people: Bo Ek (crm:2)" in refused.stderr
    assert run("forget", "--yes", "nobody@nowhere.example").exit_code == 1


def test_everything_about_a_person_is_written(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "bo.json"
    done = run("person", "export", "bo ek", str(target))
    assert done.exit_code == 1, "there are two of that name"
    done = run("person", "export", "crm:2", str(target))
    assert done.exit_code == 0
    found = json.loads(target.read_text(encoding="utf-8"))
    assert found["names"] == ["Bo Ek"]
    assert {row["campaign"] for row in found["stored"]["recipients"]} == {CAMPAIGN}
    assert {row["url"] for row in found["stored"]["clicks"]} == {"https://shop.example/a"}
    assert run("person", "export", "crm:2", str(target)).exit_code == 1
    assert json.loads(run("person", "export", "--no-mails", "crm:2", "-").stdout)["mails"] == []
    (entry, *_) = map(json.loads, run("journal", "--json").stdout.splitlines())
    assert "all about contact" in entry["sentence"]
    assert "bo" not in entry["sentence"].lower().replace("about", "")


def test_the_word_is_typed_in_a_terminal(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.cli.forget.at_terminal", lambda: True)
    env = {"AFTERSEND_STORE": str(world), "USER": "ines"}
    arguments = ["forget", "anna@gamil.example"]
    wrong = CliRunner().invoke(aftersend, arguments, env=env, input="yes\n")
    assert wrong.exit_code == 1
    assert "Nothing was done." in wrong.stderr
    right = CliRunner().invoke(aftersend, arguments, env=env, input="forget\n")
    assert right.exit_code == 0
    assert "1 person forgotten" in right.stdout
