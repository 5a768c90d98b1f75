"""Starting a send in a process of its own: it goes on when the screen is left or the line drops."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from store.errors import Refused


def start(store: Path, key: str, start_in_s: int) -> None:
    """Have `aftersend send start` send what is ready, with nobody at its terminal.

    Raises:
        Refused: no process could be started.
    """
    program = [sys.executable, "-m", "tui.cli", "--store", str(store), "send", "start", key]
    try:
        subprocess.Popen(
            [*program, "--yes", "--start-in", f"{start_in_s}s"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise Refused(f"No process could be started that sends it: {error.strerror}.") from error
