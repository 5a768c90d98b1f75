"""Putting a backup in the place of a store; the store that was there is kept beside it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from store.cleaning import clean
from store.database import spoken
from store.errors import Refused, StoreError
from store.exports.files import part_of, sync, unwritable
from store.folders import make_private
from store.journal import Operator
from store.times import to_ms
from store.upkeep.backups import check_backup
from store.upkeep.copying import Contents, Told, check_copy, copy, looking, refuse_newer
from store.upkeep.users import users

_LOCKED_FROM, _LOCKED_BYTES = 0x40000000, 512
"""What SQLite locks in a file of its own (os.h): who has it locked keeps everybody else's SQLite out."""

_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Restored:
    """A store that a backup was put in the place of.

    Attributes:
        path: the store.
        kept: the store that was there before; None if there was none.
        held: what is in it now.
        vouched: whether a file beside the backup told what it must hold.
        unforgotten: addresses of people who were forgotten since the backup was made, and are in the store again.
        keyless: whether the key by which forgotten people are known again is missing.
    """

    path: Path
    kept: Path | None
    held: Contents
    vouched: bool
    unforgotten: tuple[str, ...]
    keyless: bool


def restore(store: Path, backup: Path, who: Operator, now: datetime, tell: Told) -> Restored:
    """Put a backup in the place of the store, at once and whole, and keep the present one beside it.

    Whoever opens the store at any moment finds the old one or the new one. The journal of the restored store tells of
    it; tables of an older version are brought up to date when it is opened next.

    Args:
        store: the store's file; it may be damaged, or missing.
        backup: a backup, or any copy of a store.
        who: the operator.
        now: aware UTC time.
        tell: told how far it is.

    Raises:
        Refused: another process has the store open, or the backup is the store itself.
        StoreUnavailable: the backup is damaged or no store.
        StoreTooNew: a newer version wrote it.
        DiskFull: no room; the store is as it was.
        BadInput: its folder cannot be written.
    """
    # A name that leads to the store stays one: SQLite's own files lie beside what it leads to.
    store = store.resolve()
    if store.exists() and backup.exists() and store.samefile(backup):
        raise Refused(f"{backup} is the store itself.")
    held, vouched = check_backup(backup, tell)
    refuse_newer(held, backup)
    _make_folder(store)
    with part_of(store) as made, spoken(store):
        with looking(backup) as source:
            source.execute("BEGIN")
            copy(source, made, tell)
            source.execute("ROLLBACK")
        check_copy(made, held, tell)
        kept = _free_name(store, now) if store.exists() else None
        _note(made, backup, kept, who, now)
        _own_like(made, store)
        sync(made)
        with _alone(store):
            _swap(store, made, kept)
    keyless = bool(held.rows.get("forgotten")) and not store.with_name(f"{store.name}.forget-key").exists()
    return Restored(store, kept, held, vouched, _unforgotten(store, kept) if kept else (), keyless)


def _unforgotten(store: Path, kept: Path) -> tuple[str, ...]:
    """Return the addresses of those who are forgotten in the store that was there, as far as that can be read."""
    try:
        with looking(kept) as before, looking(store) as now:
            known = set(now.execute("SELECT digest FROM forgotten").fetchall())
            found = before.execute("SELECT digest, contact_id FROM forgotten WHERE contact_id <> 0").fetchall()
            ids = {contact for digest, contact in found if (digest,) not in known}
            rows = (now.execute("SELECT email FROM contact WHERE id = ?", (id_,)).fetchone() for id_ in sorted(ids))
            return tuple(clean(row[0]) for row in rows if row)
    except (sqlite3.Error, StoreError):
        return ()


def _make_folder(store: Path) -> None:
    try:
        make_private(store.parent)
    except OSError as error:
        raise unwritable(error, store) from error


def _free_name(store: Path, now: datetime) -> Path:
    first = store.with_name(f"{store.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    name, number = first, 1
    while os.path.lexists(name):
        number += 1
        name = first.with_name(f"{first.name}.{number}")
    return name


def _note(made: Path, backup: Path, kept: Path | None, who: Operator, now: datetime) -> None:
    """Write the entry into the journal of the copy, whose tables may be of an older version."""
    said = f"Restored from {clean(str(backup))}"
    if kept is not None:
        said += f"; the store that was there is kept as {clean(kept.name)}"
    with closing(sqlite3.connect(made, isolation_level=None)) as connection:
        # Nothing beside it: were this process killed, the next would not know whose that is.
        connection.execute("PRAGMA journal_mode = MEMORY").fetchall()
        connection.execute(
            "INSERT INTO journal (ts, operator, host, verb, sentence, subjects, undoable)"
            " VALUES (?, ?, ?, 'restore', ?, 0, FALSE)",
            (to_ms(now), who.name, who.host, said),
        )


def _own_like(made: Path, store: Path) -> None:
    """Give the copy to whom the store belongs: root restores it for others, too, and a team has a group."""
    with suppress(OSError):
        there = store.stat()
        os.chown(made, there.st_uid, there.st_gid)
        os.chmod(made, there.st_mode & 0o660)


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """Keep everybody else out of the store, which becomes one file without anything beside it if it is sound.

    Who opens the old file in this moment cannot write to it any more: it is left without a write-ahead log, and SQLite
    refuses to begin one in a file that has another name by then (SQLITE_READONLY_DBMOVED).

    Raises:
        Refused: another process has it open.
    """
    if not store.exists():
        yield
        return
    with closing(sqlite3.connect(store, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
            # Nothing is in them any more, and a connection that is alone with its file leaves them lying.
            for end in ("-shm", "-journal"):
                store.with_name(f"{store.name}{end}").unlink(missing_ok=True)
        except sqlite3.DatabaseError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise _in_use(store) from error
        else:
            yield
            return
    with _held(store):
        yield


@contextmanager
def _held(store: Path) -> Iterator[None]:
    """Hold the lock that SQLite would take, on a file that it cannot read."""
    with store.open("r+b") as stream:
        try:
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKED_BYTES, _LOCKED_FROM)
        except OSError as error:
            raise _in_use(store) from error
        yield


def _in_use(store: Path) -> Refused:
    who = users(store)
    named = ", ".join(map(str, who)) if who else "another process"
    return Refused(f"{store} is open in {named}; end what works with it, then restore again. Nothing was changed.")


def _swap(store: Path, made: Path, kept: Path | None) -> None:
    if kept is not None:
        try:
            os.link(store, kept)
        except OSError:
            # The file system knows no hard links.
            os.rename(store, kept)
        for end in _BESIDE:
            beside = store.with_name(f"{store.name}{end}")
            with suppress(FileNotFoundError):
                beside.rename(kept.with_name(f"{kept.name}{end}"))
    os.replace(made, store)
    sync(store.parent)
