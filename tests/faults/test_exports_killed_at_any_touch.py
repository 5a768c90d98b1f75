"""An export that is killed leaves the whole file or none, the old one until then, and nothing that the next keeps."""

from __future__ import annotations

import os
import random
import re
import shutil
import stat
import zipfile
from pathlib import Path

from tests.faults.inside import KILL, Fault
from tests.faults.killing import Ended, count, go, sound
from tests.faults.world import build

KILLS = int(os.environ.get("FAULT_KILLS", "2"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?")
COMMANDS = {
    "people.csv": ("export", "spring", "--to"),
    "people.xlsx": ("export", "spring", "--to"),
    "people.html": ("export", "spring", "--to"),
    "people.json": ("export", "spring", "--to"),
    "people.txt": ("export", "spring", "--to"),
    "blocked.csv": ("blocked", "--to"),
    "report.html": ("report", "spring", "--html"),
}


def told_by(path: Path) -> object:
    """Return what stands in a file, without the moment at which it was written."""
    if path.suffix != ".xlsx":
        return _TIME.sub("then", path.read_text(encoding="utf-8"))
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        return {name: _TIME.sub("then", book.read(name).decode()) for name in book.namelist()}


def test_an_export_is_whole_or_absent(tmp_path: Path) -> None:
    world = build(tmp_path)
    chance = random.Random(SEED)
    kills = left = 0
    for name, command in COMMANDS.items():
        words = (*command, name, "--force")
        folder = tmp_path / name
        folder.mkdir()
        clean = count(world, words, folder)
        assert clean.code == 0, clean
        whole = {path.name: told_by(path) for path in folder.iterdir()}
        for _ in range(KILLS):
            old = chance.random() < 0.5
            for path in folder.iterdir():
                path.write_text("old") if old else path.unlink()
            ended = go(world, words, Fault(KILL, chance.randint(1, clean.touches)), folder)
            assert ended.killed or ended.code == 0, ended
            kills += ended.killed
            left += judge(folder, name, ended, clean, whole, old)
            sound(world).close()
            again = count(world, words, folder)
            assert again.code == 0, again
            assert {path.name: told_by(path) for path in folder.iterdir()} == whole
    print(f"{kills} killed, {left} parts left and taken away by the next")


def judge(folder: Path, name: str, ended: Ended, clean: Ended, whole: dict[str, object], old: bool) -> int:
    """Look at what a killed export has left; return the number of parts."""
    for path in folder.glob("aftersend-*"):
        # What a workbook is made of before it is one; it lies in the folder for temporary files.
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        shutil.rmtree(path)
    parts = [path for path in folder.iterdir() if path.name not in whole]
    for path in parts:
        assert re.fullmatch(rf"\.{re.escape(name)}(\.meta\.json)?\.\w+\.part", path.name), path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for file in whole:
        path = folder / file
        assert path.exists() or not old
        if path.exists() and not (old and path.read_text(encoding="utf-8", errors="replace") == "old"):
            assert told_by(path) == whole[file], (file, ended)
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if ended.told and ended.told == clean.told:
        assert not parts
        assert {path.name for path in folder.iterdir()} == set(whole)
    return len(parts)
