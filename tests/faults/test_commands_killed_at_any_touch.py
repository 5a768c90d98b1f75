"""Every command that changes something is killed at touches of the disk drawn with a seed: all of it is there, or none.

What needs several transactions (an import, a feed) is whole once it is run again.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from store.asking import RecipientFilter
from store.database import open_store
from store.outbox.preparing import Draft, prepare
from store.outbox.whom import Whom
from tests.faults.inside import KILL, Fault
from tests.faults.killing import Step, content, count, go, sound
from tests.faults.world import PEOPLE, SECOND, address, build
from tests.outbox.sends import ANN, HELLO, now

KILLS = int(os.environ.get("FAULT_KILLS", "1"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
FULL = [address(number) for number in range(3, PEOPLE, 5)]
NOWHERE = [address(number) for number in range(1, PEOPLE, 5)]
UNREAD = [address(number) for number in range(4, PEOPLE, 5)]
GOOD = [address(number) for number in range(0, PEOPLE, 5)]


def prepare_a_send(path: Path) -> None:
    store = open_store(path)
    whom = Whom(wanted=RecipientFilter(campaign_id=1), words="all")
    prepare(store, Draft("Again", HELLO, whom, "local", 1), ANN, now())
    store.close()
    print("ready")


STEPS: dict[str, tuple[object, ...] | Step] = {
    "import": ("import", "recipients", "list.csv", "--campaign", SECOND, "--key", "autumn"),
    "ingest": ("ingest", "autumn.log", "autumn.ndjson"),
    "remind": ("remind", "spring"),
    "mark-hard": ("mark-hard", "spring", *FULL[:20]),
    "mark-soft": ("mark-soft", "spring", *FULL[20:]),
    "clear": ("clear", "spring", *FULL[:10]),
    "excuse": ("excuse", "autumn", *FULL),
    "block": ("block", "spring", *UNREAD[:20]),
    "clear-block": ("clear-block", *UNREAD[:10]),
    "former": ("former", "spring", *GOOD[20:25]),
    "delete": ("delete", "spring", *GOOD[25:]),
    "later": ("later", "autumn", *NOWHERE[:10]),
    "fix": ("fix", "spring", NOWHERE[0], "right@gmail.example"),
    "accept": ("accept", "spring", *NOWHERE[1:20], "--yes"),
    "undo": ("undo",),
    "redo": ("redo",),
    "add": ("add", "spring", "--state", "delivered", "--to", "selection:Good"),
    "add to a project": ("add", "autumn", "--state", "bounced", "--to", "project:Calls"),
    "lists union": ("lists", "union", "Good", "Calls", "--into", "selection:All"),
    "lists split": ("lists", "split", "selection:All"),
    "lists remove": ("lists", "remove", "selection:All", *GOOD[2:8]),
    "lists rename": ("lists", "rename", "Good", "Better"),
    "lists delete": ("lists", "delete", "selection:Better"),
    "undo of a list": ("undo",),
    "segment": ("segment", "save", "Failed", "--campaign", "spring", "--state", "bounced"),
    "reload": ("reload", "reminder:Reminder: Spring list"),
    "resend": ("resend", "spring"),
    "tripwire": ("tripwire", "set", "hard=9%"),
    "policy": ("policy", "set", "block-after=1"),
    "consent": ("consent", GOOD[3], "no", "--source", "a call"),
    "prepare": prepare_a_send,
    "send stop": ("send", "stop", "again"),
    "retention": ("retention", "set", "events-after-months=3"),
}
"""One after the other on one store: each begins with what those before it have left."""

IN_PARTS = {"import", "ingest", "policy"}


def places(touches: int, chance: random.Random) -> Iterator[int]:
    """Yield touches at which to kill, one in each part of the whole."""
    parts = min(KILLS, touches)
    for part in range(parts):
        first, last = 1 + part * touches // parts, (part + 1) * touches // parts
        yield chance.randint(first, max(first, last))


def test_all_of_it_is_there_or_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    world, folder = build(tmp_path), tmp_path / "killed"
    folder.mkdir()
    path = folder / "store.db"
    kills = found_done = 0
    for name, step in STEPS.items():
        before = content(world)
        kept = Path(shutil.copy(world, tmp_path / "before.db"))
        clean = count(world, step, tmp_path)
        assert clean.code == 0, (name, clean)
        after = content(world)
        assert before != after, name
        for at in places(clean.touches, chance):
            shutil.copy(kept, path)
            ended = go(path, step, Fault(KILL, at), tmp_path)
            # Under another load it may touch the disk once less, and is through then.
            assert ended.killed or ended.code == 0, (name, at, ended)
            kills += ended.killed
            sound(path).close()
            found = content(path)
            found_done += found == after
            if found != after:
                assert ended.killed, (name, at, ended)
                assert ended.told != clean.told, (name, at, ended)
                assert name in IN_PARTS or found == before, (name, at)
                again = count(path, step, tmp_path)
                assert again.code == 0, (name, at, again)
                assert content(path) == after, (name, at)
                sound(path).close()
            shutil.rmtree(folder)
            folder.mkdir()
    print(f"{len(STEPS)} steps, {kills} killed, {found_done} of them done before")
