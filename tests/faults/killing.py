"""Running a command with a fault in it, in a process that is quickly there, and what a store holds afterwards."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import stat
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from store import ingest
from store.database import Store, open_store
from store.recompute import differences
from tests.faults.inside import COUNT, Fault, install, run

Step = Callable[[Path], None]
"""What a process does with the store at a path where it is no command."""

_LOADED = [
    *("tests.faults.inside", "tests.faults.killing", "tui.cli.opening", "store.ingest", "store.recompute"),
    *("store.actions.undo", "store.actions.triage", "store.actions.imports", "store.exports.formats"),
]
_SINCE_MS = 1_735_700_000_000
"""Later than anything in the world: times of these are of the run, and differ from run to run."""
_MOMENT = re.compile(r"(?<!\d)1[7-9]\d{11}(?!\d)")
_MADE_UP = {"outbox": {"mail_id"}, "feed": {"inode", "mtime_ns"}}
"""Columns that differ from run to run without meaning anything."""


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: its exit code, negative for a signal.
        told: its standard output.
        said: its standard error.
        touches: how often it touched the disk; 0 if it was killed.
    """

    code: int
    told: str
    said: str
    touches: int

    @property
    def killed(self) -> bool:
        """Whether the fault was met."""
        return self.code == -signal.SIGKILL


def go(store: Path, words: tuple[object, ...] | Step, fault: Fault, cwd: Path) -> Ended:
    """Run a command, or a step, with a fault in it."""
    forks = get_context("forkserver")
    forks.set_forkserver_preload(_LOADED)
    out, err, count = (cwd / name for name in (".told", ".said", ".count"))
    count.unlink(missing_ok=True)
    what = tuple(str(word) for word in words) if isinstance(words, tuple) else words
    process = forks.Process(target=_inside, args=(store, what, fault, cwd, out, err, count))
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    assert code is not None
    ended = Ended(code, out.read_text(), err.read_text(), int(count.read_text()) if count.exists() else 0)
    for path in (out, err, count):
        path.unlink(missing_ok=True)
    return ended


def _inside(
    store: Path, what: tuple[str, ...] | Step, fault: Fault, cwd: Path, out: Path, err: Path, count: Path
) -> None:
    for path, number in ((out, 1), (err, 2)):
        handle = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    os.chdir(cwd)
    os.environ.update(AFTERSEND_STORE=str(store), USER="ann", TZ="UTC", TMPDIR=str(cwd))
    tempfile.tempdir = None
    for name in ("SUDO_USER", "SSH_CONNECTION", "SSH_CLIENT"):
        os.environ.pop(name, None)
    ingest.BATCH = 200
    if isinstance(what, tuple):
        run(list(what), fault, count)
    else:
        touches = install(fault)
        what(store)
        touches.note(count)


def count(store: Path, words: tuple[object, ...] | Step, cwd: Path) -> Ended:
    """Run it without a fault."""
    return go(store, words, Fault(COUNT), cwd)


def content(path: Path) -> dict[str, list[str]]:
    """Return all that the tables of a store hold, without what differs from run to run."""
    with closing(sqlite3.connect(path)) as db:
        virtual = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")]
        tables = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            if not name.startswith(("sqlite_", *virtual))
        ]
        return {table: sorted(map(repr, _rows(db, table))) for table in tables}


def _rows(db: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    cursor = db.execute(f"SELECT * FROM {table}")
    left_out = _MADE_UP.get(table, set())
    at = [number for number, (name, *_) in enumerate(cursor.description) if name not in left_out]
    return [tuple(_timeless(row[number]) for number in at) for row in cursor]


def _timeless(value: Any) -> Any:
    if isinstance(value, int) and value > _SINCE_MS:
        return "now"
    if isinstance(value, str):
        return _MOMENT.sub(lambda found: "now" if int(found[0]) > _SINCE_MS else found[0], value)
    return value


_ORPHANS = (
    ("recipient", "contact_id", "contact"),
    ("recipient", "campaign_id", "campaign"),
    ("event", "recipient_id", "recipient"),
    ("event", "campaign_id", "campaign"),
    ("clicker", "recipient_id", "recipient"),
    ("clicker", "link_id", "link"),
    ("contact_search", "contact_id", "contact"),
    ("list_member", "list_id", "mail_list"),
    ("list_member", "contact_id", "contact"),
    ("journal_line", "journal_id", "journal"),
    ("message", "campaign_id", "campaign"),
    ("outbox", "recipient_id", "recipient"),
    ("outbox", "message_id", "message"),
)


def sound(path: Path) -> Store:
    """Open the store as the next process would, hold it against all that must be true, and return it."""
    store = open_store(path)
    assert store.rows("PRAGMA integrity_check") == [("ok",)]
    assert store.rows("PRAGMA foreign_key_check") == []
    for table, column, of in _ORPHANS:
        key = "id" if of != "contact_search" else "contact_id"
        assert store.rows(f"SELECT {column} FROM {table} WHERE {column} NOT IN (SELECT {key} FROM {of})") == []
    assert list(differences(store)) == []
    for name in (f"{path.name}", f"{path.name}-wal", f"{path.name}-shm"):
        file = path.with_name(name)
        assert not file.exists() or stat.S_IMODE(file.stat().st_mode) == 0o600, name
    return store
