"""Opening the store: the one place that connects to a database."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from store import drivers  # noqa: F401  (before Peewee is imported)

# isort: split
from peewee import DatabaseError, DatabaseProxy, OperationalError, SqliteDatabase

from store import models
from store.errors import BadInput, DiskFull, StoreBusy, StoreError, StoreTooNew, StoreUnavailable

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_S = 10.0
_AMONG = 500
_LOG_BYTES = 128 * 1024 * 1024
_CUT_MS = 200
"""How long the log is waited for: writers have to wait as long."""

_READER_CACHE_KIB = 2048
"""Enough for a view of a million recipients; a larger cache or a mapped file takes memory and wins no time."""
_PRAGMAS: dict[str, int | str] = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "cache_size": -65536,
    "wal_autocheckpoint": 16384,
    "journal_size_limit": _LOG_BYTES,
}


@dataclass(slots=True)
class Store:
    """An open store.

    Attributes:
        db: Peewee's database; connections are one per thread and open by themselves.
        path: the SQLite file.
        read_only: whether writes are refused.
    """

    db: SqliteDatabase
    path: Path
    read_only: bool = False

    def run(self, change: Callable[[], T]) -> T:
        """Run ``change`` in one write transaction and return what it returns.

        ``change`` must be repeatable: other engines may run it again after a serialisation failure.

        Raises:
            StoreUnavailable: the store is read-only.
            StoreBusy: another process keeps it locked.
            DiskFull: no room; nothing was written.
        """
        if self.read_only:
            raise StoreUnavailable(f"{self.path} was opened read-only; nothing can be changed.")
        with self.connected(), spoken(self.path):
            with self.db.atomic():
                result = change()
            if not self.db.in_transaction() and _bytes(f"{self.path}-wal") > _LOG_BYTES:
                self._cut_log()
        return result

    def _cut_log(self) -> None:
        """Write the log back and cut it, unless a reader is in the way for longer than a moment.

        SQLite's own checkpoints, after every 64 MB, wait for nobody: readers that overlap let the log grow for ever.
        """
        self.db.execute_sql(f"PRAGMA busy_timeout = {_CUT_MS}")
        try:
            # A statement of this connection that is still being read is in the way, too, and that is no fault.
            with suppress(OperationalError):
                self.db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            self.db.execute_sql(f"PRAGMA busy_timeout = {int(_BUSY_S * 1000)}")

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """Run one statement on this thread's connection, inside the caller's transaction; return its cursor."""
        return self.db.execute_sql(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows with ``executemany``, inside the caller's transaction."""
        self.db.connection().executemany(sql, rows)

    def among(self, sql: str, values: Sequence[Any], before: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a statement whose ``IN ({})`` takes any number of values, some hundreds at a time.

        Args:
            sql: the statement, with ``{}`` where the placeholders of ``values`` go.
            values: what is looked for.
            before: parameters that stand before them.
        """
        for start in range(0, len(values), _AMONG):
            some = values[start : start + _AMONG]
            marks = ", ".join("?" * len(some))
            yield from self.db.execute_sql(sql.format(marks), (*before, *some)).fetchall()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a reading statement on this thread's connection."""
        with self.connected(), spoken(self.path):
            return list(self.db.execute_sql(sql, parameters).fetchall())

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a reading statement, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def stream(self, sql: str, parameters: Sequence[Any] = (), size: int = 2000) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a reading statement in lists of ``size``, on an own connection, at constant memory."""
        connection = self.connection()
        try:
            cursor = connection.execute(sql, tuple(parameters))
            while chunk := cursor.fetchmany(size):
                yield chunk
        finally:
            connection.close()

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Make sure this thread has a connection."""
        if self.db.is_closed():
            self.db.connect()
        yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let several reading statements of this thread see the same state of the store; not inside a transaction."""
        with self.connected(), spoken(self.path):
            self.db.execute_sql("BEGIN")
            try:
                yield
            finally:
                self.db.execute_sql("ROLLBACK")

    def connection(self) -> sqlite3.Connection:
        """Return a new connection for reading only, for the thread that asks; the caller closes it."""
        connection = sqlite3.connect(
            f"file:{_quoted(self.path)}?mode=ro", uri=True, timeout=1.0, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = 0")
        connection.execute(f"PRAGMA cache_size = -{_READER_CACHE_KIB}")
        return connection

    def spare_memory(self) -> None:
        """Have every connection hold no more of the file than a view does: for a program that stays for hours."""
        self.db.pragma("cache_size", -_READER_CACHE_KIB, permanent=True)

    def close(self) -> None:
        """Close this thread's connection."""
        if not self.db.is_closed():
            self.db.close()


@contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Turn the database's errors into sentences.

    Raises:
        StoreUnavailable: locked, read-only, or damaged.
        DiskFull: no room left on the disk.
    """
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise _sentence(error, path) from error


def _sentence(error: BaseException, path: Path) -> StoreError:
    text = " / ".join(_chain(error)).lower()
    if "full" in text:
        return DiskFull(f"The disk that holds {path} is full; nothing of this step was written.")
    if "disk i/o" in text and _no_room(path):
        return DiskFull(f"The disk that holds {path} is full; nothing of this step was written.")
    if "locked" in text or "busy" in text:
        return StoreBusy(f"{path} is locked by another process; try again in a moment.")
    if "readonly" in text or "read-only" in text:
        return StoreUnavailable(f"{path} cannot be written: the file or its folder is read-only.")
    if "unable to open" in text:
        return StoreUnavailable(f"{path} cannot be opened; check that the folder exists and may be written.")
    if "not a database" in text or "malformed" in text:
        return StoreUnavailable(f"{path} is no aftersend store, or it is damaged.")
    if isinstance(error, OperationalError | sqlite3.OperationalError) and "disk i/o" in text:
        return StoreUnavailable(f"{path} cannot be read or written: disk I/O error.")
    raise error


def _chain(error: BaseException | None) -> Iterator[str]:
    """Yield the texts of an error and of those it arose from; SQLite ends a transaction by itself on a full disk."""
    while error is not None:
        yield str(error)
        error = error.__context__


def _no_room(path: Path) -> bool:
    try:
        room = os.statvfs(path.parent)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < 1 << 20


def _bytes(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path))


def default_path() -> Path:
    """Return where the store lies unless the operator says otherwise: the XDG data directory."""
    from platformdirs import user_data_path

    return user_data_path("aftersend") / "aftersend.db"


def store_path(url: str | None) -> Path:
    """Return the file that ``url`` names: a path, or sqlite:///path; None means the default place.

    Raises:
        BadInput: another kind of URL.
    """
    if not url:
        return default_path()
    scheme, found, rest = url.partition("://")
    if not found:
        return Path(url).expanduser()
    if scheme == "sqlite":
        return Path(rest.removeprefix("/") if not rest.startswith("//") else rest[1:]).expanduser()
    raise BadInput(f"--store {scheme}://… is not known; give a path or sqlite:///path.")


def open_store(url: str | Path | None = None, *, create: bool = True, read_only: bool = False) -> Store:
    """Open the store, create it if it is missing, bring its tables up to date, and bind the models to it.

    A copy of the file (``NAME.before-NNNN``) is kept beside it before a migration runs on a store that holds data.

    Args:
        url: a path, ``sqlite:///path``, or None for the default place.
        create: whether a missing file is created.
        read_only: refuse every write.

    Raises:
        StoreUnavailable: it cannot be opened, created or written.
        StoreTooNew: a newer version wrote it.
    """
    path = store_path(str(url) if url is not None else None)
    exists = path.exists()
    if not exists and not create:
        raise StoreUnavailable(f"There is no store at {path}; `aftersend import` makes one.")
    if exists and path.is_dir():
        raise StoreUnavailable(f"{path} is a folder, not a store.")
    if not exists:
        _make(path)
    db = SqliteDatabase(
        str(path), pragmas=_PRAGMAS if not read_only else {}, timeout=_BUSY_S, lock_type="IMMEDIATE", thread_safe=True
    )
    _bind(db)
    store = Store(db, path, read_only)
    with spoken(path):
        db.connect(reuse_if_open=True)
        _migrate(store)
    if not read_only and not os.access(path, os.W_OK):
        raise StoreUnavailable(f"{path} cannot be written: the file is read-only.")
    return store


def _bind(db: SqliteDatabase) -> None:
    proxy = models.database
    assert isinstance(proxy, DatabaseProxy)
    proxy.initialize(db)
    for table in models.TABLES:
        table._meta.set_database(db)


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be created: {error.strerror}.") from error


_migration_lock = threading.Lock()


def _migrate(store: Store) -> None:
    known = sorted(file.stem for file in MIGRATIONS.glob("[0-9]*.py"))
    applied = _applied(store)
    newer = applied - set(known)
    if newer:
        raise StoreTooNew(
            f"{store.path} was written by a newer aftersend (it has {max(newer)}, this version knows up"
            f" to {known[-1]}); update the program."
        )
    if applied >= set(known):
        return
    if store.read_only:
        raise StoreUnavailable(f"{store.path} needs an update of its tables, but it was opened read-only.")
    with _migration_lock, _file_lock(store.path):
        applied = _applied(store)
        if applied >= set(known):
            return
        if applied:
            _keep_copy(store, max(applied))
        from playhouse.migrations import Runner

        Runner(store.db, str(MIGRATIONS)).up()


def _applied(store: Store) -> set[str]:
    tables = store.db.execute_sql("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    names = {name for (name,) in tables}
    if "schema_migration" not in names:
        if names:
            raise StoreUnavailable(f"{store.path} is a database of another program, not an aftersend store.")
        return set()
    return {name for (name,) in store.db.execute_sql("SELECT name FROM schema_migration").fetchall()}


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """Keep other processes from migrating the store, by a lock on its folder.

    Not on the file: closing it here would drop the locks of this process's connections, and another process would then
    throw their write-ahead log away (sqlite.org/howtocorrupt.html, section 2.2).
    """
    import fcntl

    handle = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _keep_copy(store: Store, version: str) -> None:
    from store.exports.files import sync

    target = store.path.with_name(f"{store.path.name}.before-{version}")
    number = 1
    while target.exists():
        number += 1
        target = store.path.with_name(f"{store.path.name}.before-{version}.{number}")
    # Whoever is killed here leaves a part that is called so, and is begun anew.
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_RDWR | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR))
    copy = sqlite3.connect(part)
    try:
        store.db.connection().backup(copy)
    finally:
        copy.close()
    sync(part)
    os.replace(part, target)
    sync(target.parent)
