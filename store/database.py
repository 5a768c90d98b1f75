"""Opening the store: the one place that connects to a database."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from store.engines.server_url import is_server, server_url
from store.engines.sqlite import SqliteStore
from store.engines.store import Connection, Cursor, Store
from store.engines.words import damaged, interrupted, spoken
from store.errors import BadInput, StoreTooNew, StoreUnavailable
from store.folders import make_private

if TYPE_CHECKING:
    from store.engines.postgresql import PostgresqlStore

__all__ = [
    "MIGRATIONS",
    "Connection",
    "Cursor",
    "Store",
    "default_path",
    "interrupted",
    "is_server",
    "last_opened",
    "open_store",
    "spoken",
    "store_path",
]

MIGRATIONS = Path(__file__).parent / "migrations"


class _Opened:
    """What was opened last, in any thread."""

    store: Store | None = None


_opened = _Opened()


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
    raise BadInput(
        f"--store {scheme}://… is not known; give a path, sqlite:///path or postgresql://user@host/database."
    )


def open_store(url: str | Path | None = None, *, create: bool = True, read_only: bool = False) -> Store:
    """Open the store, create it if it is missing, and bring its tables up to date; the models speak to it from now on.

    A copy of the file (``NAME.before-NNNN``) is kept beside it before a migration runs on a store that holds data; a
    server's administrator keeps copies of what is there.

    Args:
        url: a path, ``sqlite:///path``, ``postgresql://user@host/database``, or None for the default place.
        create: whether a missing file, or the tables on a server, are created.
        read_only: refuse every write, and open a file so that SQLite refuses them, too.

    Raises:
        StoreUnavailable: it cannot be opened, created or written.
        StoreTooNew: a newer version wrote it.
        BadInput: the URL is not understood.
    """
    if isinstance(url, str) and is_server(url):
        return _open_server(url, create, read_only)
    path = store_path(str(url) if url is not None else None)
    exists = path.exists()
    if not exists and (read_only or not create):
        raise StoreUnavailable(f"There is no store at {path}; `aftersend import` makes one.")
    if exists and path.is_dir():
        raise StoreUnavailable(f"{path} is a folder, not a store.")
    if exists and not create and not path.stat().st_size:
        raise StoreUnavailable(
            f"{path} is empty, there is no store in it; `aftersend restore` brings a backup back, `aftersend import`"
            " makes a new store of it."
        )
    if not exists:
        _make(path)
    store = SqliteStore(path, read_only)
    _opened.store = store
    try:
        with spoken(path), store.connected():
            _migrate_file(store)
    except UnicodeDecodeError as error:
        # SQLite's own words about damage quote it.
        raise damaged(path) from error
    if not read_only and not os.access(path, os.W_OK):
        raise StoreUnavailable(f"{path} cannot be written: the file is read-only; --read-only looks at it.")
    return store


def _open_server(url: str, create: bool, read_only: bool) -> Store:
    at = server_url(url)
    try:
        from store.engines.postgresql import open_server
    except ImportError as error:
        raise BadInput(
            "A store on a server is opened with psycopg, which is not installed here: pip install 'psycopg[binary]'"
            " (with pipx: pipx inject aftersend 'psycopg[binary]')."
        ) from error
    store = open_server(at, read_only)
    _opened.store = store
    try:
        with store.connected(), spoken(store.place):
            _migrate_server(store, create)
    except BaseException:
        store.close()
        raise
    return store


def last_opened() -> Store | None:
    """Return the store that this process opened last; None if it has opened none."""
    return _opened.store


def _make(path: Path) -> None:
    try:
        make_private(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be created: {error.strerror}.") from error


_migration_lock = threading.Lock()


def _missing(store: Store, applied: set[str]) -> bool:
    """Tell whether migrations are to be run.

    Raises:
        StoreTooNew: there are some that this version does not know.
        StoreUnavailable: there are some to run, and the store was opened read-only.
    """
    known = sorted(file.stem for file in MIGRATIONS.glob("[0-9]*.py"))
    newer = applied - set(known)
    if newer:
        raise StoreTooNew(
            f"{store.place} was written by a newer aftersend (it has {max(newer)}, this version knows up"
            f" to {known[-1]}); update the program."
        )
    if applied >= set(known):
        return False
    if store.read_only:
        raise StoreUnavailable(f"{store.place} needs an update of its tables, but it was opened read-only.")
    return True


def _migrate_file(store: SqliteStore) -> None:
    if not _missing(store, _applied(store)):
        return
    with _migration_lock, _file_lock(store.path):
        applied = _applied(store)
        if not _missing(store, applied):
            return
        if applied:
            _keep_copy(store, max(applied))
        _run_migrations(store)


def _migrate_server(store: PostgresqlStore, create: bool) -> None:
    applied = _applied(store)
    if not applied and not create:
        raise StoreUnavailable(f"There is no store at {store.place}; `aftersend import` makes one.")
    if not _missing(store, applied):
        return
    with _migration_lock:
        store.prepare()
        with store.alone():
            if _missing(store, _applied(store)):
                _run_migrations(store)


def _run_migrations(store: Store) -> None:
    db = store.db  # which loads Peewee as it has to be loaded
    from playhouse.migrations import Runner

    Runner(db, str(MIGRATIONS)).up()


def _applied(store: Store) -> set[str]:
    if not store.is_there("schema_migration"):
        if store.is_foreign():
            raise StoreUnavailable(f"{store.place} is a database of another program, not an aftersend store.")
        return set()
    return {name for (name,) in store.execute("SELECT name FROM schema_migration").fetchall()}


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


def _keep_copy(store: SqliteStore, version: str) -> None:
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
