"""A store that is open, whatever database holds it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from store.engines.words import spoken
from store.errors import StoreUnavailable

T = TypeVar("T")

APPLIED = "schema_migration"
"""The table of the migrations that were run."""

_AMONG = 500


class Form(NamedTuple):
    """How a table looks.

    Attributes:
        columns: their names, in order.
        key: the columns of its primary key, in order; none if it has no such key.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]


class Cursor(Protocol):
    """What a statement has brought."""

    @property
    def rowcount(self) -> int:
        """How many rows a change has changed."""

    @property
    def lastrowid(self) -> int | None:
        """The id that the last row inserted was given by the database."""

    def fetchone(self) -> Any:
        """Return the next row; None at the end."""

    def fetchmany(self, size: int) -> list[Any]:
        """Return some rows; none at the end."""

    def fetchall(self) -> list[Any]:
        """Return all rows."""

    def __iter__(self) -> Iterator[Any]:
        """Return the rows one after the other."""


class Connection(Protocol):
    """A connection of its own, for reading: it writes to its temporary tables only."""

    @property
    def in_transaction(self) -> bool:
        """Whether BEGIN was said, and no end of it."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any:
        """Run one statement and return its cursor; BEGIN keeps to one state of the store."""

    def executemany(self, sql: str, rows: Iterable[Any], /) -> Any:
        """Run one statement for many rows."""

    def stream(self, sql: str, parameters: Sequence[Any] = (), size: int = ...) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a reading statement in lists of ``size``, at constant memory; inside BEGIN on a server."""

    def teach(self, name: str, function: Callable[[Any], Any], values: str) -> None:
        """Have SQL on this connection know a function of Python (see :meth:`Store.teach`)."""

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Interrupt statements that do not end in time."""

    def interrupt(self) -> None:
        """Break off what runs, from another thread."""

    def close(self) -> None:
        """Close it."""


class Version(Protocol):
    """Tells whether another connection committed something."""

    def now(self) -> int:
        """Return a number that is another one after a commit."""

    def close(self) -> None:
        """Close what it needs."""


class Store(ABC):
    """An open store.

    Attributes:
        read_only: whether writes are refused.
    """

    __slots__ = ()

    read_only: bool

    upserts_again: ClassVar[bool] = True
    """Whether an upsert may come upon a row that the same statement has made; then it counts without sorting."""

    @property
    @abstractmethod
    def db(self) -> Any:
        """Peewee's database; connections are one per thread and open by themselves."""

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the store is, for people: a path, or a URL without its password."""

    @property
    @abstractmethod
    def url(self) -> str:
        """What opens the same store in another process; it may hold a password."""

    @property
    def path(self) -> Path:
        """The store's file.

        Raises:
            StoreUnavailable: the store is on a server.
        """
        raise StoreUnavailable(f"{self.place} is no file, and this works with a store in a file only.")

    @abstractmethod
    def run(self, change: Callable[[], T]) -> T:
        """Run ``change`` in one write transaction and return what it returns.

        Transactions that write stand in a queue, whoever runs them: what ``change`` reads stays as it is until it ends.
        It must be repeatable: a server may have it run again after a serialisation failure.

        Raises:
            StoreUnavailable: the store is read-only.
            StoreBusy: another process keeps it locked.
            DiskFull: no room; nothing was written.
        """

    @abstractmethod
    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """Run one statement on this thread's connection, inside the caller's transaction; return its cursor."""

    @abstractmethod
    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows, inside the caller's transaction."""

    def insert_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert many rows in the quickest way, inside the caller's transaction; a row that is there is an error."""
        marks = ", ".join("?" * len(columns))
        names = ", ".join(f'"{column}"' for column in columns)
        self.execute_many(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

    @abstractmethod
    def insert_new(
        self, table: str, columns: Sequence[str], blank: Collection[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Insert many rows, but those that are there already, inside the caller's transaction.

        Args:
            table: one of the store's.
            columns: what the rows hold, in this order.
            blank: the columns of which "" says that they have no value.
            rows: the rows; a text, a number or bytes for each column, and 0 and 1 for truth values.
        """

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
            yield from self.execute(sql.format(marks), (*before, *some)).fetchall()

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a reading statement on this thread's connection."""
        with self.connected(), spoken(self.place):
            return list(self.execute(sql, parameters).fetchall())

    def row(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a reading statement, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    @abstractmethod
    def stream(self, sql: str, parameters: Sequence[Any] = (), size: int = 2000) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a reading statement in lists of ``size``, on an own connection, at constant memory."""

    @abstractmethod
    def connected(self) -> AbstractContextManager[None]:
        """Make sure this thread has a connection."""

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let several reading statements of this thread see the same state of the store; not inside a transaction."""
        with self.connected(), spoken(self.place):
            self.begin_reading()
            try:
                yield
            finally:
                self.execute("ROLLBACK")

    @abstractmethod
    def of_highest(self, column: str, by: str) -> str:
        """Return the SQL of a column of the row that has the highest value, beside ``max(by)``, in a grouped SELECT."""

    @abstractmethod
    def begin_reading(self) -> None:
        """Begin a transaction of this thread that sees one state of the store."""

    @abstractmethod
    def connection(self) -> Connection:
        """Return a new connection for reading only, for the thread that asks; the caller closes it."""

    @abstractmethod
    def version(self) -> Version:
        """Return what tells whether somebody else committed something."""

    @abstractmethod
    def attended(self) -> bool:
        """Tell whether another process has the store open, or might have."""

    @abstractmethod
    def teach(self, name: str, function: Callable[[Any], Any], values: str) -> None:
        """Have SQL on this thread's connection know a function of Python.

        Args:
            name: one that the rewriting of SQL knows as such a function.
            function: of one value.
            values: a statement whose rows are all the texts, or numbers, that it will be called with.
        """

    @abstractmethod
    def took_ids(self, table: str) -> None:
        """Note that rows of a table were given ids: those that it gives by itself go on above them."""

    @abstractmethod
    def drop_indexes(self, table: str) -> list[str]:
        """Drop the indexes of a table that is about to grow, if nobody is kept waiting; return what makes them again.

        Those of its constraints stay.
        """

    @abstractmethod
    def gauge(self, table: str) -> None:
        """Let the planner know how a temporary table has grown, if it does not see that by itself."""

    @abstractmethod
    def tables(self) -> dict[str, Form]:
        """Return how the tables look that hold what the store knows: neither the engine's own nor search indexes."""

    @abstractmethod
    def is_there(self, table: str) -> bool:
        """Tell whether there is such a table."""

    @abstractmethod
    def is_foreign(self) -> bool:
        """Tell whether there are tables of another program."""

    @abstractmethod
    def roomy(self, kib: int, temporary_kib: int = 0) -> AbstractContextManager[None]:
        """Let this thread's connection hold so much of the store in memory meanwhile, if that is for it to say.

        Args:
            kib: pages of the store.
            temporary_kib: pages of its temporary tables; 0: as many as ever.
        """

    @contextmanager
    def staging(self) -> Iterator[None]:
        """Fill temporary tables of this thread in one transaction, which keeps nobody waiting."""
        self.execute("BEGIN")
        try:
            yield
            self.execute("COMMIT")
        finally:
            if self.in_transaction:
                self.execute("ROLLBACK")

    @property
    @abstractmethod
    def in_transaction(self) -> bool:
        """Whether this thread's connection has begun a transaction."""

    @abstractmethod
    def spare_memory(self) -> None:
        """Have every connection hold no more of the store than a view does: for a program that stays for hours."""

    @abstractmethod
    def close(self) -> None:
        """Close this thread's connection."""
