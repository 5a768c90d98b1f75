"""Leaving nothing behind of what was erased: free pages, the write-ahead log, the index of the search, old copies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from store import drivers  # noqa: F401  (before Peewee is imported)

# isort: split
from peewee import OperationalError

from store.database import Store
from store.engines.sqlite import SqliteStore
from store.errors import DiskFull, StoreBusy
from store.upkeep.backups import default_folder, own_backups

_NOT_COPIES = ("-wal", "-shm", "-journal", ".forget-key")


@dataclass(frozen=True, slots=True)
class Swept:
    """What became of the rest of it.

    Attributes:
        clean: whether nothing of what was erased is left in the store's own files.
        why: a sentence on what is left and why; "" if nothing is.
        copies: older copies of the store that lie beside it and still hold everything.
    """

    clean: bool
    why: str
    copies: tuple[Path, ...]


@contextmanager
def overwriting(store: Store) -> Iterator[None]:
    """Have SQLite write zeros over what is deleted meanwhile (sqlite.org/pragma.html#pragma_secure_delete)."""
    if not isinstance(store, SqliteStore):
        yield
        return
    with store.connected():
        (before,) = store.rows("PRAGMA secure_delete")[0]
        store.rows("PRAGMA secure_delete = ON")
        try:
            yield
        finally:
            store.rows(f"PRAGMA secure_delete = {before}")


def sweep(store: Store) -> Swept:
    """Write the whole file anew, so that nothing stays in its free pages, and empty the log; others cannot write then.

    Where another program keeps the store busy, what can be done is done, and the sentence says what is left.
    """
    if not isinstance(store, SqliteStore):
        why = "PostgreSQL keeps deleted rows until its next VACUUM, and in its log and backups."
        return Swept(False, why, ())
    copies = old_copies(store)
    try:
        with overwriting(store):
            _merge_index(store)
            store.rows("VACUUM")
            busy = bool(store.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0])
    except DiskFull:
        why = "There is no room to write the file anew: it needs twice its size. Run `aftersend forget --sweep` later."
        return Swept(False, why, copies)
    except (StoreBusy, OperationalError, sqlite3.OperationalError):
        busy = True
    if busy:
        why = "Another program has the store open: parts of what was erased may stand in its files still."
        return Swept(False, f"{why} Run `aftersend forget --sweep` when the others are closed.", copies)
    return Swept(True, "", copies)


def _merge_index(store: Store) -> None:
    """Have full-text indexes drop what they keep of deleted rows (sqlite.org/fts5.html, section 6.7)."""
    found = store.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND lower(sql) LIKE '%using fts5%'")
    for (name,) in found:
        store.run(lambda name=name: store.execute(f"INSERT INTO {name} ({name}) VALUES ('optimize')"))  # type: ignore[misc]


def old_copies(store: Store) -> tuple[Path, ...]:
    """Return copies of the store beside it: before an update of its tables, before a restore, and its backups."""
    if "://" in store.place:
        return ()
    name, folder = store.path.name, store.path.parent
    found = [path for path in folder.glob(f"{name}*") if path.name != name]
    beside = [path for path in found if not path.name.removeprefix(name).startswith(_NOT_COPIES)]
    return tuple(sorted([*beside, *own_backups(store.path, default_folder(store.path))]))
