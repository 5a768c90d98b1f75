"""A snapshot of ids in an order, on a connection of its own: what long tables are read from, a page at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from store.asking import Selection
from store.database import Connection, Store, interrupted, spoken
from store.queries.view import Interrupted

_PAGE = 1000


class Snapshot:
    """Ids in an order, in a temporary table ``v (pos, id)``; positions count from 0.

    Methods may be called from any thread; :meth:`interrupt` also while another one works. A closed snapshot raises
    Interrupted.

    Attributes:
        total: how many ids it holds.
    """

    def __init__(self, store: Store) -> None:
        """Open the connection; :meth:`close` closes it."""
        self._path = store.place
        with spoken(self._path):
            self._connection = store.connection()
        self._lock = threading.Lock()
        self._closed = False
        self.total = 0

    def fill(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> int:
        """Take the ids that ``sql`` gives, in its order, and return how many; call it once.

        Raises:
            Interrupted: :meth:`interrupt` was called meanwhile.
            StoreUnavailable, DiskFull: the store cannot be read, or there is no room for temporary files.
        """
        with self.working() as connection:
            connection.execute("CREATE TEMP TABLE v (pos INTEGER PRIMARY KEY, id INTEGER NOT NULL)")
            self.total = connection.execute(f"INSERT INTO v (id) {sql}", parameters).rowcount
            connection.execute("CREATE INDEX temp.v_id ON v (id)")
        return self.total

    def interrupt(self) -> None:
        """Break off what is under way; it raises Interrupted."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the connection; the snapshot cannot be used any more."""
        with self._lock:
            self._closed = True
            self._connection.close()

    def position(self, row_id: int) -> int | None:
        """Return where an id stands; None if it is not here."""
        found = self.values("SELECT pos FROM v WHERE id = ?", (row_id,))
        return found[0][0] - 1 if found else None

    def ids_between(self, first: int, last: int) -> list[int]:
        """Return the ids from one position to another, both included."""
        found = self.values("SELECT id FROM v WHERE pos BETWEEN ? AND ? ORDER BY pos", (first + 1, last + 1))
        return [id_ for (id_,) in found]

    def resolve(self, selection: Selection) -> list[int]:
        """Return the marked ids that are here, in order."""
        if not selection.ids and not selection.inverted:
            return []
        test = "NOT IN" if selection.inverted else "IN"
        found = self.values(
            f"SELECT id FROM v WHERE id {test} (SELECT value FROM json_each(?)) ORDER BY pos",
            (json.dumps(list(selection.ids)),),
        )
        return [id_ for (id_,) in found]

    def values(self, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a statement that may name ``v``."""
        with self.working() as connection:
            return list(connection.execute(sql, tuple(parameters)).fetchall())

    @contextmanager
    def working(self) -> Iterator[Connection]:
        """Give the connection to one thread at a time; an interruption becomes :class:`Interrupted`."""
        with self._lock, spoken(self._path):
            if self._closed:
                raise Interrupted("This is not shown any more.")
            try:
                yield self._connection
            except Exception as error:
                if interrupted(error):
                    raise Interrupted("It was not read to its end.") from error
                raise
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")


R = TypeVar("R", covariant=True)


class Paged(Protocol[R]):
    """A snapshot whose rows can be read a page at a time."""

    total: int

    def page(self, offset: int, limit: int) -> Sequence[R]:
        """Return the rows from position ``offset`` on."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


V = TypeVar("V", bound=Paged[Any])


@contextmanager
def counted(view: V, fill: Callable[[V], object]) -> Iterator[tuple[int, Iterator[Any]]]:
    """Give how many rows a snapshot has and the rows in order, at constant memory; it is closed afterwards.

    Args:
        view: the new snapshot.
        fill: takes it.
    """
    try:
        fill(view)
        yield view.total, (row for at in range(0, view.total, _PAGE) for row in view.page(at, _PAGE))
    finally:
        view.close()


def streamed(view: V, fill: Callable[[V], object]) -> Iterator[Any]:
    """Yield the rows of a snapshot as :func:`counted` gives them."""
    with counted(view, fill) as (_, rows):
        yield from rows
