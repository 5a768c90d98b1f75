"""A store in a file of SQLite."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from store.engines.store import APPLIED, Form, Store
from store.engines.words import spoken
from store.errors import StoreUnavailable

T = TypeVar("T")

_BUSY_S = 10.0
_LOG_BYTES = 128 * 1024 * 1024
_CUT_MS = 200
"""How long the log is waited for: writers have to wait as long."""

_READER_CACHE_KIB = 512
_READER_TEMPORARY_KIB = 512
"""Enough for a view of a million recipients; a larger cache or a mapped file takes memory and wins no time."""

_SPARING_CACHE_KIB = 2048
"""To mark ten thousand rows takes a fifth longer with a quarter of it."""

_PRAGMAS: dict[str, int | str] = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "cache_size": -65536,
    "wal_autocheckpoint": 16384,
    "journal_size_limit": _LOG_BYTES,
}
_STEPS = 10_000
"""Steps of SQLite between two looks at the clock."""

_LOCKS = Path("/proc/locks")

_OWN = (APPLIED, "indexed", "elsewhere")
"""Tables that are made again from others: which migrations were run, and how far the search index goes."""


class FileConnection(sqlite3.Connection):
    """A connection of its own, for reading."""

    def stream(self, sql: str, parameters: Sequence[Any] = (), size: int = 2000) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a reading statement in lists of ``size``, at constant memory."""
        cursor = self.execute(sql, tuple(parameters))
        while chunk := cursor.fetchmany(size):
            yield chunk

    def interrupt(self) -> None:
        """Break off what runs, from another thread; one that is closed has nothing to break off."""
        with suppress(sqlite3.ProgrammingError):
            super().interrupt()

    def teach(self, name: str, function: Callable[[Any], Any], values: str) -> None:
        """Have SQL on this connection know a function of Python; ``values`` are not asked for."""
        self.create_function(name, 1, function, deterministic=True)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Interrupt statements that do not end in time."""
        until = time.monotonic() + seconds
        self.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
        try:
            yield
        finally:
            self.set_progress_handler(None, 0)


class _Own(threading.local):
    """A thread's connection, until Peewee takes it over."""

    connection: sqlite3.Connection | None = None


class SqliteStore(Store):
    """A store in a file.

    Peewee is loaded when its database is first asked for, by the first transaction: what only reads does without it,
    which is a tenth of a short command. A thread has one connection either way: Peewee takes over what is there.

    Attributes:
        file: where it is.
        read_only: whether writes are refused.
        frozen: whether nobody can be writing: see :func:`is_frozen`.
    """

    __slots__ = ("_db", "_making", "_own", "_pragmas", "file", "frozen", "read_only")

    def __init__(self, file: Path, read_only: bool) -> None:
        """Open nothing yet."""
        self.file = file
        self.read_only = read_only
        self.frozen = read_only and is_frozen(file)
        self._pragmas: dict[str, int | str] = {} if read_only else dict(_PRAGMAS)
        self._own = _Own()
        self._making = threading.Lock()
        self._db: Any = None

    @property
    def db(self) -> Any:
        """Peewee's database; connections are one per thread and open by themselves."""
        if self._db is None:
            from store.engines.file_database import FileDatabase

            with self._making:
                if self._db is None:
                    self._db = FileDatabase(self)
        return self._db

    def hand_over(self) -> sqlite3.Connection:
        """Return this thread's connection to Peewee, which closes it from now on."""
        connection, self._own.connection = self._own.connection, None
        return self._connect() if connection is None else connection

    def _held(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        if self._db is not None:
            return self._db.connection()  # type: ignore[no-any-return]
        if self._own.connection is None:
            self._own.connection = self._connect()
        return self._own.connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            _to_read(self.file, frozen=self.frozen) if self.read_only else str(self.file),
            uri=self.read_only,
            timeout=_BUSY_S,
            isolation_level=None,
        )
        try:
            for name, value in self._pragmas.items():
                connection.execute(f"PRAGMA {name} = {value}").close()
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def path(self) -> Path:
        """The store's file."""
        return self.file

    @property
    def place(self) -> str:
        """The store's file, for people."""
        return str(self.file)

    @property
    def url(self) -> str:
        """The store's file, for another process."""
        return str(self.file)

    def run(self, change: Callable[[], T]) -> T:
        """Run ``change`` in one write transaction and return what it returns (see :meth:`Store.run`)."""
        if self.read_only:
            raise StoreUnavailable(f"{self.file} was opened read-only; nothing can be changed.")
        with self.connected(), spoken(self.file):
            with self.db.atomic():
                result = change()
            if not self.db.in_transaction() and _bytes(f"{self.file}-wal") > _LOG_BYTES:
                self._cut_log()
        return result

    def _cut_log(self) -> None:
        """Write the log back and cut it, unless a reader is in the way for longer than a moment.

        SQLite's own checkpoints, after every 64 MB, wait for nobody: readers that overlap let the log grow for ever.
        """
        from peewee import OperationalError

        self.db.execute_sql(f"PRAGMA busy_timeout = {_CUT_MS}")
        try:
            # A statement of this connection that is still being read is in the way, too, and that is no fault.
            with suppress(OperationalError):
                self.db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            self.db.execute_sql(f"PRAGMA busy_timeout = {int(_BUSY_S * 1000)}")

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """Run one statement on this thread's connection, inside the caller's transaction; return its cursor."""
        if self._db is None:
            return self._held().execute(sql, parameters)
        return self._db.execute_sql(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows with ``executemany``, inside the caller's transaction."""
        self._held().executemany(sql, rows)

    def insert_new(
        self, table: str, columns: Sequence[str], blank: Collection[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Insert many rows, but those that are there already, inside the caller's transaction.

        Python's driver looks for an adapter for each None and bool that it is given: so there are none.
        """
        marks = ", ".join("nullif(?, '')" if column in blank else "?" for column in columns)
        self.execute_many(f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def stream(self, sql: str, parameters: Sequence[Any] = (), size: int = 2000) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a reading statement in lists of ``size``, on an own connection, at constant memory."""
        connection = self.connection()
        try:
            yield from connection.stream(sql, parameters, size)
        finally:
            connection.close()

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Make sure this thread has a connection."""
        self._held()
        yield

    def of_highest(self, column: str, by: str) -> str:
        """Return the column: SQLite takes bare ones from the row of the maximum (sqlite.org/lang_select.html)."""
        return column

    def begin_reading(self) -> None:
        """Begin a transaction of this thread that sees one state of the store."""
        self.execute("BEGIN")

    def connection(self) -> FileConnection:
        """Return a new connection for reading only, for the thread that asks; the caller closes it."""
        connection = sqlite3.connect(
            _to_read(self.file, frozen=self.frozen),
            uri=True,
            timeout=1.0,
            isolation_level=None,
            check_same_thread=False,
            factory=FileConnection,
        )
        connection.execute("PRAGMA query_only = 0")
        connection.execute(f"PRAGMA cache_size = -{_READER_CACHE_KIB}")
        connection.execute(f"PRAGMA temp.cache_size = -{_READER_TEMPORARY_KIB}")
        # Temporary pages need no overwriting with zeros when they are freed.
        connection.execute("PRAGMA secure_delete = 0").fetchall()
        return connection

    def version(self) -> FileVersion:
        """Return what tells whether somebody else committed something."""
        return FileVersion(self)

    def attended(self) -> bool:
        """Tell whether another process has the store open, or might have: only Linux tells."""
        return is_attended(self.file)

    def teach(self, name: str, function: Callable[[Any], Any], values: str) -> None:
        """Have SQL on this thread's connection know a function of Python; ``values`` are not asked for."""
        self._held().create_function(name, 1, function, deterministic=True)

    def took_ids(self, table: str) -> None:
        """Do nothing: SQLite's next id is above the highest there is."""

    def drop_indexes(self, table: str) -> list[str]:
        """Drop the indexes of a table, and return what makes them again; those of its constraints stay."""
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
        found = self.execute(sql, (table,)).fetchall()
        for name, _ in found:
            self.execute(f"DROP INDEX {name}")
        return [made for _, made in found]

    def gauge(self, table: str) -> None:
        """Do nothing: statements that join temporary tables say in which order."""

    def tables(self) -> dict[str, Form]:
        """Return how the tables look that hold what the store knows."""
        names = self.rows(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
            f" AND name NOT IN ({', '.join('?' * len(_OWN))}) AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name",
            _OWN,
        )
        forms = {}
        for (name,) in names:
            columns = self.rows("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", (name,))
            key = sorted((place, column) for column, place in columns if place)
            forms[name] = Form(tuple(column for column, _ in columns), tuple(column for _, column in key))
        return forms

    def is_there(self, table: str) -> bool:
        """Tell whether there is such a table."""
        found = self.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
        return bool(found.fetchall())

    def is_foreign(self) -> bool:
        """Tell whether there are tables, of another program if ours are missing."""
        return bool(self.execute("SELECT 1 FROM sqlite_master WHERE type = 'table'").fetchall())

    @contextmanager
    def roomy(self, kib: int, temporary_kib: int = 0) -> Iterator[None]:
        """Let this thread's connection hold ``kib`` of the store, and of temporary tables, in memory meanwhile."""
        with self.connected():
            pages = self.execute("PRAGMA cache_size").fetchall()[0][0]
            self.execute(f"PRAGMA cache_size = -{kib}")
            if temporary_kib:
                self.execute(f"PRAGMA temp.cache_size = -{temporary_kib}")
                self.execute("PRAGMA temp.journal_mode = memory")
        try:
            yield
        finally:
            with self.connected():
                self.execute(f"PRAGMA cache_size = {pages}")
                if temporary_kib:
                    self.execute("PRAGMA shrink_memory")

    @property
    def in_transaction(self) -> bool:
        """Whether this thread's connection has begun a transaction."""
        return self._held().in_transaction

    def spare_memory(self) -> None:
        """Have every connection hold less of the file: for a program that stays for hours."""
        self._pragmas["cache_size"] = -_SPARING_CACHE_KIB
        self.execute(f"PRAGMA cache_size = -{_SPARING_CACHE_KIB}").close()

    def close(self) -> None:
        """Close this thread's connection."""
        if self._db is not None and not self._db.is_closed():
            self._db.close()
        connection, self._own.connection = self._own.connection, None
        if connection is not None:
            connection.close()


class FileVersion:
    """SQLite's data_version, by a connection of its own, which never has an open cursor: it stands still meanwhile."""

    def __init__(self, store: SqliteStore) -> None:
        """Open the connection."""
        self._file = store.file
        with spoken(self._file):
            self._connection = store.connection()

    def now(self) -> int:
        """Return a number that is another one after a commit of another connection."""
        with spoken(self._file):
            return int(self._connection.execute("PRAGMA data_version").fetchall()[0][0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _to_read(path: Path, *, frozen: bool) -> str:
    """Return the URI by which SQLite opens a file for reading only."""
    return f"file:{quote(str(path))}?mode=ro{'&immutable=1' if frozen else ''}"


def is_frozen(path: Path) -> bool:
    """Tell whether a file is read without a look at what others do: SQLite cannot keep the index that it shares.

    The index of the write-ahead log lies beside the file; where it is missing and cannot be made, nobody has the store
    open, and nobody who has the same rights can open it to write (sqlite.org/wal.html, section 5).
    """
    return not os.access(path.parent, os.W_OK) and not Path(f"{path}-shm").exists()


def is_attended(path: Path) -> bool:
    """Tell whether another process has the store open, or might have: only Linux tells.

    Who has an SQLite database in WAL mode open holds a lock on its ``-shm`` file (sqlite.org/wal.html, section 2.2;
    ``UNIX_SHM_DMS`` in its sources). Opening that file to ask for its locks would drop our own, so the system's list
    of locks is asked: proc_locks(5).
    """
    try:
        number = os.stat(f"{path}-shm").st_ino
        locks = _LOCKS.read_text(encoding="ascii")
    except OSError:
        return True
    us = str(os.getpid())
    for line in locks.splitlines():
        fields = line.split()
        # 12: POSIX ADVISORY READ 4711 fd:01:131329 128 128; who waits for a lock stands behind an arrow.
        if len(fields) == 8 and fields[5].rpartition(":")[2] == str(number) and fields[4] != us:
            return True
    return False


def _bytes(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
