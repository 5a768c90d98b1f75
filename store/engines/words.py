"""What goes wrong with a database, as sentences; no driver has to be loaded for it."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from store.cleaning import clean
from store.errors import DiskFull, StoreBusy, StoreError, StoreUnavailable

_PASSWORD = "keep it in ~/.pgpass (a line HOST:PORT:DATABASE:USER:PASSWORD, chmod 600) or in PGPASSWORD"
# A server that cannot be asked anything yet gives no codes, only words.
_WITHOUT_CODE = (
    ("no password supplied", f"asks for a password, and there is none: {_PASSWORD}"),
    ("password authentication failed", f"does not take the name and the password: {_PASSWORD}"),
    ("no pg_hba.conf entry", "lets nobody in this way: its pg_hba.conf has no line for this user and machine"),
    ("too many clients", "takes no more connections (max_connections); try again in a moment"),
    ("starting up", "is starting up; try again in a moment"),
    ("shutting down", "is being shut down"),
    ("permission denied for database", "does not let this user in: GRANT CONNECT on the database to them"),
)
_CODES = {
    "25006": "takes no changes: it is a standby, or its transactions only read",
    "28000": "does not let this user in",
    "28P01": f"does not take the name and the password: {_PASSWORD}",
    "53300": "takes no more connections (max_connections); try again in a moment",
    "57P01": "ended the connection: it is being shut down or restarted",
    "57P02": "ended the connection: it crashed",
    "57P03": "is starting up or being shut down; try again in a moment",
    "57P05": "ended a connection that was idle",
}
_DENIED, _CANCELED = "42501", "57014"
_MISSING = re.compile("no such (column|table|index)|has no column named")
_FULL = frozenset({"53100", "53200"})
_WAITED = frozenset({"55P03", "40001", "40P01"})
"""A lock was waited for in vain; a transaction stood in another one's way, as often as it was tried."""


@contextmanager
def spoken(place: str | Path) -> Iterator[None]:
    """Turn the database's errors into sentences.

    Args:
        place: where the store is, for people.

    Raises:
        StoreUnavailable: locked, read-only, damaged, or out of reach.
        DiskFull: no room left on the disk.
    """
    try:
        yield
    except Exception as error:
        cause = driver_error(error)
        said = None
        if cause is not None:
            said = _of_server(cause, str(place))
        elif isinstance(error, sqlite3.DatabaseError) or _is_peewees(error):
            said = _of_sqlite(error, Path(place))
        if said is None:
            raise
        raise said from error


def interrupted(error: BaseException) -> bool:
    """Tell whether a statement ended because its connection was interrupted."""
    if isinstance(error, sqlite3.OperationalError):
        return "interrupted" in str(error)
    return getattr(error, "sqlstate", None) == _CANCELED


def _is_peewees(error: BaseException) -> bool:
    """Tell whether Peewee raised it; without loading Peewee, which then did not."""
    return any(kind.__name__ == "PeeweeException" for kind in type(error).__mro__)


def driver_error(error: BaseException | None) -> BaseException | None:
    """Return the error of PostgreSQL's driver that an error is or arose from; None: it is none."""
    while error is not None:
        if type(error).__module__.partition(".")[0] == "psycopg":
            return error
        error = error.__cause__ or error.__context__
    return None


def repeatable(error: BaseException) -> bool:
    """Tell whether a transaction failed for another one's sake and may be run again."""
    return getattr(driver_error(error), "sqlstate", None) in {"40001", "40P01"}


def server_words(error: BaseException) -> str:
    """Return a server's words, the first line of them, safe to show."""
    diag = getattr(error, "diag", None)
    text = (diag.message_primary if diag is not None else None) or str(error)
    text = text.strip().partition("\n")[0].removeprefix("connection failed: ").removeprefix("connection is bad: ")
    return clean(text.rpartition("FATAL:")[2].strip().rstrip("."))


def _of_server(error: BaseException, place: str) -> StoreError | None:
    code = getattr(error, "sqlstate", None) or ""
    words = server_words(error)
    if code in _FULL:
        return DiskFull(f"{place} has no room left; nothing of this step was written.")
    if code in _WAITED:
        return StoreBusy(f"{place} is locked by another process; try again in a moment.")
    if code == _DENIED:
        return StoreUnavailable(f"{place} denies it: {words}; this user needs CREATE on the schema the first time.")
    if code in _CODES:
        return StoreUnavailable(f"{place} {_CODES[code]}.")
    if not code or code.startswith("08") or code == "3D000":
        for mark, meaning in _WITHOUT_CODE:
            if mark in words:
                return StoreUnavailable(f"{place} {meaning}.")
        if "does not exist" in words:
            return StoreUnavailable(f"{place} cannot be opened: {words}.")
        if not code and type(error).__name__ not in {"OperationalError", "ConnectionTimeout", "InterfaceError"}:
            return None
        return StoreUnavailable(f"{place} cannot be reached: {words}.")
    return None


def _of_sqlite(error: BaseException, path: Path) -> StoreError | None:
    text = " / ".join(_chain(error)).lower()
    # First of all: the words about damage name tables and columns, which may be called anything.
    if "not a database" in text or "malformed" in text:
        return StoreUnavailable(f"{path} is no aftersend store, or it is damaged.")
    if "could not decode" in text or (_MISSING.search(text) and not _has_our_tables(path)):
        return damaged(path)
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
    if "disk i/o" in text and type(error).__name__ == "OperationalError":
        return StoreUnavailable(f"{path} cannot be read or written: disk I/O error.")
    return None


def damaged(path: Path) -> StoreUnavailable:
    """Return the sentence for a file of which SQLite itself does not say that it is damaged."""
    return StoreUnavailable(f"{path} is damaged: what stands in it cannot be read; bring back a backup.")


def _has_our_tables(path: Path) -> bool:
    """Tell whether all columns are there: damage to their names is none that SQLite knows."""
    from store.models import TABLES

    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            for table in TABLES:
                there = {row[1] for row in connection.execute(f"PRAGMA table_info({table._meta.table_name})")}
                if not there >= {field.column_name for field in table._meta.sorted_fields}:
                    return False
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False
    return True


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
