"""A store on a server: PostgreSQL, or one that speaks its language (CockroachDB).

Transactions that write stand in a queue: each begins by raising the number in the one row of ``store_state``, whose
lock keeps the next one waiting. So what a change has read stays as it is, ids rise in the order of commits, and two
ingesters and an operator never hold what the other one wants. The number also tells everybody that something changed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from store import drivers  # noqa: F401  (before Peewee is imported)

# isort: split
import psycopg
from peewee import PostgresqlDatabase, Psycopg3Adapter
from psycopg.pq import TransactionStatus

from store.engines.server import (
    ServerConnection,
    connect,
    copy_rows,
    in_transaction,
    is_cockroach,
    process_name,
    run_many,
    teach,
)
from store.engines.server_url import ServerUrl
from store.engines.store import APPLIED, Form, Store
from store.engines.words import repeatable, spoken
from store.errors import StoreUnavailable

T = TypeVar("T")

CHANNEL = "aftersend"
"""What a commit is told on, to whoever listens."""

_TRIES = 8
_STATE = (
    "CREATE TABLE IF NOT EXISTS store_state (id SMALLINT PRIMARY KEY, version BIGINT NOT NULL)",
    "INSERT INTO store_state (id, version) VALUES (1, 0) ON CONFLICT DO NOTHING",
)
_QUEUE = "UPDATE store_state SET version = version + 1 WHERE id = 1 RETURNING version"


class _Driver(Psycopg3Adapter):
    """Peewee's adapter, which Peewee itself leaves empty if it was loaded without a driver."""

    txn_idle = TransactionStatus.IDLE
    txn_inerror = TransactionStatus.INERROR
    txn_unknown = TransactionStatus.UNKNOWN

    def check_driver(self) -> None:
        """Do nothing: the driver is there."""

    def get_binary_type(self) -> Any:
        """Return what bytes are given as."""
        return psycopg.Binary

    def connect(self, db: ServerDatabase, **parameters: Any) -> Any:
        """Return a new connection of the database."""
        return connect(db.at)


class ServerDatabase(PostgresqlDatabase):
    """Peewee's database on the server that a URL names.

    Attributes:
        at: the URL.
    """

    psycopg2_adapter = psycopg3_adapter = _Driver

    def __init__(self, at: ServerUrl) -> None:
        """Open nothing yet."""
        self.at = at
        super().__init__(at.database)


class PostgresqlStore(Store):
    """A store on a server.

    Attributes:
        db: Peewee's database; connections are one per thread and open by themselves.
        at: the URL.
        read_only: whether writes are refused.
    """

    __slots__ = ("at", "db", "read_only")
    upserts_again = False

    db: Any

    def __init__(self, at: ServerUrl, read_only: bool) -> None:
        """Open nothing yet."""
        self.at = at
        self.db = ServerDatabase(at)
        self.read_only = read_only

    @property
    def place(self) -> str:
        """The store's URL without a password."""
        return self.at.place

    @property
    def url(self) -> str:
        """The store's URL as it was given."""
        return self.at.url

    def run(self, change: Callable[[], T]) -> T:
        """Run ``change`` in one write transaction and return what it returns (see :meth:`Store.run`)."""
        if self.read_only:
            raise StoreUnavailable(f"{self.place} was opened read-only; nothing can be changed.")
        with self.connected(), spoken(self.place):
            if self.db.in_transaction():
                with self.db.atomic():
                    return change()
            for attempt in range(1, _TRIES):
                try:
                    return self._once(change)
                except Exception as error:
                    if not repeatable(error):
                        raise
                time.sleep(random.uniform(0, 0.01 * 2**attempt))
            return self._once(change)

    def _once(self, change: Callable[[], T]) -> T:
        with self.db.atomic():
            version = self.db.execute_sql(_QUEUE).fetchone()[0]
            result = change()
            if not is_cockroach(self.db.connection()):
                self.db.execute_sql(f"NOTIFY {CHANNEL}, '{version}'")
        return result

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """Run one statement on this thread's connection, inside the caller's transaction; return its cursor."""
        return self.db.execute_sql(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows, inside the caller's transaction."""
        run_many(self.db.connection(), sql, rows)

    def insert_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert many rows with COPY, inside the caller's transaction; a row that is there is an error."""
        copy_rows(self.db.connection(), table, columns, rows)

    def insert_new(
        self, table: str, columns: Sequence[str], blank: Collection[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Insert many rows, but those that are there already, inside the caller's transaction: by COPY, in order."""
        named = ", ".join(columns)
        self.execute(f"CREATE TEMP TABLE IF NOT EXISTS new_{table} AS SELECT {named} FROM {table} WHERE FALSE")
        self.execute(f"DELETE FROM temp.new_{table}")
        missing = tuple(column in blank for column in columns)
        filled = (
            [None if empty and value == "" else value for value, empty in zip(row, missing, strict=True)]
            for row in rows
        )
        self.insert_rows(f"new_{table}", columns, filled)
        self.execute(f"INSERT OR IGNORE INTO {table} ({named}) SELECT {named} FROM temp.new_{table}")

    def stream(self, sql: str, parameters: Sequence[Any] = (), size: int = 2000) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a reading statement in lists of ``size``, on an own connection, at constant memory."""
        connection = self.connection()
        try:
            connection.execute("BEGIN")
            yield from connection.stream(sql, parameters, size)
        finally:
            connection.close()

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Make sure this thread has a connection; one that the server has ended is opened anew."""
        if not self.db.is_closed() and self.db.connection().closed:
            self.db.close()
        if self.db.is_closed():
            with spoken(self.place):
                self.db.connect()
        yield

    def of_highest(self, column: str, by: str) -> str:
        """Return the SQL of a column of the row that has the highest value."""
        return f"(array_agg({column} ORDER BY {by} DESC NULLS LAST))[1]"

    def begin_reading(self) -> None:
        """Begin a transaction of this thread that sees one state of the store."""
        self.db.execute_sql("BEGIN ISOLATION LEVEL REPEATABLE READ")

    def connection(self) -> ServerConnection:
        """Return a new connection for reading only, for the thread that asks; the caller closes it."""
        with spoken(self.place):
            return ServerConnection(self.at)

    def version(self) -> ServerVersion:
        """Return what tells whether somebody else committed something."""
        return ServerVersion(self.at)

    def attended(self) -> bool:
        """Tell whether another process has the store open; a server that does not tell might be asked by many."""
        others = "application_name LIKE 'aftersend:%' AND datname = current_database()"
        with self.connected(), spoken(self.place):
            names = self.db.execute_sql(f"SELECT DISTINCT application_name FROM pg_stat_activity WHERE {others}")
            found = {name for (name,) in names.fetchall()}
        return found != {process_name()}

    def teach(self, name: str, function: Callable[[Any], Any], values: str) -> None:
        """Have SQL on this thread's connection know a function of Python, by a table of its results."""
        teach(self.db.connection(), name, function, values)

    def took_ids(self, table: str) -> None:
        """Have the table's own ids go on above those that rows were given."""
        self.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM {table}")

    def drop_indexes(self, table: str) -> list[str]:
        """Drop none: whoever reads the table would have to wait until the transaction ends."""
        return []

    def gauge(self, table: str) -> None:
        """Let the planner know how a temporary table has grown: nothing else looks at those."""
        self.execute(f"ANALYZE {table}")

    def tables(self) -> dict[str, Form]:
        """Return how the tables look that hold what the store knows."""
        found = self.rows(
            "SELECT c.table_name, c.column_name FROM information_schema.columns AS c"
            " JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name"
            " WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
            " AND c.table_name NOT IN (?, 'store_state') ORDER BY c.table_name, c.ordinal_position",
            (APPLIED,),
        )
        keys = self.rows(
            "SELECT k.table_name, k.column_name FROM information_schema.table_constraints AS c"
            " JOIN information_schema.key_column_usage AS k ON k.constraint_schema = c.constraint_schema"
            " AND k.constraint_name = c.constraint_name AND k.table_name = c.table_name"
            " WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_schema = current_schema()"
            " ORDER BY k.table_name, k.ordinal_position"
        )
        return {
            name: Form(
                tuple(column for table, column in found if table == name),
                tuple(column for table, column in keys if table == name),
            )
            for name in dict.fromkeys(table for table, _ in found)
        }

    def is_there(self, table: str) -> bool:
        """Tell whether there is such a table."""
        return bool(self.db.execute_sql("SELECT 1 WHERE to_regclass(?) IS NOT NULL", (table,)).fetchall())

    def is_foreign(self) -> bool:
        """Tell whether the schema has a table of our names, which would be another program's."""
        return self.is_there("campaign") or self.is_there("contact")

    @contextmanager
    def roomy(self, kib: int, temporary_kib: int = 0) -> Iterator[None]:
        """Do nothing: how much is held in memory is for the server to say."""
        yield

    @property
    def in_transaction(self) -> bool:
        """Whether this thread's connection has begun a transaction."""
        return in_transaction(self.db.connection())

    def spare_memory(self) -> None:
        """Do nothing: how much is held in memory is for the server to say."""

    def prepare(self) -> None:
        """Make what this engine itself needs, if it is not there."""
        for statement in _STATE:
            self.db.execute_sql(statement)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from bringing the tables up to date meanwhile: in one transaction, all or nothing."""
        with self.db.atomic():
            self.db.execute_sql(_QUEUE)
            yield

    def close(self) -> None:
        """Close this thread's connection."""
        if not self.db.is_closed():
            self.db.close()


class ServerVersion:
    """The number that every change raises, on a connection of its own: heard if the server has told it, else asked for.

    What is told may come a moment after the commit, so that silence says nothing.
    """

    def __init__(self, at: ServerUrl) -> None:
        """Open the connection."""
        self._at = at
        self._number = 0
        self._connect()

    def _connect(self) -> None:
        with spoken(self._at.place):
            self._connection = connect(self._at)
            if not is_cockroach(self._connection):
                self._connection.execute(f"LISTEN {CHANNEL}".encode())

    def now(self) -> int:
        """Return a number that is another one after a commit."""
        if self._connection.closed:
            self._connect()
        with spoken(self._at.place):
            heard = self._heard()
            if heard > self._number:
                self._number = heard
            else:
                found = self._connection.execute(b"SELECT version FROM store_state WHERE id = 1").fetchone()
                self._number = max(self._number, int(found[0])) if found else self._number
        return self._number

    def _heard(self) -> int:
        """Return the highest number that the server has told since the last time, without waiting for it."""
        server, heard = self._connection.pgconn, 0
        server.consume_input()
        while (told := server.notifies()) is not None:
            heard = max(heard, int(told.extra) if told.extra.isdigit() else 0)
        return heard

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def open_server(at: ServerUrl, read_only: bool) -> PostgresqlStore:
    """Return the store at a URL; nothing of it has been read yet."""
    return PostgresqlStore(at, read_only)
