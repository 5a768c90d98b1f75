"""The operator's program: what it is told, how long it may take, and that it runs once for each trip."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from store import hooks
from store.actions.tripwires import acknowledge, set_tripwires
from store.database import Store
from store.errors import BadInput
from store.journal import Operator
from store.lookout import FRESH, Lookout
from store.queries.tripwires import standing
from store.rows.tripwires import TripRow
from store.times import from_ms
from store.tripwires import Tripwires, Wire
from store.vocabulary import BounceKind, EventType
from tests.store.plan import BASE, happen, plan

ANN = Operator("ann", "desk-1")
NOW = from_ms(BASE) + timedelta(hours=1)
TRIP = TripRow(
    5, 1, "Autumn $HOME “x”", "autumn", Wire.DOMAIN, "gmail.example", 6, 50, 10_000, NOW, None, None, None, None, None
)
Script = Callable[[str], Path]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Write a program for the shell and return its path."""

    def write(text: str) -> Path:
        path = tmp_path / "my hook"
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o700)
        return path

    return write


@pytest.fixture
def rung(store: Store) -> Store:
    """A store in which complaints will ring at the next look."""
    ids = plan(store, "Autumn", ["a@example.org", "b@example.org"])
    happen(store, ids["a@example.org"], EventType.DELIVERED)
    happen(store, ids["a@example.org"], EventType.COMPLAINED, 1)
    return store


def hook(store: Store, command: str, **more: str) -> None:
    set_tripwires(store, None, {"hook": command} | {name.replace("_", "-"): v for name, v in more.items()}, ANN, NOW)


def looked(store: Store, now: datetime = NOW, environment: dict[str, str] | None = None) -> list[str]:
    """Look, wait for the hooks, and return what was said."""
    said: list[str] = []
    lookout = Lookout(store, lambda: now, said.append, environment or {})
    lookout.look()
    lookout.finish()
    return said


def test_it_gets_the_trip_on_its_stdin_and_in_its_environment(script: Script, tmp_path: Path) -> None:
    path = script(f'cat > "{tmp_path}/in"; env > "{tmp_path}/env"; printf "%s\\n" "$@" > "{tmp_path}/args"')
    told = hooks.told(TRIP, tmp_path / "s.db")
    environment = {"PATH": os.environ["PATH"], "AFTERSEND_IMAP_PASSWORD": "secret", "MINE": "kept"}
    assert hooks.run([str(path), "$HOME", "a b"], told, 10, environment) == ""
    given = json.loads((tmp_path / "in").read_text(encoding="utf-8"))
    assert given == told
    assert given["why"] == "12.0 % failed at gmail.example (6 of 50; the limit is 10%)"
    env = dict(line.split("=", 1) for line in (tmp_path / "env").read_text(encoding="utf-8").splitlines())
    assert env["AFTERSEND_CAMPAIGN"] == "Autumn $HOME “x”"
    assert env["AFTERSEND_CAMPAIGN_KEY"] == "autumn"
    assert (env["AFTERSEND_WIRE"], env["AFTERSEND_DOMAIN"], env["AFTERSEND_LIMIT"]) == (
        "domain",
        "gmail.example",
        "10000",
    )
    assert env["AFTERSEND_TRIPPED_AT"] == NOW.isoformat()
    assert env["MINE"] == "kept"
    assert "AFTERSEND_IMAP_PASSWORD" not in env
    assert (tmp_path / "args").read_text(encoding="utf-8") == "$HOME\na b\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("exit 0", ""),
        ("echo fine >&2", ""),
        ("exit 4", "'{path}' failed with exit code 4."),
        ("echo first; echo 'no \x1b[31mnetwork.' >&2; exit 1", "'{path}' failed with exit code 1: no ␛[31mnetwork."),
        ("kill -9 $$", "'{path}' was ended by signal 9."),
    ],
)
def test_how_it_ends_is_told_in_one_sentence(script: Script, text: str, sentence: str) -> None:
    path = script(text)
    assert hooks.run([str(path)], {}, 10, {}) == sentence.format(path=path)


def test_one_that_does_not_read_or_leaves_somebody_behind_does_not_hold_us(script: Script, tmp_path: Path) -> None:
    path = script(f'sleep 1000 & echo $! > "{tmp_path}/child"')
    try:
        assert hooks.run([str(path)], {"why": "x" * 200_000}, 600, {"PATH": os.environ["PATH"]}) == ""
    finally:
        os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)


def test_one_that_takes_too_long_is_ended(script: Script) -> None:
    path = script("sleep 1000")
    assert hooks.run([str(path)], {}, 0.1, {"PATH": os.environ["PATH"]}) == (
        f"'{path}' was ended: it took longer than 0.1 s."
    )


def test_what_it_started_is_ended_with_it() -> None:
    command = ["/bin/sh", "-c", "sleep 1000 & echo ready; wait"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    assert hooks._ended(process, 0.01) is None
    # The end of the pipe comes when nobody holds it any more.
    assert process.stdout.read() == b""
    process.stdout.close()


@pytest.mark.parametrize("what", ["missing", "not executable", "folder", "no program"])
def test_one_that_cannot_be_run_is_told_not_raised(what: str, tmp_path: Path) -> None:
    path = tmp_path / "hook"
    if what == "folder":
        path.mkdir()
    elif what != "missing":
        path.write_text("nothing that runs")
        path.chmod(0o700 if what == "no program" else 0o600)
    failed = hooks.run([str(path)], {}, 10, {})
    assert failed.startswith(f"{path} cannot be run: ")


@pytest.mark.only_sqlite("A program that stands in a store on a server is not believed.")
def test_a_trip_runs_it_once_and_keeps_how_it_ended(rung: Store, script: Script, tmp_path: Path) -> None:
    hook(rung, f"'{script(f'echo ran >> {tmp_path}/ran')}'")
    assert looked(rung) == []
    assert looked(rung) == []
    assert (tmp_path / "ran").read_text() == "ran\n"
    trip = standing(rung, NOW)[0]
    assert (trip.wire, trip.hook_at, trip.hook_note) == (Wire.COMPLAINTS, NOW, "")


@pytest.mark.only_sqlite("A program that stands in a store on a server is not believed.")
def test_its_failure_is_said_and_kept(rung: Store, script: Script) -> None:
    path = script("echo 'no such queue' >&2; exit 3")
    hook(rung, f"'{path}'")
    assert looked(rung) == [f"Hook of Autumn: '{path}' failed with exit code 3: no such queue."]
    assert standing(rung, NOW)[0].hook_note == f"'{path}' failed with exit code 3: no such queue."


_PROCESS = """
import sys
from datetime import datetime
from store.database import open_store
from store.lookout import Lookout
store = open_store(sys.argv[1])
lookout = Lookout(store, lambda: datetime.fromisoformat(sys.argv[2]), environment={})
print("ready", flush=True)
sys.stdin.readline()
new = lookout.look()
lookout.finish()
print(len(new), flush=True)
"""


@pytest.mark.only_sqlite("A program that stands in a store on a server is not believed.")
def test_several_processes_see_a_trip_once_and_run_it_once(rung: Store, script: Script, tmp_path: Path) -> None:
    hook(rung, f"'{script(f'echo ran >> {tmp_path}/ran')}'")
    command = [sys.executable, "-c", _PROCESS, str(rung.path), NOW.isoformat()]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate()[0] for process in processes]
    assert sorted(outputs) == ["0\n", "0\n", "1\n"]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert (tmp_path / "ran").read_text() == "ran\n"


def test_what_was_long_known_or_acknowledged_is_told_to_no_later_hook(
    rung: Store, script: Script, tmp_path: Path
) -> None:
    looked(rung)
    hook(rung, f"'{script(f'echo ran >> {tmp_path}/ran')}'")
    looked(rung, NOW + FRESH + timedelta(seconds=1))
    acknowledge(rung, [standing(rung, NOW)[0].id], ANN, NOW)
    looked(rung)
    assert not (tmp_path / "ran").exists()


@pytest.mark.only_sqlite("A program that stands in a store on a server is not believed.")
def test_a_store_that_others_may_write_runs_no_program_of_its_own(rung: Store, script: Script, tmp_path: Path) -> None:
    path = script(f"echo ran >> {tmp_path}/ran")
    hook(rung, f"'{path}'")
    rung.path.chmod(0o660)
    said = looked(rung)
    assert len(said) == 1
    assert said[0].startswith("The hook is not run: others may write ")
    assert not (tmp_path / "ran").exists()
    assert looked(rung, environment={hooks.VARIABLE: f"'{path}'"}) == []
    assert (tmp_path / "ran").read_text() == "ran\n"


def test_the_environment_goes_before_the_store_and_is_checked(tmp_path: Path) -> None:
    wires = replace(Tripwires(), hook=("/bin/true",))
    (tmp_path / "s.db").touch(mode=0o600)
    assert hooks.hook_of(wires, tmp_path / "s.db", {}) == ("/bin/true",)
    assert hooks.hook_of(wires, tmp_path / "s.db", {hooks.VARIABLE: "/bin/echo x"}) == ("/bin/echo", "x")
    assert hooks.hook_of(Tripwires(), tmp_path / "gone", {}) == ()
    for wrong in ("echo x", "/bin/echo 'x"):
        with pytest.raises(BadInput, match=hooks.VARIABLE):
            hooks.hook_of(wires, tmp_path / "s.db", {hooks.VARIABLE: wrong})


@pytest.mark.only_sqlite("A program that stands in a store on a server is not believed.")
def test_a_program_that_goes_wrong_keeps_nobody_from_looking_on(rung: Store) -> None:
    hook(rung, "/nowhere/hook")
    assert looked(rung) == ["Hook of Autumn: /nowhere/hook cannot be run: No such file or directory."]
    ids = plan(rung, "Winter", ["c@example.org"])
    happen(rung, ids["c@example.org"], EventType.BOUNCED, kind=BounceKind.SOFT)
    happen(rung, ids["c@example.org"], EventType.COMPLAINED)
    assert len(looked(rung)) == 1
    assert len(standing(rung, NOW)) == 2
