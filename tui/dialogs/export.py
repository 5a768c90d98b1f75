"""Choosing the file that rows are written to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from textual.widget import Widget
from textual.widgets import Input

from tui.dialogs.confirm import Confirm
from tui.dialogs.dialog import Dialog, Line, words


@dataclass(frozen=True, slots=True)
class ExportFile:
    """Where to write; ``overwrite``: the operator agreed to lose what is there."""

    path: Path
    overwrite: bool


class ChooseFile(Dialog[ExportFile]):
    """Asks for the file of an export; an existing one is only taken after a second question.

    Args:
        first: what will be written ("88 rows · Autumn newsletter · bounced").
        proposed: the path to begin with.
    """

    heading = "Export as CSV"
    keys = "Enter write · Esc leave"

    def __init__(self, first: str, proposed: Path) -> None:
        super().__init__()
        self._first = first
        self._proposed = proposed

    def body(self) -> Iterable[Widget]:
        """Return the field."""
        yield words(self._first, classes="first")
        yield Line(str(self._proposed), name="path", placeholder="file.csv")
        yield words("", name="answer")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say at once what is in the way."""
        path = _path(event.value)
        why = _in_the_way(path)
        if why:
            self.say("#answer", why, wrong=True)
        elif path.exists():
            self.say("#answer", "This file exists; Enter asks before it is overwritten.")
        else:
            self.say("#answer", f"A new file in {path.absolute().parent}.")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the file; ask first if it exists."""
        path = _path(event.value)
        why = _in_the_way(path)
        if why:
            self.say("#answer", why, wrong=True)
        elif path.exists():
            size = path.stat().st_size
            question = Confirm("Overwrite the file?", (str(path), f"It has {size:,} bytes, which will be lost."))
            self.app.push_screen(question, lambda yes: self._overwrite(path, bool(yes)))
        else:
            self.dismiss(ExportFile(path, False))

    def _overwrite(self, path: Path, agreed: bool) -> None:
        if agreed:
            self.dismiss(ExportFile(path, True))


def proposed_path(scope: str) -> Path:
    """Return a file name made of the words for what is shown, in the current folder."""
    stem = re.sub(r"[^\w]+", "-", scope.lower()).strip("-")[:60] or "recipients"
    return Path(f"{stem}.csv")


def _path(text: str) -> Path:
    return Path(text.strip()).expanduser()


def _in_the_way(path: Path) -> str | None:
    if not path.name:
        return "Type the name of a file."
    if path.is_dir():
        return f"{path} is a folder; type a file name too."
    folder = path.absolute().parent
    if not folder.is_dir():
        return f"There is no folder {folder}."
    if not os.access(folder, os.W_OK):
        return f"You may not write into {folder}."
    return None
