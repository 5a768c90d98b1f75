"""aftersend follow, on the command line."""

from __future__ import annotations

import configparser
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from store.following.follow import Figures
from store.following.landing import Tally
from store.following.source import Where
from tests.terminal.harness import Terminal
from tui.cli.follow import FigureLine, figures_line, follow_command

Run = Callable[..., Result]
Outside = Callable[..., subprocess.CompletedProcess[str]]


def records(store: Path) -> int:
    with sqlite3.connect(store) as opened:
        (count,) = opened.execute("SELECT coalesce(sum(records), 0) FROM feed").fetchone()
    opened.close()
    return int(count)


def listed(outside: Outside, feeds: Path, store: Path) -> None:
    done = outside("import", "recipients", str(feeds / "list.csv"), "--campaign", "A", "--key", "autumn", store=store)
    assert done.returncode == 0, done.stderr


def test_everything_is_read_without_a_word_and_with_exit_code_0(outside: Outside, feeds: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    listed(outside, feeds, store)
    for _ in range(2):
        done = outside("follow", "--exit-when-idle", str(feeds / "mail.log"), str(feeds / "events.ndjson"), store=store)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert records(store) == 8
    status = outside("status", "A", "--json", store=store)
    assert '"delivered": 3' in status.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(outside: Outside, feeds: Path, tmp_path: Path, number: int) -> None:
    store, log = tmp_path / "s.db", tmp_path / "mail.log"
    log.write_bytes((feeds / "mail.log").read_bytes())
    listed(outside, feeds, store)
    command = [sys.executable, "-m", "tui.cli", "follow", str(log)]
    env = {**os.environ, "AFTERSEND_STORE": str(store)}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=env, **pipes) as process:
        for _ in range(400):
            if records(store) == 6:
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
        process.send_signal(number)
        said = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, ("", ""))
    assert records(store) == 6


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("nowhere.log", "does not exist."),
        ("picture.png", "is a PNG picture"),
        ("gopher://host/x", "gopher:// cannot be followed"),
    ],
)
def test_what_cannot_be_followed_is_one_sentence(run: Run, tmp_path: Path, path: str, sentence: str) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n" + bytes(2000))
    result = run("follow", "--exit-when-idle", path if "://" in path else str(tmp_path / path))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_unit_for_systemd_calls_what_there_is() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(Path(__file__).parents[2] / "docs" / "follow.service", encoding="utf-8")
    program, command, *rest = shlex.split(unit["Service"]["ExecStart"])
    assert (Path(program).name, command) == ("aftersend", "follow")
    ctx = follow_command.make_context("follow", rest, resilient_parsing=False)
    assert ctx.params["paths"] == ("/var/log/mail.log", "/var/spool/bounces/Maildir")


def test_the_last_figures_are_drawn_however_quickly_they_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stderr, "write", written.append)
    line = FigureLine()
    for records in (1, 2, 3):
        line.show(Figures(Tally(records, records, 0, 0), (), 1))
    timer = line._timer
    assert timer is not None
    timer.join()
    assert len(written) == 2
    assert "3 events" in written[-1]
    line.wipe()
    assert written[-1] == "\r\x1b[K"


def test_one_line_of_figures() -> None:
    tally = Tally(records=12_000, new_events=11_500, strangers=480, defects=2)
    counts = "1,234/s · 11,500 events · 480 strangers · 2 bad"
    assert figures_line(Figures(tally, (), 2), 1234.4) == f"{counts} · up to date in 2 feeds"
    behind = [Where("mail.log", 5_300_000), Where("box", 12)]
    assert figures_line(Figures(tally, behind, 2), 1234) == f"{counts} · 5,300 k behind in mail.log and 1 more"
    waiting = [Where("mail\x1b[2J.log", 0, "it does not exist.")]
    assert figures_line(Figures(tally, waiting, 1), 1234).endswith(" · waiting for mail␛[2J.log")


def test_a_terminal_shows_the_line_and_is_left_clean(outside: Outside, feeds: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    listed(outside, feeds, store)
    command = [sys.executable, "-m", "tui.cli", "follow", str(feeds / "mail.log")]
    with Terminal(command, env={"AFTERSEND_STORE": str(store)}) as terminal:
        text = terminal.wait_for("up to date in 1 feed")
        assert "0 bad" in text
        terminal.press("ctrl+c")
        assert terminal.wait_end() == 0
        assert terminal.text.replace("^C", "").strip() == ""
