"""A full disk, a broken one, a read-only one, a store that others hold: a sentence, and everything is as it was."""

from __future__ import annotations

import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from store.database import open_store
from store.engines import sqlite
from tests.faults.inside import COUNT, FAILING, Fault, run
from tests.faults.killing import content, count, go, sound
from tests.faults.world import FIRST, PEOPLE, SECOND, address, build
from tests.terminal.harness import Terminal

TRIES = int(os.environ.get("FAULT_KILLS", "1"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
ROOT = Path(__file__).parents[2]
STEPS: dict[str, tuple[object, ...]] = {
    "block": ("block", "spring", *(address(number) for number in range(3, PEOPLE, 5))),
    "undo": ("undo",),
    "remind": ("remind", "spring"),
    "add": ("add", "spring", "--state", "delivered", "--to", "selection:Good"),
    "import": ("import", "recipients", "list.csv", "--campaign", SECOND, "--key", "autumn"),
    "ingest": ("ingest", "autumn.log", "autumn.ndjson"),
}
IN_PARTS = {"import", "ingest"}
SENTENCES = ("is full; nothing of this step was written.", "cannot be read or written: disk I/O error.")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("world"))


@pytest.fixture
def world(built: Path, tmp_path: Path) -> Path:
    """A store of the test's own."""
    return Path(shutil.copy(built, tmp_path / "store.db"))


@pytest.mark.parametrize("kind", FAILING)
def test_a_disk_that_fails_from_some_write_on_is_one_sentence(tmp_path: Path, kind: str) -> None:
    chance = random.Random(SEED)
    world, folder = build(tmp_path), tmp_path / "failing"
    folder.mkdir()
    path = folder / "store.db"
    refused = 0
    for name, step in STEPS.items():
        before = content(world)
        kept = shutil.copy(world, tmp_path / "before.db")
        clean = count(world, step, tmp_path)
        assert clean.code == 0, (name, clean)
        after = content(world)
        for _ in range(TRIES):
            at = chance.randint(1, clean.touches)
            shutil.copy(kept, path)
            ended = go(path, step, Fault(kind, at), tmp_path)
            sound(path).close()
            found = content(path)
            if ended.code == 0:
                # What fails when the store is closed is the writing back of the log, which the next one does.
                assert found == after, (name, at)
            else:
                refused += 1
                assert ended.code == 1, (name, at, ended)
                assert ended.said.count("\n") == 1, (name, at, ended)
                assert ended.said.endswith(tuple(f"{text}\n" for text in SENTENCES)), (name, at, ended)
                assert name in IN_PARTS or found == before, (name, at)
                assert count(path, step, tmp_path).code == 0
                assert content(path) == after, (name, at)
            shutil.rmtree(folder)
            folder.mkdir()
    print(f"{kind}: {refused} refused of {TRIES * len(STEPS)}")


@pytest.mark.parametrize("kind", FAILING)
@pytest.mark.parametrize("name", ["out.csv", "out.xlsx", "out.html", "out.json", "out.txt"])
def test_an_export_to_a_disk_that_fails_leaves_nothing(world: Path, tmp_path: Path, name: str, kind: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    words = ("export", "spring", "--to", name)
    clean = count(world, (*words, "--force"), folder)
    assert clean.code == 0, clean
    for path in folder.iterdir():
        path.unlink()
    # The last touches are the note in the journal and the end of the store.
    ended = go(world, words, Fault(kind, 2), folder)
    assert ended.code == 1, ended
    assert ended.said.count("\n") == 1, ended
    assert list(folder.iterdir()) == []


def test_standard_output_on_a_full_disk_is_one_sentence(world: Path) -> None:
    for words in (("recipients", "spring"), ("status", "--json"), ("export", "spring", "--to", "-")):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "tui.cli", "--store", str(world), *words],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
                cwd=ROOT,
            )
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert os.strerror(errno.ENOSPC) in done.stderr


def test_a_reader_that_goes_away_ends_the_command_without_a_word(world: Path) -> None:
    for words in (("recipients", "spring", "--json"), ("export", "spring", "--to", "-")):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [sys.executable, "-m", "tui.cli", "--store", str(world), *words],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=ROOT,
        )
        os.close(writer)
        assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")


def impatient(path: Path) -> None:
    """Block an address, and wait for others a moment only."""
    sqlite._BUSY_S = 0.05
    run(["block", "spring", address(3)], Fault(COUNT))


def impatient_reading(path: Path) -> None:
    sqlite._BUSY_S = 0.05
    run(["status"], Fault(COUNT))


def test_a_store_that_another_process_holds_for_too_long_is_one_sentence(world: Path, tmp_path: Path) -> None:
    with closing(connect(world, isolation_level=None)) as other:
        before = content(world)
        other.execute("BEGIN IMMEDIATE")
        ended = go(world, impatient, Fault(COUNT), tmp_path)
        assert (ended.code, ended.told, ended.said.count("\n")) == (1, "", 1), ended
        assert "is locked by another process; try again in a moment." in ended.said
        reading = go(world, impatient_reading, Fault(COUNT), tmp_path)
        assert reading.code == 0, reading
        assert FIRST in reading.told
        other.execute("ROLLBACK")
    assert content(world) == before
    assert count(world, ("block", "spring", address(3)), tmp_path).code == 0


def test_the_screen_tells_of_a_disk_that_takes_no_more_and_goes_on_when_it_does_again(world: Path) -> None:
    command = [sys.executable, "-m", "tui.cli", "--store", str(world)]
    with Terminal(command, cwd=ROOT, env={"USER": "ann"}, deadline_s=60) as terminal:
        terminal.wait_for("Enter open")
        terminal.press("b")
        terminal.wait_for("75 of 75 left")
        terminal.press("B")
        terminal.wait_for("Block the addresses of 30")
        # No file of this process may grow from here on.
        _, hard = resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (0, hard))
        terminal.press("y")
        terminal.wait_for("This did not work")
        terminal.wait_for("disk I/O error")
        with closing(connect(world)) as db:
            assert db.execute("SELECT count(*) FROM journal WHERE verb = 'block'").fetchall() == [(0,)]
        resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        terminal.press("enter")
        terminal.wait_for(lambda text: "This did not work" not in text, "the dialog is closed")
        terminal.press("B")
        terminal.wait_for("Block the addresses of 30")
        terminal.press("y")
        terminal.wait_for("45 of 75 left")
        terminal.press("q")
        assert terminal.wait_end() == 0
    sound(world).close()
    assert open_store(world).rows("SELECT count(*) FROM journal WHERE verb = 'block'") == [(1,)]
