"""Copies of a store's file, taken while others write, and what a copy is worth: whole, of which form, how many rows."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from store.database import MIGRATIONS, spoken
from store.errors import StoreTooNew, StoreUnavailable

Told = Callable[[str, int, int], None]
"""Told what is done ("copying"), how much of it, and of how much (0: not known)."""

_PAGES = 2048
_CACHE_KIB = 2048
_HASHED_BYTES = 1 << 20
_VERSIONS_AT, _WITHOUT_LOG = 18, b"\x01\x01"
"""In the file's head (sqlite.org/fileformat2.html, section 1.3.3): by which rules it is written, and read."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a store's file holds.

    Attributes:
        schema: the last migration of its tables.
        rows: table -> its number of rows.
    """

    schema: str
    rows: dict[str, int]


@contextmanager
def looking(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection that only reads a store's file as it is, also where nothing may be written.

    Raises:
        StoreUnavailable: it is missing, damaged, locked, or of another kind.
    """
    if not path.is_file():
        raise StoreUnavailable(f"There is no file {path}.")
    with spoken(path), closing(_connection(path)) as connection:
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        yield connection


def _connection(path: Path) -> sqlite3.Connection:
    # A file in WAL mode needs two others beside it to be read; where they cannot be made nobody writes, either.
    log = path.with_name(f"{path.name}-wal")
    lonely = not (log.exists() and log.stat().st_size) and not os.access(path.parent, os.W_OK)
    mode = "mode=ro&immutable=1" if lonely else "mode=ro"
    return sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True, timeout=10, isolation_level=None)


def contents(connection: sqlite3.Connection, path: Path) -> Contents:
    """Return what the file holds, as this connection sees it.

    Raises:
        StoreUnavailable: it is no store.
    """
    tables = connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'").fetchall()
    # A virtual table, which has no page of its own, keeps what it holds in others of its name.
    virtual = tuple(f"{name}_" for name, page in tables if not page)
    names = {name for name, page in tables if page and not name.startswith(virtual)}
    applied = []
    if "schema_migration" in names:
        applied = connection.execute("SELECT name FROM schema_migration ORDER BY name DESC").fetchall()
    if not applied:
        raise StoreUnavailable(f"{path} is no aftersend store: it has no tables of ours.")
    ours = sorted(name for name in names if not name.startswith("sqlite_"))
    counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in ours}
    return Contents(applied[0][0], counts)


def copy(source: sqlite3.Connection, target: Path, tell: Told) -> None:
    """Copy the database as one moment holds it, while others may write; the copy is one file, with nothing beside it.

    Args:
        source: a connection with an open transaction: the copy is what that one sees, however long it takes.
        target: an empty file; it is not synced.
        tell: told the pages copied so far.
    """
    with closing(sqlite3.connect(target, isolation_level=None)) as made:
        made.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        made.execute("PRAGMA synchronous = OFF")
        made.execute("PRAGMA journal_mode = MEMORY").fetchall()
        source.backup(made, pages=_PAGES, progress=lambda _, left, total: tell("copying", total - left, total))
    with target.open("r+b") as stream:
        # The copy says of itself that it has a write-ahead log; without, it can be read where nothing may be written.
        stream.seek(_VERSIONS_AT)
        stream.write(_WITHOUT_LOG)


def damage(connection: sqlite3.Connection, *, thorough: bool = False, most: int = 10) -> list[str]:
    """Return what SQLite finds wrong with the file, in its own words; nothing if it is sound.

    Args:
        connection: the file.
        thorough: compare each index with its table, too (``integrity_check``), which takes several times as long.
        most: no more than so many.
    """
    pragma = "integrity_check" if thorough else "quick_check"
    try:
        found = [str(text) for (text,) in connection.execute(f"PRAGMA {pragma}({most})")]
    except sqlite3.DatabaseError as error:
        if "malformed" not in str(error) and "not a database" not in str(error):
            raise
        return [str(error)]
    return [] if found == ["ok"] else found


def check_copy(path: Path, expected: Contents | None, tell: Told) -> Contents:
    """Return what a copy holds when it was found to be sound.

    Args:
        path: the copy.
        expected: what must be in it; None: anything.
        tell: told what is done.

    Raises:
        StoreUnavailable: it is damaged, no store, or does not hold what it should.
    """
    tell("checking", 0, 0)
    with looking(path) as connection:
        found = damage(connection, most=1)
        if found:
            raise StoreUnavailable(f"{path} is damaged: {found[0]}.")
        held = contents(connection, path)
    if expected is not None and held != expected:
        raise StoreUnavailable(f"{path} does not hold what it should: {_unlike(held, expected)}.")
    return held


def _unlike(held: Contents, expected: Contents) -> str:
    if held.schema != expected.schema:
        return f"its tables are those of {held.schema}, not of {expected.schema}"
    tables = sorted(held.rows.keys() | expected.rows.keys())
    table = next(name for name in tables if held.rows.get(name) != expected.rows.get(name))
    return f"{held.rows.get(table, 0):,} rows in {table}, not {expected.rows.get(table, 0):,}"


def refuse_newer(held: Contents, path: Path) -> None:
    """Refuse a file whose tables this version does not know.

    Raises:
        StoreTooNew: they are of a newer version.
    """
    known = max(file.stem for file in MIGRATIONS.glob("[0-9]*.py"))
    if held.schema > known:
        raise StoreTooNew(
            f"{path} is of a newer aftersend (it has {held.schema}, this version knows up to {known});"
            " update the program."
        )


def digest(path: Path, tell: Told) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    total, done, sha = path.stat().st_size, 0, hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_HASHED_BYTES):
            sha.update(block)
            done += len(block)
            tell("checking", done, total)
    return sha.hexdigest()
