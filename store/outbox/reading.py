"""Reading a message: from an ``.eml`` file, or from a folder with its texts and a front matter."""

from __future__ import annotations

from pathlib import Path

from store.errors import BadInput
from store.outbox.content import FRONT, HTML, TEXT, Message


def read_message(path: Path) -> Message:
    """Read a message.

    Args:
        path: an ``.eml`` file, or a folder with ``message.toml``.

    Raises:
        BadInput: it cannot be read, or is no message; the sentence names the file and, where there is one, the line.
    """
    if path.is_dir() or path.name == FRONT:
        from store.outbox.folder import from_folder

        return from_folder(path if path.is_dir() else path.parent)
    if not path.exists():
        raise BadInput(f"There is no {path}; a message is an .eml file, or a folder with {FRONT}, {TEXT} and {HTML}.")
    if path.suffix.lower() == ".eml":
        from store.outbox.eml import from_eml

        return from_eml(path)
    raise BadInput(f"{path} is no message; give an .eml file, or a folder with {FRONT}, {TEXT} and {HTML}.")
