"""The line drops while a command runs: what sends pauses, what reads has kept its place; nohup lets them go on."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from store.database import open_store
from store.queries.outbox import send_row
from store.recompute import differences
from store.vocabulary import OutboxState, SendState
from tests.faults.world import build
from tests.outbox.sends import now, people, ready
from tests.smtp_server import SmtpServer, running
from tests.terminal.harness import Terminal

ROOT = Path(__file__).parents[2]
IGNORING = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"]


def command(store: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "tui.cli", "--store", str(store), *words]


def test_a_send_whose_line_drops_is_paused_and_goes_on_later(tmp_path: Path) -> None:
    store = open_store(tmp_path / "s.db")
    with running(SmtpServer()) as server:
        message = ready(store, server.port, people(300), rate=20, connections=2).message_id
        # One that has begun has passed the gate.
        store.run(lambda: store.execute("UPDATE message SET began_at = made_at"))
        words = ("send", "resume", "again", "--yes")
        with Terminal(command(store.path, *words), cwd=ROOT, deadline_s=60) as terminal:
            terminal.wait_for("/s")
            terminal.hang_up()
            terminal.process.wait(timeout=60)
        row = send_row(store, message, now())
        assert row.state is SendState.PAUSED, row
        assert row.counts[OutboxState.UNSURE] == row.counts[OutboxState.SENDING] == 0
        assert row.counts[OutboxState.ACCEPTED] == len(server.taken()) < 300
        assert list(differences(store)) == []


@pytest.mark.parametrize("ignored", [False, True], ids=["plain", "nohup"])
def test_a_follow_whose_line_drops_has_kept_its_place(tmp_path: Path, ignored: bool) -> None:
    path = build(tmp_path)
    log = tmp_path / "autumn.log"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:50]))
    more = IGNORING if ignored else []
    with Terminal([*more, *command(path, "follow", str(log))], cwd=ROOT, deadline_s=60) as terminal:
        terminal.wait_for("up to date")
        terminal.hang_up()
        if ignored:
            with log.open("a") as stream:
                stream.writelines(lines[50:])
            store = open_store(path)
            while store.rows("SELECT count(*) FROM stranger")[0][0] < 150:
                with pytest.raises(subprocess.TimeoutExpired):
                    terminal.process.wait(0.05)
            terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(timeout=60) == 0
    store = open_store(path)
    assert store.rows("PRAGMA integrity_check") == [("ok",)]
    assert list(differences(store)) == []
