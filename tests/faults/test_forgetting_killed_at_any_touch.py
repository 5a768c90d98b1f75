"""Forgetting somebody, killed at touches of the disk: the numbers stay, and the next one erases to the last byte."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

from tests.faults.inside import KILL, Fault
from tests.faults.killing import content, count, go, sound
from tests.faults.world import FIRST, address, build, here

KILLS = int(os.environ.get("FAULT_KILLS", "2"))
SEED = int(os.environ.get("FAULT_SEED", "1"))


def test_forgetting_is_done_by_the_next_to_the_last_byte(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    world = build(tmp_path)
    person = address(4)
    words = ("forget", person, "--yes")
    events = len(content(world)["event"])
    folders = [tmp_path / str(number) for number in range(KILLS + 1)]
    for folder in folders:
        folder.mkdir()
        Path(shutil.copy(world, folder / "store.db")).chmod(0o600)
    clean = count(folders[0] / "store.db", words, folders[0])
    assert clean.code == 0, clean
    kills = 0
    for folder in folders[1:]:
        path = folder / "store.db"
        ended = go(path, words, Fault(KILL, chance.randint(1, clean.touches)), folder)
        assert ended.killed or ended.code == 0, ended
        kills += ended.killed
        sound(path).close()
        assert len(content(path)["event"]) == events
        if count(path, ("forget", person, "--dry-run"), folder).code == 0:
            assert here(path, "find", person).stdout
            again = count(path, words, folder)
            assert again.code == 0, (ended, again)
        assert count(path, ("forget", "--sweep", "--yes"), folder).code == 0
        store = sound(path)
        assert store.rows("SELECT count(*) FROM recipient") == [(150,)]
        store.close()
        assert FIRST in here(path, "status").stdout
        for file in folder.iterdir():
            assert person.encode() not in file.read_bytes(), file
    print(f"{kills} killed")
