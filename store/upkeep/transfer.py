"""A store taken over to another place, from a file to a server or back: every table, row by row, compared afterwards.

The source is read as one moment holds it, while others may write; the target is filled in one transaction, so that it
holds all or nothing, whoever is killed meanwhile. Then it is read again: each table must have as many rows as were
written, and the same SHA-256 over them, in the order of their keys.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from store import journal
from store.cleaning import clean
from store.engines.store import Connection, Form, Store
from store.engines.words import spoken
from store.errors import Refused, StoreUnavailable
from store.exports.files import writing
from store.figures import number
from store.journal import Operator
from store.pseudonyms import key_path
from store.searching import index_new

if TYPE_CHECKING:
    from store.upkeep.copying import Told

_CHUNK = 2000
_SHOWN_CHARS = 16


@dataclass(frozen=True, slots=True)
class Part:
    """A table that was copied.

    Attributes:
        table: its name.
        rows: how many.
        digest: SHA-256 over them in hexadecimal: the same for the same rows, in whatever database.
    """

    table: str
    rows: int
    digest: str

    @property
    def sign(self) -> str:
        """The beginning of the digest, for people."""
        return self.digest[:_SHOWN_CHARS]


def transfer(source: Store, target: Store, who: Operator, now: datetime, tell: Told) -> tuple[Part, ...]:
    """Copy all of a store into an empty one, compare them, and note it in the copy's journal.

    Args:
        source: the open store; it is not changed.
        target: another open store with the same tables and nothing in them.
        who: the operator.
        now: aware UTC time.
        tell: told how far it is.

    Returns:
        The tables, in the order of their names.

    Raises:
        Refused: the target holds something, or is the source.
        StoreUnavailable: one of them cannot be reached, their tables differ, or the copy is not the same.
        DiskFull: no room; nothing was written.
    """
    if source.url == target.url or source.place == target.place:
        raise Refused(f"{target.place} is the store itself; name another place.")
    forms = source.tables()
    if {name: frozenset(form.columns) for name, form in forms.items()} != {
        name: frozenset(form.columns) for name, form in target.tables().items()
    }:
        raise StoreUnavailable(f"The tables of {target.place} are not those of {source.place}.")
    with _moment(source) as connection, spoken(source.place):
        counts = {name: int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in forms}
        parts = target.run(lambda: _fill(connection, target, forms, sum(counts.values()), tell))
    for name in forms:
        target.gauge(name)
    _compare(target, forms, parts, tell)
    index_new(target)
    _take_key(source, target)
    said = f"Copied from {clean(source.place)}: {number(sum(part.rows for part in parts))} rows"
    target.run(lambda: journal.write(target, who, now, "copy", said, undoable=False, subjects=0))
    return parts


def _fill(connection: Connection, target: Store, forms: dict[str, Form], total: int, tell: Told) -> tuple[Part, ...]:
    for name in forms:
        if target.rows(f"SELECT 1 FROM {name} LIMIT 1"):
            raise Refused(f"{target.place} holds something already (a row in {name}); nothing was copied.")
    parts: list[Part] = []
    for name, form in forms.items():
        made = target.drop_indexes(name)
        reader = _Reader(name, form, tell, "copying", sum(part.rows for part in parts), total)
        target.insert_rows(name, form.columns, reader.rows(connection))
        for index in made:
            target.execute(index)
        if form.key == ("id",):
            target.took_ids(name)
        parts.append(reader.part)
    return tuple(parts)


def _compare(target: Store, forms: dict[str, Form], parts: tuple[Part, ...], tell: Told) -> None:
    """Read the copy and compare it with what was written.

    Raises:
        StoreUnavailable: they differ.
    """
    total, done = sum(part.rows for part in parts), 0
    with _moment(target) as connection, spoken(target.place):
        for part in parts:
            reader = _Reader(part.table, forms[part.table], tell, "comparing", done, total)
            for _ in reader.rows(connection):
                pass
            done += part.rows
            if reader.part != part:
                raise StoreUnavailable(
                    f"The copy at {target.place} is not the same: {part.table} has {number(reader.part.rows)} rows with"
                    f" {reader.part.sign}…, not {number(part.rows)} with {part.sign}…. Delete it and try again."
                )


class _Reader:
    """Reads a table in the order of its key, and makes its digest on the way."""

    def __init__(self, name: str, form: Form, tell: Told, label: str, before: int, total: int) -> None:
        self._name, self._form = name, form
        self._tell, self._label, self._before, self._total = tell, label, before, total
        self._count = 0
        self._hash = hashlib.sha256()

    @property
    def part(self) -> Part:
        """What was read so far."""
        return Part(self._name, self._count, self._hash.hexdigest())

    def rows(self, connection: Connection) -> Iterator[tuple[Any, ...]]:
        """Yield the rows; begun again, it begins anew."""
        self._count, self._hash = 0, hashlib.sha256()
        # Some are called like words of SQL.
        columns = ", ".join(f'"{column}"' for column in self._form.columns)
        order = ", ".join(f'"{column}"' for column in self._form.key or self._form.columns)
        for chunk in connection.stream(f"SELECT {columns} FROM {self._name} ORDER BY {order}", (), _CHUNK):
            for row in chunk:
                plain = tuple(map(_plain, row))
                self._hash.update(repr(plain).encode("ascii", "backslashreplace"))
                self._count += 1
                yield plain
            self._tell(self._label, self._before + self._count, self._total)


def _plain(value: Any) -> Any:
    """Return a value in the form in which every database gives it back."""
    if isinstance(value, str):
        # A server is given it like this, since it holds no NUL (store.engines.server).
        return value.replace("\0", "\ufffd") if "\0" in value else value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    return value


@contextmanager
def _moment(store: Store) -> Iterator[Connection]:
    """Give a connection that sees the store as it is now, however long it takes."""
    connection = store.connection()
    try:
        connection.execute("BEGIN")
        yield connection
    finally:
        connection.close()


def _take_key(source: Store, target: Store) -> None:
    """Lay the key beside the copy with which people were forgotten: without it nothing is read into the copy."""
    if not source.rows("SELECT 1 FROM forgotten LIMIT 1"):
        return
    own, other = key_path(source), key_path(target)
    if own == other or os.path.lexists(other):
        return
    key = own.read_text(encoding="ascii")
    other.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with writing(other) as stream:
        stream.write(key)
