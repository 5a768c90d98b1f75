"""Keys that arrive faster than the screen follows do what they would have done had the operator waited."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from tests.terminal.harness import Terminal

COMMAND = [str(Path(sys.executable).parent / "aftersend"), "--store"]


def count(path: Path, sql: str) -> int:
    with sqlite3.connect(path) as db:
        found = int(db.execute(sql).fetchone()[0])
    db.close()
    return found


def test_words_to_filter_by_are_never_taken_for_commands(sample_path: Path) -> None:
    entries = count(sample_path, "SELECT count(*) FROM journal")
    with Terminal([*COMMAND, str(sample_path)]) as terminal:
        terminal.wait_for("Price list 2027")
        terminal.press("j\r/becsberg\r")
        terminal.wait_for("“becsberg”")
        terminal.press("q")
        assert terminal.wait_end() == 0
    assert count(sample_path, "SELECT count(*) FROM journal") == entries


def test_an_enter_that_came_before_the_terminal_was_ours_is_one(sample_path: Path) -> None:
    with Terminal([*COMMAND, str(sample_path)]) as terminal:
        terminal.wait_for("Price list 2027")
        terminal.press("j\n/becsberg\n")
        terminal.wait_for("“becsberg”")
        terminal.press("q")
        assert terminal.wait_end() == 0


def test_a_decision_waits_for_the_rows_that_were_asked_for(sample_path: Path) -> None:
    with Terminal([*COMMAND, str(sample_path)]) as terminal:
        terminal.wait_for("Price list 2027")
        terminal.press("j\r/berg\rb")
        terminal.wait_for("marked as bounced hard")
        terminal.press("q")
        assert terminal.wait_end() == 0
    assert (
        count(
            sample_path,
            "SELECT count(*) FROM recipient AS r JOIN contact AS c ON c.id = r.contact_id"
            " WHERE r.decision = 2 AND (c.name LIKE '%berg%' OR c.email LIKE '%berg%' OR c.company LIKE '%berg%')",
        )
        == 1
    )
