"""Choosing the file that rows are written to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from store.errors import BadInput
from store.exports.formats import Format, format_of, side_of
from tui.dialogs.confirm import Confirm
from tui.dialogs.dialog import Dialog, Line, words


@dataclass(frozen=True, slots=True)
class ExportFile:
    """Where to write and in which format; ``overwrite``: the operator agreed to lose what is there."""

    path: Path
    overwrite: bool
    kind: Format


class ChooseFile(Dialog[ExportFile]):
    """Asks for the file of an export; an existing one is only taken after a second question.

    Args:
        first: what will be written ("88 rows · Autumn newsletter · bounced").
        proposed: the path to begin with.
        kinds: the formats that can be chosen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Next format", show=False, priority=True),
        Binding("up", "step(-1)", "Previous format", show=False, priority=True),
    ]
    heading = "Export to a file"
    keys = "↑ ↓ format · Enter write · Esc leave"

    def __init__(self, first: str, proposed: Path, kinds: Sequence[Format] = tuple(Format)) -> None:
        super().__init__()
        self._first = first
        self._proposed = proposed
        self._kinds = tuple(kinds)
        if len(kinds) == 1:
            self.keys = "Enter write · Esc leave"

    def body(self) -> Iterable[Widget]:
        """Return the field, and the formats with the one that its suffix says."""
        yield words(self._first, classes="first")
        suffixes = " or ".join(", ".join(kind.suffix for kind in self._kinds).rsplit(", ", 1))
        yield Line(str(self._proposed), name="path", placeholder=f"file{suffixes}")
        yield words("", name="formats")
        yield words("", name="answer")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say at once what is in the way."""
        path = _path(event.value)
        why = _in_the_way(path, self._kinds)
        self.say("#formats", "" if why else _formats(path, self._kinds))
        if why:
            self.say("#answer", why, wrong=True)
        elif path.exists():
            self.say("#answer", "This file exists; Enter asks before it is overwritten.")
        else:
            self.say("#answer", f"A new file in {path.absolute().parent}.")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the file; ask first if it, or the one beside it, exists."""
        path = _path(event.value)
        why = _in_the_way(path, self._kinds)
        if why:
            self.say("#answer", why, wrong=True)
            return
        there = [file for file in (path, side_of(path, format_of(path))) if file is not None and file.exists()]
        if there:
            lines = [f"{file} has {file.stat().st_size:,} bytes, which will be lost." for file in there]
            self.app.push_screen(Confirm("Overwrite the file?", lines), lambda yes: self._overwrite(path, bool(yes)))
        else:
            self.dismiss(ExportFile(path, False, format_of(path)))

    def action_step(self, step: int) -> None:
        """Choose another format: the file gets its suffix."""
        line = self.query_one(Line)
        path = _path(line.value)
        kinds = self._kinds
        try:
            kind = kinds[(kinds.index(format_of(path)) + step) % len(kinds)]
        except (BadInput, ValueError):
            kind = kinds[0]
        if path.name:
            line.value = str(path.with_suffix(kind.suffix))
            line.cursor_position = len(line.value)

    def _overwrite(self, path: Path, agreed: bool) -> None:
        if agreed:
            self.dismiss(ExportFile(path, True, format_of(path)))


def proposed_path(scope: str) -> Path:
    """Return a file name made of the words for what is shown, in the current folder."""
    stem = re.sub(r"[^\w]+", "-", scope.lower()).strip("-")[:60] or "recipients"
    return Path(f"{stem}.csv")


def _path(text: str) -> Path:
    return Path(text.strip()).expanduser()


def _formats(path: Path, kinds: Sequence[Format]) -> str:
    """Return the formats, with brackets round the one of the file; nothing where there is no choice."""
    if len(kinds) == 1:
        return ""
    chosen = format_of(path)
    named = " ".join(f"[{kind.upper()}]" if kind is chosen else f" {kind.upper()} " for kind in kinds)
    beside = side_of(path, chosen)
    return f"{named}  {f'and {beside.name}' if beside else 'with a head'} that says what it is"


def _in_the_way(path: Path, kinds: Sequence[Format]) -> str | None:
    if not path.name:
        return "Type the name of a file."
    try:
        if format_of(path) not in kinds:
            return f"This is written as {' or '.join(kind.upper() for kind in kinds)} only."
    except BadInput as error:
        return str(error)
    if path.is_dir():
        return f"{path} is a folder; type a file name too."
    folder = path.absolute().parent
    if not folder.is_dir():
        return f"There is no folder {folder}."
    if not os.access(folder, os.W_OK):
        return f"You may not write into {folder}."
    return None
