from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CAMPAIGN, Run
from tests.outbox.writing import TEXT, folder


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A message that somebody else wrote."""
    made = folder(tmp_path / "letter")
    front = made / "message.toml"
    front.write_text(f'author = "anna"\n{front.read_text()}')
    return made


def findings(run: Run, *words: str) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for line in run("check", *words, "--json").stdout.splitlines():
        each = json.loads(line)
        found.setdefault(each["rule"], []).append((each["level"], each["sentence"]))
    return found


def test_a_message_is_checked_on_everybody_who_would_get_it(run: Run, letter: Path) -> None:
    found = findings(run, str(letter), "--campaign", CAMPAIGN)
    assert [level for some in found.values() for level, _ in some if level == "red"] == []
    assert found["recipients"][0][1].endswith("left out")
    assert found["consent"][0] == ("yellow", "1 person gets nothing (no consent): finn@north.example")
    assert found["unusable"][0][0] == "yellow"
    assert found["fields"] == [("green", "Fields are known of 4 of 4 who get it: company, name, unsubscribe")]
    assert run("check", str(letter), "--campaign", CAMPAIGN).exit_code == 0


def test_something_red_ends_with_1_and_says_where(run: Run, letter: Path) -> None:
    (letter / "text.txt").write_text(TEXT.replace("Tuesday", "Wednesday"))
    ended = run("check", str(letter))
    assert ended.exit_code == 1
    assert ended.stdout.splitlines()[0].split("\t")[:4] == [
        "red", "dates", "“Wednesday, 2 March 2027” is a Tuesday", "text.txt, line 3",
    ]  # fmt: skip
    assert "1 red, 2 asked" in ended.stderr
    assert ended.stderr.rstrip().endswith("nothing is sent.")


def test_ticks_and_an_override_let_it_pass_until_a_letter_is_changed(run: Run, letter: Path) -> None:
    (letter / "text.txt").write_text(TEXT.replace("Tuesday", "Wednesday"))
    said = run("check", str(letter), "--tick", "proof-read", "--tick", "test-mail")
    assert said.exit_code == 1
    passed = run("check", str(letter), "--override", "dates", "--because", "a quotation")
    assert passed.exit_code == 0
    assert "1 overridden: it may be sent." in passed.stderr
    assert "overridden by ines on" in passed.stdout
    assert "a quotation" in run("journal").stdout
    (letter / "text.txt").write_text(TEXT.replace("Tuesday", "Wednesday") + "\n")
    assert "1 red, 2 asked" in run("check", str(letter)).stderr


def test_ticks_are_undone(run: Run, letter: Path) -> None:
    run("check", str(letter), "--tick", "proof-read")
    assert findings(run, str(letter))["proof-read"][0][0] == "green"
    assert "Undone" in run("undo").stdout
    assert findings(run, str(letter))["proof-read"][0][0] == "asked"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--override", "dates"), 1, "Weekdays has nothing against the message"),
        (("--override", "subject", "--because", "x"), 1, "Subject has nothing against the message."),
        (("--tick", "subject"), 1, "Subject is checked by the program"),
        (("--tick", "nothing"), 1, "“nothing” is no rule; there are from,"),
        (("--because", "x"), 2, "--because belongs to --override"),
        (("--to", "nowhere"), 1, "nowhere"),
        (("--to", "a", "--campaign", "b"), 2, "Give --to LIST, or --campaign CAMPAIGN."),
        (("--text", "a"), 2, "Give --to LIST, or --campaign CAMPAIGN."),
        (("--relay", "nowhere"), 1, "No relay is set up yet"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    run: Run, letter: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ended = run("check", str(letter), *words)
    assert (ended.exit_code, sentence in ended.stderr) == (code, True), ended.stderr


def test_the_author_does_not_proof_read(run: Run, letter: Path) -> None:
    front = letter / "message.toml"
    front.write_text(front.read_text().replace('author = "anna"', 'author = "ines"'))
    ended = run("check", str(letter), "--tick", "proof-read")
    assert (ended.exit_code, "somebody else proof-reads it" in ended.stderr) == (1, True)


def test_a_message_that_cannot_be_read_is_one_sentence(run: Run, tmp_path: Path) -> None:
    ended = run("check", str(tmp_path / "none"))
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "There is no" in ended.stderr


def test_the_mail_of_the_first_is_shown(run: Run, letter: Path) -> None:
    shown = run("check", str(letter), "--campaign", CAMPAIGN, "--preview").stdout
    assert "Subject: Spring at Norrland AB\n" in shown
    assert "\nDear Bo Ek,\n" in shown
    assert "Return path: bounces+bo=north.example@news.shop.example\n" in shown
