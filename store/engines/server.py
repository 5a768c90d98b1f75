"""Connections to a server that take SQL as it stands in this program."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql as quoting
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumper, StrDumperUnknown

from store.engines.rewriting import BY_BYTES, Rewritten, rewritten
from store.engines.server_url import ServerUrl

_CONNECT_S = 10
_LOCK_S = 10
_SLICE = 2000


class _Text(StrDumper):
    """Texts as a server takes them: it knows no NUL, and no lone surrogates."""

    def dump(self, obj: str) -> Any:
        return super().dump(_storable(obj))


class _TextUnknown(StrDumperUnknown):
    def dump(self, obj: str) -> Any:
        return super().dump(_storable(obj))


class _WholeNumber(psycopg.adapt.Dumper):
    """A whole number whose type the column tells, also where that is a truth value."""

    def dump(self, obj: int) -> bytes:
        return b"%d" % obj


class _Truth(psycopg.adapt.Dumper):
    """A truth value whose type the column tells, also where that is a number."""

    def dump(self, obj: bool) -> bytes:
        return b"1" if obj else b"0"


class _Number(psycopg.adapt.Loader):
    """A sum of whole numbers is one itself."""

    def load(self, data: Any) -> int | float:
        text = bytes(data).decode()
        return float(text) if "." in text or "N" in text else int(text)


def _storable(text: str) -> str:
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


class StatementCursor(psycopg.ClientCursor[tuple[Any, ...]]):
    """Takes SQL as it stands in the program, with the values written into it.

    So each value takes the type of the place where it stands, as with SQLite, and the server plans with what it is.
    """

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        """Run one statement; what is not SQL as text, or has the driver's own marks, passes as it is."""
        if isinstance(query, str) and "%s" not in query:
            words = rewritten(query, "" if is_cockroach(self.connection) else BY_BYTES)
            return super().execute(words.sql.encode(), words.bound(params or ()), **how)
        return super().execute(query, params, **how)

    def fetchall(self) -> list[Any]:
        """Return all rows; none of a statement that has none."""
        return super().fetchall() if self.description else []

    def fetchone(self) -> Any:
        """Return the next row."""
        return super().fetchone() if self.description else None

    @property
    def lastrowid(self) -> int:
        """The id that the last row inserted was given by the server."""
        return int(self.connection.execute(b"SELECT lastval()").fetchone()[0])  # type: ignore[index]


def connect(at: ServerUrl) -> psycopg.Connection[tuple[Any, ...]]:
    """Return a connection on which every statement stands for itself until BEGIN is said."""
    connection = psycopg.connect(
        at.conninfo,
        autocommit=True,
        connect_timeout=_CONNECT_S,
        application_name=process_name(),
        client_encoding="utf8",
        cursor_factory=StatementCursor,
    )
    types = connection.adapters
    types.register_loader("numeric", _Number)
    types.register_dumper(str, _Text)
    types.register_dumper(str, _TextUnknown)
    connection.add_notice_handler(lambda notice: None)
    settings = [f"lock_timeout = '{_LOCK_S}s'", "plan_cache_mode = force_custom_plan", "jit = off"]
    if is_cockroach(connection):
        settings.append("experimental_enable_temp_tables = 'on'")
    for setting in settings:
        # CockroachDB knows only some of them.
        with suppress(psycopg.Error):
            connection.execute(f"SET {setting}".encode())
    return connection


def is_cockroach(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether CockroachDB answers: it compares texts by their bytes anyway, and tells nobody of commits."""
    return connection.info.parameter_status("crdb_version") is not None


def process_name() -> str:
    """Return how this process is told from others on the server."""
    return f"aftersend:{socket.gethostname()}:{os.getpid()}"[:63]


class ServerConnection:
    """A connection of its own with the calls of SQLite's: for reading, and for temporary tables."""

    def __init__(self, at: ServerUrl) -> None:
        """Open it."""
        self._connection = connect(at)

    @property
    def in_transaction(self) -> bool:
        """Whether BEGIN was said, and no end of it."""
        return in_transaction(self._connection)

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """Run one statement and return its cursor; BEGIN keeps to one state of the store."""
        if sql == "BEGIN":
            sql = "BEGIN ISOLATION LEVEL REPEATABLE READ"
        return self._connection.execute(sql, parameters)

    def stream(self, sql: str, parameters: Sequence[Any] = (), size: int = 2000) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a reading statement in lists of ``size``, at constant memory; inside BEGIN."""
        words = rewritten(f"DECLARE streamed NO SCROLL CURSOR FOR {sql}")
        self._connection.execute(words.sql.encode(), words.bound(tuple(parameters)))
        try:
            while chunk := self._connection.execute(f"FETCH {size} FROM streamed".encode()).fetchall():
                yield chunk
        finally:
            with suppress(psycopg.Error):
                self._connection.execute(b"CLOSE streamed")

    def executemany(self, sql: str, rows: Iterable[Any], /) -> Any:
        """Run one statement for many rows."""
        return run_many(self._connection, sql, rows)

    def teach(self, name: str, function: Callable[[Any], Any], values: str) -> None:
        """Have SQL on this connection know a function of Python, by a table of its results."""
        teach(self._connection, name, function, values)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Interrupt statements that do not end in time."""
        self._connection.execute(f"SET statement_timeout = {max(1, int(seconds * 1000))}".encode())
        try:
            yield
        finally:
            with suppress(psycopg.Error):
                self._connection.execute(b"SET statement_timeout = 0")

    def interrupt(self) -> None:
        """Break off what runs, from another thread."""
        with suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=_CONNECT_S)

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def run_many(connection: psycopg.Connection[Any], sql: str, rows: Iterable[Sequence[Any]]) -> int:
    """Run one statement for many rows, in pieces that go out together; return how many rows it changed."""
    words: Rewritten = rewritten(sql)
    changed = 0
    with psycopg.Cursor(connection) as cursor:
        for kind, dumper in ((int, _WholeNumber), (bool, _Truth)):
            cursor.adapters.register_dumper(kind, dumper)
        for piece in _pieces(rows):
            cursor.executemany(words.sql.encode(), [words.bound(row) for row in piece])
            changed += max(cursor.rowcount, 0)
    return changed


def in_transaction(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether BEGIN was said on a connection that lives, and no end of it."""
    return connection.info.transaction_status not in {TransactionStatus.IDLE, TransactionStatus.UNKNOWN}


def _pieces(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    piece: list[Sequence[Any]] = []
    for row in rows:
        piece.append(row)
        if len(piece) >= _SLICE:
            yield piece
            piece = []
    if piece:
        yield piece


def copy_rows(
    connection: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert many rows with COPY."""
    copying = quoting.SQL("COPY {} ({}) FROM STDIN").format(
        quoting.Identifier(*table.split(".")), quoting.SQL(", ").join(map(quoting.Identifier, columns))
    )
    with psycopg.Cursor(connection) as cursor, cursor.copy(copying) as copy:
        for row in rows:
            copy.write_row(row)


def teach(connection: psycopg.Connection[Any], name: str, function: Callable[[Any], Any], values: str) -> None:
    """Have SQL on a connection know a function of Python: its results stand in a table, which the rewriting asks."""
    table = f"taught_{name}"
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (given TEXT NOT NULL PRIMARY KEY, made TEXT)")
    connection.execute(f"TRUNCATE {table}")
    given = {str(value): value for (value,) in connection.execute(values).fetchall() if value is not None}
    copy_rows(connection, table, ("given", "made"), ((text, _text(function(it))) for text, it in given.items()))


def _text(value: Any) -> str | None:
    return None if value is None else str(int(value)) if isinstance(value, bool) else str(value)
