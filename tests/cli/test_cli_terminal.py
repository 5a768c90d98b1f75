from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Here = Callable[..., Result]

LIMIT_S = 30


class Terminal:
    """The command in a terminal of its own, 80 cells wide."""

    def __init__(self, *words: str, store: Path) -> None:
        self.seen = ""
        env = {**os.environ, "AFTERSEND_STORE": str(store), "TERM": "xterm"}
        for name in ("COLUMNS", "LINES"):
            env.pop(name, None)
        self.end, its_end = os.openpty()
        fcntl.ioctl(its_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        command = [sys.executable, "-m", "tui.cli", *words]
        self.process = subprocess.Popen(
            command, env=env, stdin=its_end, stdout=its_end, stderr=its_end, start_new_session=True
        )
        os.close(its_end)

    def read_until(self, wanted: str | None) -> str:
        """Read until ``wanted`` came (None: until the end) and return all that was seen."""
        until = time.monotonic() + LIMIT_S
        while wanted is None or wanted not in self.seen:
            ready, _, _ = select.select([self.end], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"{wanted!r} did not come: {self.seen!r}"
            try:
                data = os.read(self.end, 65536)
            except OSError:
                data = b""
            if not data:
                assert wanted is None, f"it ended without {wanted!r}: {self.seen!r}"
                break
            self.seen += data.decode().replace("\r\n", "\n")
        return self.seen

    def exit_code(self) -> int:
        """Wait for the end and return the exit code."""
        self.read_until(None)
        os.close(self.end)
        return self.process.wait(LIMIT_S)


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("recipients", "autumn"),
        ("bounces",),
        ("links", "autumn"),
        ("links", "autumn", "--clickers", "shop"),
        ("lists",),
        ("journal",),
        ("recipients", "--strangers"),
        ("history", "anna@gamil.example"),
    ],
    ids=" ".join,
)
def test_on_a_terminal_of_80_cells_no_line_is_wider_and_tables_have_headings(
    here: Here, world: Path, words: tuple[str, ...]
) -> None:
    here("add", "autumn", "--to", "selection:A rather long name of a list", "bo@north.example", store=world)
    terminal = Terminal(*words, store=world)
    assert terminal.exit_code() == 0
    lines = terminal.seen.splitlines()
    assert len(lines) >= 2
    assert max(map(len, lines)) <= 80
    if words[0] != "history":
        assert any(line.isupper() for line in lines[:2])


def test_watching_prints_again_when_somebody_changed_something_and_ends_with_ctrl_c(here: Here, world: Path) -> None:
    terminal = Terminal("status", "autumn", "--watch", store=world)
    assert "not decided yet" in terminal.read_until("strangers")
    terminal.seen = ""
    assert here("mark-hard", "autumn", "anna@gamil.example", store=world).exit_code == 0
    assert "to do" in terminal.read_until("strangers")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.exit_code() == 130


def test_an_import_on_a_terminal_leaves_no_trace_of_its_progress_bar(world: Path, tmp_path: Path) -> None:
    people = tmp_path / "many.csv"
    people.write_text("email,name\n" + "".join(f"p{n}@large.example,Person {n}\n" for n in range(20_000)))
    terminal = Terminal("import", "recipients", str(people), "--campaign", "Large", store=world)
    assert terminal.exit_code() == 0
    last_drawn = terminal.seen.rpartition("\x1b[K")[2]
    assert last_drawn.splitlines()[0] == "Large: 20,000 lines read."


def test_on_a_terminal_the_order_of_a_files_dates_is_asked_for_until_it_is_told(
    here: Here, world: Path, tmp_path: Path
) -> None:
    path = tmp_path / "opened.csv"
    path.write_text("email,event,time,campaign\nbo@north.example,open,09/02/2026 08:00,autumn\n")
    terminal = Terminal("ingest", str(path), "--zone", "UTC", store=world)
    assert "is 09/02/2026 08:00 9 February 2026 (dmy) or 2 September 2026 (mdy)? " in terminal.read_until("(mdy)? ")
    os.write(terminal.end, b"ydm\n")
    terminal.read_until("is not one of 'dmy', 'mdy'")
    os.write(terminal.end, b"mdy\n")
    assert terminal.exit_code() == 0
    assert '"opened_at": "2026-09-02T08:00:00.000Z"' in here("recipients", "autumn", "--json", store=world).stdout
