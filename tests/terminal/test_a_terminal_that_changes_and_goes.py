"""Terminals as they are: suspended, hung up, tiny, gone, full of typing when the line drops; nothing is lost by it."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from tests.terminal.harness import Terminal

CAMPAIGN = "Price list 2027"
COMMAND = [sys.executable, "-m", "tui.cli"]
ROOT = Path(__file__).parents[2]
ENV = {"USER": "ann", "SUDO_USER": None, "SSH_CONNECTION": None}
OUT_OF_IT, BACK = b"\x1b[?1049l", b"\x1b[?1049h"
TABLE_GROUP = "44 x Our mail failed their check"


def desk(path: Path, **more: int) -> Terminal:
    return Terminal([*COMMAND, "--store", str(path)], env=ENV, cwd=ROOT, deadline_s=60, **more)


def wait_stopped(terminal: Terminal) -> None:
    """Read what the program sends until it is stopped."""
    until = time.monotonic() + terminal.deadline_s
    status = 0
    while not status:
        assert time.monotonic() < until, "it was not stopped in time"
        terminal.wait_quiet(0.02)
        _, status = os.waitpid(terminal.process.pid, os.WUNTRACED | os.WNOHANG)
    assert os.WIFSTOPPED(status), status


def journal(path: Path) -> list[tuple[str, int]]:
    with sqlite3.connect(path) as db:
        found = db.execute("SELECT verb, subjects FROM journal WHERE operator = 'ann' ORDER BY id").fetchall()
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    db.close()
    return found


@pytest.mark.parametrize("how", ["ctrl+z", "SIGTSTP"])
def test_suspended_it_gives_the_terminal_back_and_draws_everything_again(sample_path: Path, how: str) -> None:
    with desk(sample_path) as terminal:
        terminal.wait_for(CAMPAIGN)
        terminal.press("b")
        terminal.wait_for("left")
        for _ in range(2):
            sent = terminal.sent
            if how == "ctrl+z":
                terminal.press("\x1a")
            else:
                terminal.process.send_signal(signal.SIGTSTP)
            wait_stopped(terminal)
            terminal.wait_for(lambda _, sent=sent: OUT_OF_IT in terminal.raw[sent:])  # type: ignore[misc]
            assert b"\x1b[?25h" in terminal.raw[sent:]
            terminal.screen.reset()
            sent = terminal.sent
            terminal.process.send_signal(signal.SIGCONT)
            terminal.wait_for(lambda text: " left" in text.partition("\n")[0] and "help" in text, "the whole screen")
            assert BACK in terminal.raw[sent:]
        terminal.press("q")
        assert terminal.wait_end() == 0


def test_a_line_that_drops_while_it_is_suspended_ends_it(sample_path: Path) -> None:
    with desk(sample_path) as terminal:
        terminal.wait_for(CAMPAIGN)
        terminal.press("\x1a")
        wait_stopped(terminal)
        terminal.hang_up()
        # The kernel wakes a stopped job whose terminal has gone (POSIX, 11.1.10), after it was told.
        terminal.process.send_signal(signal.SIGCONT)
        assert terminal.process.wait(timeout=terminal.deadline_s) == 128 + signal.SIGHUP


def test_a_line_that_drops_in_the_middle_of_a_bulk_action_loses_nothing_that_was_confirmed(sample_path: Path) -> None:
    with desk(sample_path) as terminal:
        terminal.wait_for(CAMPAIGN)
        terminal.press("j")
        terminal.wait_for(f" {CAMPAIGN}  ")
        terminal.press("b")
        terminal.wait_for(TABLE_GROUP)
        terminal.press("E")
        terminal.wait_for("Excuse the bounces of 44 recipients?")
        terminal.press("y")
        terminal.wait_for("56 of 100 left")
        terminal.press("B")
        terminal.hang_up()
        assert terminal.process.wait(timeout=terminal.deadline_s) == 128 + signal.SIGHUP
    assert journal(sample_path) in ([("excuse", 44)], [("excuse", 44), ("block", 9)])


def test_a_line_that_drops_while_somebody_types_changes_nothing(sample_path: Path) -> None:
    with desk(sample_path) as terminal:
        terminal.wait_for(CAMPAIGN)
        terminal.press("j")
        terminal.wait_for(f" {CAMPAIGN}  ")
        terminal.press("b")
        terminal.wait_for(TABLE_GROUP)
        terminal.press("t", "t", "t")
        terminal.wait_for("one by one")
        terminal.press("f")
        terminal.wait_for("Fix the address")
        terminal.press("\x15", *"somebody@right.example")
        terminal.wait_for("somebody@right.example")
        terminal.hang_up()
        assert terminal.process.wait(timeout=terminal.deadline_s) == 128 + signal.SIGHUP
    assert journal(sample_path) == []


def test_twenty_columns_and_five_lines_are_enough_to_decide(sample_path: Path) -> None:
    with desk(sample_path, columns=20, lines=5) as terminal:
        terminal.wait_for(lambda text: "Price list" in text)
        terminal.press("j")
        terminal.press("b")
        terminal.wait_for(lambda text: text.splitlines()[2].startswith("  44 "), "the first group")
        terminal.press("c")
        terminal.wait_for(lambda text: "44" in text and "╭" in text, "the question")
        terminal.press("y")
        terminal.wait_for("56 of")
        terminal.press("q")
        assert terminal.wait_end() == 0
    assert journal(sample_path) == [("clear", 44)]


def test_any_size_and_back_is_drawn_without_a_word_of_a_crash(sample_path: Path) -> None:
    with desk(sample_path, columns=140, lines=40) as terminal:
        terminal.wait_for(CAMPAIGN)
        for keys, shown in (((), "Enter open"), (("b",), "Cause"), (("?",), "Marked rows")):
            terminal.press(*keys)
            terminal.wait_for(shown)
            for columns, lines in ((20, 5), (1, 1), (2, 1), (1, 30), (300, 2), (20, 5)):
                terminal.resize(columns, lines)
                # What it answers tells that it has taken the size.
                terminal.press("\x0c")
                terminal.wait_quiet(0.05)
            terminal.resize(140, 40)
            terminal.wait_for(shown)
        terminal.press("q")
        assert terminal.wait_end() == 0
    assert b"Traceback" not in terminal.raw


def test_a_store_that_is_damaged_ends_it_with_a_sentence(sample_path: Path) -> None:
    with sqlite3.connect(sample_path) as db:
        db.execute("UPDATE campaign SET created_at = 'yesterday'")
    db.close()
    with desk(sample_path) as terminal:
        assert terminal.wait_end() == 1
    assert b"The store is damaged: yesterday is no time; bring back a backup." in terminal.raw
    assert b"Traceback" not in terminal.raw
