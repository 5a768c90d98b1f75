"""What a script has loaded, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys


def loaded(script: str, *arguments: str, **env: str) -> set[str]:
    """Run a script that prints the modules it has loaded in its last line."""
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ) | env,
    )
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.splitlines()[-1].split())
