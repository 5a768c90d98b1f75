"""Starting a send in a process of its own: it goes on when the screen is left or the line drops."""

from __future__ import annotations

import os
import subprocess
import sys

from store.errors import Refused


def start(store: str, key: str, start_in_s: int) -> None:
    """Have `aftersend send start` send what is ready, with nobody at its terminal.

    Args:
        store: its URL; as it may hold a password, it is handed on in the environment, which others cannot read.
        key: of the campaign.
        start_in_s: seconds until the first mail leaves.

    Raises:
        Refused: no process could be started.
    """
    program = [sys.executable, "-m", "tui.cli", "send", "start", key]
    try:
        subprocess.Popen(
            [*program, "--yes", "--start-in", f"{start_in_s}s"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "AFTERSEND_STORE": store},
            start_new_session=True,
        )
    except OSError as error:
        raise Refused(f"No process could be started that sends it: {error.strerror}.") from error
