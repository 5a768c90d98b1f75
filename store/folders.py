"""Folders for files that are nobody else's business."""

from __future__ import annotations

from pathlib import Path

_OWNER_ONLY = 0o700


def make_private(folder: Path) -> None:
    """Make a folder and what is missing above it, each for its owner alone, whatever the umask is.

    ``Path.mkdir`` gives its mode to the last one only; who may write one above it can put another in its place.

    Raises:
        OSError: one of them cannot be made, or a file is in the way.
    """
    missing = [folder]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for one in reversed(missing):
        one.mkdir(mode=_OWNER_ONLY, exist_ok=True)
