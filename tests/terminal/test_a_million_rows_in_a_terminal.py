from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.harness import Terminal

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.terminal.million"]
COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")


def start(**more) -> Terminal:
    terminal = Terminal(COMMAND, cwd=ROOT, **more)
    terminal.wait_for(lambda text: "Person 1 " in text and "row 1" in text and "Quit" in text)
    return terminal


def bytes_of(terminal: Terminal, key: str, times: int) -> float:
    before = terminal.sent
    for _ in range(times):
        shown = terminal.line(-2)
        terminal.press(key)
        terminal.wait_for(lambda text, shown=shown: text.splitlines()[-2] != shown)
    return (terminal.sent - before) / times


def settle(terminal: Terminal) -> None:
    terminal.press("j")
    terminal.wait_for("row 2")
    terminal.press("g")
    terminal.wait_for(lambda text: "row 1\n" in text)


def test_keys_cost_few_bytes_on_a_plain_terminal_of_150_columns():
    with start(columns=150, lines=45) as terminal:
        settle(terminal)
        assert bytes_of(terminal, "j", 30) <= 800
        assert bytes_of(terminal, "j", 60) <= 1_200
        assert bytes_of(terminal, "pagedown", 4) <= 13_000
        assert bytes_of(terminal, "G", 1) <= 13_000
        assert bytes_of(terminal, "g", 1) <= 13_000


def test_it_is_drawn_in_columns_and_survives_a_resize():
    with start(columns=80, lines=24) as terminal:
        lines = terminal.text.splitlines()
        assert lines[0].startswith("A million people")
        at = lines[1].index("Address")
        assert all(line[at:].startswith(f"{number}@example.org") for number, line in enumerate(lines[2:22], start=1))
        assert lines[-1].split() == ["j", "Down", "k", "Up", "Space", "Mark", "q", "Quit"]
        terminal.press("G")
        terminal.wait_for("row 1,000,000")
        terminal.resize(50, 12)
        text = terminal.wait_for(lambda text: "Quit" in text.splitlines()[-1] and "Person 999,992" not in text)
        assert "Person 1000000" in text


def test_marks_have_a_sign_without_any_colour():
    with start(env={"NO_COLOR": "1"}) as terminal:
        terminal.press("space")
        terminal.wait_for("* ✓ Delivered")
        assert not COLOUR.search(terminal.raw)
        cursor = next(index for index, line in enumerate(terminal.screen.display) if "Person 2 " in line)
        assert all(terminal.screen.buffer[cursor][column].reverse for column in range(80))


@pytest.mark.parametrize("term", ["screen", "xterm"])
def test_sixteen_colours_are_enough(term):
    with start(env={"TERM": term, "COLORTERM": None}) as terminal:
        assert COLOUR.search(terminal.raw)
        assert b"38;2;" not in terminal.raw
        assert b"38;5;" not in terminal.raw
        terminal.press("q")
        assert terminal.wait_end() == 0


def test_hostile_text_reaches_no_terminal():
    hostile = "[/zz]\x1b]0;pwn\x07\x1b[2J\u202enaam\x9b31m"
    with Terminal(COMMAND, cwd=ROOT, env={"HOSTILE": hostile}, columns=200) as terminal:
        terminal.wait_for("[/zz]")
        for forbidden in (b"\x1b]0;pwn", b"\x1b[2J", "\u202e".encode(), "\x9b".encode()):
            assert forbidden not in terminal.raw
        assert "pwn" not in terminal.screen.title


def by_signal(number: int) -> Callable[[Terminal], None]:
    return lambda terminal: terminal.process.send_signal(number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(number):
    with start() as terminal:
        by_signal(number)(terminal)
        assert terminal.wait_end() == 128 + number
        assert b"\x1b[?1049l" in terminal.raw
        assert b"\x1b[?25h" in terminal.raw


@pytest.mark.parametrize("ignored", [False, True], ids=["plain", "SIGHUP ignored"])
def test_when_the_line_drops_the_program_ends(ignored):
    trap = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"] if ignored else []
    with Terminal([*trap, *COMMAND], cwd=ROOT) as terminal:
        terminal.wait_for("Person 1 ")
        terminal.hang_up()
        assert terminal.process.wait(timeout=terminal.deadline_s) == 128 + signal.SIGHUP


def test_a_terminal_that_takes_no_more_bytes_does_not_keep_the_program():
    with start(columns=200, lines=60) as terminal:
        terminal.press(*["pagedown"] * 300)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(timeout=terminal.deadline_s) == 128 + signal.SIGTERM


def test_without_a_terminal_it_says_why_it_does_not_start():
    done = subprocess.run(COMMAND, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("The screen needs a terminal")


def test_a_dumb_terminal_is_refused():
    with Terminal(COMMAND, cwd=ROOT, env={"TERM": "dumb"}) as terminal:
        assert terminal.wait_end() == 1
        assert "TERM says" in terminal.text
        assert os.path.exists(f"/proc/{terminal.process.pid}") is False
