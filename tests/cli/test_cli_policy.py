from __future__ import annotations

import json

from tests.cli.conftest import Run


def test_the_policy_is_shown_with_its_defaults_and_words(run: Run) -> None:
    shown = run("policy").output
    assert "block-after" in shown
    assert "A complaint blocks" in shown
    objects = [json.loads(line) for line in run("policy", "show", "--json").stdout.splitlines()]
    assert [o["name"] for o in objects][:2] == ["block-after", "hard-blocks"]
    assert all(o["value"] == o["default"] and o["help"] and o["allowed"] for o in objects)


def test_a_trial_shows_what_would_change_and_changes_nothing(run: Run) -> None:
    tried = run("policy", "test", "hard-blocks=no", "--json")
    assert [json.loads(line) for line in tried.stdout.splitlines()] == [
        {"address": "anna@gamil.example", "would_be": "free", "reason": "hard bounce", "consecutive": 1}
    ]
    assert "Would block 0 and free 1; nothing was changed." in tried.stderr
    assert run("policy", "test", "hard-blocks=no", "--json").stdout == tried.stdout


def test_a_change_is_saved_and_taken_back(run: Run) -> None:
    assert "1 address fewer blocked" in run("policy", "set", "hard-blocks=no").stdout
    assert json.loads(run("policy", "show", "--json").stdout.splitlines()[1])["value"] == "no"
    assert "Undone: Policy: hard-blocks yes → no" in run("undo").stdout
    assert json.loads(run("policy", "show", "--json").stdout.splitlines()[1])["value"] == "yes"


def test_what_is_no_setting_or_does_not_fit_is_one_sentence(run: Run) -> None:
    for words, sentence in (
        (("set", "speed=1"), "“speed” is no setting"),
        (("set", "block-after=lots"), "“lots” does not fit block-after; give a whole number from 0 to 50."),
        (("test", "block-after"), "“block-after” is not NAME=VALUE"),
        (("set", "hard-blocks=yes"), "The policy says so already."),
    ):
        refused = run("policy", *words)
        assert refused.exit_code == 1
        assert sentence in refused.stderr
        assert refused.stderr.count("\n") == 1
