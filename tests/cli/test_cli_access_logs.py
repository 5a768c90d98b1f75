"""Access logs on the command line: patterns that are said once and used by name, tokens, mistakes told in words."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.feeds.access.lines import line

PATHS = "click=/r/{link}?c={campaign}&u={recipient},pixel=/o/{recipient}.gif,unsubscribe=/u/{recipient}"


def access_log(folder: Path, *lines: str) -> str:
    file = folder / "access.log"
    file.write_text("\n".join(lines) + "\n")
    return str(file)


def test_patterns_are_said_once_and_used_by_name(run: Run, tmp_path: Path) -> None:
    time = "01/Sep/2026:11:00:00 +0200"
    log = access_log(
        tmp_path,
        line("/r/7?c=autumn&u=3", time=time),
        line("/r/8?c=autumn&u=eve@north.example", time=time),
        line("/u/3", method="POST", status=200, time=time),
        line("/u/2", method="GET", status=200, time=time),
        line("/r/8?c=autumn", time=time),
    )
    first = run("ingest", log, "--map", PATHS, "--save-map", "web")
    assert first.exit_code == 0, first.output
    assert first.stdout.splitlines()[1].split() == [*log.split(), "access", "log", "3", "3", "0", "0", "0"]
    again = run("ingest", log, "--use-map", "web", "--reread")
    assert again.stdout.splitlines()[1].split()[-5:] == ["3", "0", "3", "0", "0"]
    links = run("links", "autumn", "--json")
    assert {json.loads(text)["url"] for text in links.stdout.splitlines()} == {"https://shop.example/a", "/r/7", "/r/8"}
    said = run("history", "cleo@south.example").stdout
    assert "clicked  (web server's log)" in said
    assert "unsubscribed" in said


def test_tokens_stand_for_people(run: Run, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.csv"
    tokens.write_text("token,email\nq7,dan@full.example\n")
    log = access_log(tmp_path, line("/r/7?c=autumn&u=q7", time="01/Sep/2026:11:00:00 +0200"))
    before = run("ingest", log, "--map", PATHS)
    assert before.stdout.splitlines()[1].split()[-4:] == ["0", "0", "1", "0"]
    after = run("ingest", log, "--map", PATHS, "--tokens", str(tokens), "--reread")
    assert after.stdout.splitlines()[1].split()[-4:] == ["1", "0", "0", "0"]
    assert "» clicked" in run("history", "dan@full.example").stdout


def test_an_access_log_without_patterns_says_what_to_give(run: Run, tmp_path: Path) -> None:
    log = access_log(tmp_path, line())
    result = run("ingest", log)
    assert result.exit_code == 1
    assert result.stderr == (
        f"aftersend: {log} is a web server's access log; say what its paths mean: --map"
        " 'click=/r/{link}?u={recipient},pixel=/o/{campaign}/{recipient}.gif,unsubscribe=/u/{recipient}'.\n"
    )


def test_a_pattern_that_is_none_is_refused_with_a_sentence(run: Run, tmp_path: Path) -> None:
    result = run("ingest", access_log(tmp_path, line()), "--map", "click=/{recipient}")
    assert result.exit_code == 1
    assert result.stderr == "aftersend: '/{recipient}' would take every path: it needs some text of its own.\n"


def test_tokens_without_patterns_are_a_wrong_usage(run: Run, tmp_path: Path) -> None:
    result = run("ingest", access_log(tmp_path, line()), "--tokens", "tokens.csv")
    assert result.exit_code == 2
    assert "--tokens needs the paths of a web server" in result.stderr
