"""The screen in a real terminal, killed at a touch of the disk or when it has just shown what was done."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.faults.inside import COUNT, KILL
from tests.faults.killing import content, sound
from tests.faults.world import build
from tests.terminal.harness import Gone, Terminal

KILLS = int(os.environ.get("FAULT_KILLS", "2"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
ROOT = Path(__file__).parents[2]
STEPS = (
    (("B", "Block the addresses of 30"), ("y", "45 of 75 left")),
    (("u", "75 of 75 left"),),
    (("E", "Excuse the bounces of 30"), ("y", "45 of 75 left")),
    (("B", "Block the addresses of 30"), ("y", "15 of 75 left")),
    (("u", "45 of 75 left"),),
    (("U", "15 of 75 left"),),
)
"""Actions: keys, and what stands on the screen once they are done."""


def desk(store: Path, fault: str, at: int, told: Path) -> Terminal:
    command = [sys.executable, "-m", "tests.faults.inside", fault, at, told, "--store", store]
    env = {"USER": "ann", "SUDO_USER": None, "SSH_CONNECTION": None, "SSH_CLIENT": None}
    return Terminal([str(word) for word in command], env=env, cwd=ROOT, deadline_s=60)


def acting(terminal: Terminal) -> Iterator[int]:
    """Go through the steps and yield, for each that was seen to be done, how many are."""
    terminal.wait_for("Enter open")
    terminal.press("b")
    terminal.wait_for("75 of 75 left")
    for number, keys in enumerate(STEPS, 1):
        for key, seen in keys:
            terminal.press(key)
            terminal.wait_for(seen)
        yield number


def test_what_was_shown_as_done_is_done(tmp_path: Path) -> None:
    world = build(tmp_path)
    path, told = tmp_path / "killed.db", tmp_path / "touches"
    shutil.copy(world, path)
    states = [content(path)]
    with desk(path, COUNT, 0, told) as terminal:
        for _ in acting(terminal):
            states.append(content(path))
        terminal.press("q")
        assert terminal.wait_end() == 0
    touches = int(told.read_text())
    assert len({repr(state) for state in states}) == len(states)
    chance = random.Random(SEED)
    kills, most = 0, 0
    for number in range(KILLS):
        for beside in path.parent.glob(f"{path.name}*"):
            beside.unlink()
        shutil.copy(world, path)
        at_once = number % 2 == 1
        seen, code = killed(path, touches + 1 if at_once else chance.randint(1, touches), told, chance, at_once)
        assert code in {-signal.SIGKILL, 0}
        kills += code != 0
        sound(path).close()
        done = states.index(content(path))
        assert seen <= done <= seen + 1
        most = max(most, done)
        if number == 0:
            open_again(path, done)
    print(f"{kills} killed, up to {most} actions done before")


def killed(path: Path, at: int, told: Path, chance: random.Random, at_once: bool) -> tuple[int, int]:
    """Let the screen be killed; return how many actions were seen to be done, and how it ended."""
    seen, upto = 0, chance.randint(1, len(STEPS))
    with desk(path, KILL, at, told) as terminal:
        with suppress(Gone, OSError):
            for seen in acting(terminal):
                if at_once and seen == upto:
                    terminal.process.kill()
            terminal.press("q")
        return seen, terminal.wait_end()


def open_again(path: Path, done: int) -> None:
    """See that the screen shows what is there."""
    left = f" {STEPS[done - 1][-1][1][:2] if done else 75} of "
    with Terminal([sys.executable, "-m", "tui.cli", "--store", str(path)], cwd=ROOT, deadline_s=60) as terminal:
        terminal.wait_for("Enter open")
        terminal.press("b")
        terminal.wait_for(left)
        terminal.press("q")
        assert terminal.wait_end() == 0
