"""The morning after, as an operator lives it: the installed command in a real terminal, then the file on disk."""

from __future__ import annotations

import csv
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from tests.terminal.harness import Terminal

COMMAND = Path(sys.executable).parent / "aftersend"
SIZES = [(80, 24), (140, 40)]
CAMPAIGN = "Price list 2027"
WRONG = "@gamil.example"


def rows(path: Path, sql: str, *parameters: object) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as db:
        found = db.execute(sql, parameters).fetchall()
    db.close()
    return found


@pytest.mark.parametrize(("columns", "lines"), SIZES)
def test_filter_bounces_fix_mark_undo_remind_export_and_quit(
    sample_path: Path, tmp_path: Path, columns: int, lines: int
) -> None:
    ((wrong, recipient),) = rows(
        sample_path,
        "SELECT r.address, r.id FROM recipient AS r JOIN campaign AS c ON c.id = r.campaign_id"
        " WHERE c.name = ? AND r.address LIKE '%gamil%' AND r.delivery = 60 ORDER BY r.id LIMIT 1",
        CAMPAIGN,
    )
    right = str(wrong).replace("gamil", "gmail").replace("@", ".repaired@")
    env = {"USER": "ann", "SUDO_USER": None, "SSH_CONNECTION": "198.51.100.7 50000 198.51.100.1 22"}
    with Terminal(
        [str(COMMAND), "--store", str(sample_path)], columns=columns, lines=lines, env=env, cwd=tmp_path
    ) as terminal:
        terminal.wait_for(CAMPAIGN)
        terminal.press("j")
        terminal.wait_for(f" {CAMPAIGN}  ", "the campaign in the title")
        terminal.press("enter", "t")
        terminal.wait_for("Show which states?")
        terminal.press(*"jjjjjjjj", "space", "enter")
        terminal.wait_for(f"{CAMPAIGN} · bounced")
        terminal.press("/")
        terminal.press(*str(wrong).partition("@")[0], "enter")
        terminal.wait_for(lambda text: "1 of 1,084 shown" in text, "the one row")

        terminal.press("f")
        terminal.wait_for("Fix the address")
        terminal.press("\x15", *right)
        terminal.wait_for(right[:20])
        terminal.press("enter")
        terminal.wait_for("u takes it back")
        terminal.press("esc")
        terminal.wait_for(lambda text: "1,084 shown" in text and "of 1,084 shown" not in text, "no filter")
        terminal.press("t", *"jjjjjjjj", "space", "enter")
        terminal.wait_for(lambda text: "100 of 1,084 shown" in text, "all bounces again")

        terminal.press("g", "b")
        terminal.wait_for("marked as bounced hard")
        terminal.press("u")
        terminal.wait_for("Undone")

        terminal.press("r")
        terminal.wait_for("surely not read")
        terminal.press("enter")
        terminal.wait_for("made with")
        terminal.press("L")
        terminal.wait_for("1 list")
        terminal.press("enter")
        terminal.wait_for(lambda text: "reminder Reminder" in text.partition("\n")[0], "the members")
        terminal.press("x")
        terminal.wait_for("Export to a file")
        terminal.press("\x15", *"reminder.csv", "enter")
        terminal.wait_for("exported to")
        terminal.press("q")
        assert terminal.wait_end() == 0
        assert terminal.raw.endswith(b"\x1b[?1049l") or b"\x1b[?1049l" in terminal.raw[-400:]

    assert rows(sample_path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(
        sample_path, "SELECT email FROM contact WHERE id = (SELECT contact_id FROM recipient WHERE id = ?)", recipient
    ) == [(right,)]
    journal = rows(
        sample_path, "SELECT verb, operator, host, undone_at IS NOT NULL FROM journal WHERE operator = 'ann'"
    )
    assert journal == [
        ("fix", "ann", "198.51.100.7", 0),
        ("mark-hard", "ann", "198.51.100.7", 1),
        ("undo", "ann", "198.51.100.7", 0),
        ("remind", "ann", "198.51.100.7", 0),
        ("export", "ann", "198.51.100.7", 0),
    ]
    written = tmp_path / "reminder.csv"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    with written.open(newline="", encoding="utf-8") as handle:
        people = list(csv.DictReader(handle))
    ((members,),) = rows(sample_path, "SELECT count(*) FROM list_member")
    assert len(people) == members
    assert {row["Delivery"] for row in people} == {"delivered"}
    assert {row["Engagement"] for row in people} <= {"none", "machine"}
    assert {row["Blocked"] for row in people} == {"no"}
