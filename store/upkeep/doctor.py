"""Looking a store over: the file, its modes and room, what its rows name, and whether what is derived follows.

Nothing is changed. What cannot be looked at is said; what is damaged does not keep the rest from being looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store import models
from store.cleaning import clean
from store.database import Store, is_server, open_store, spoken, store_path
from store.errors import NotFound, StoreDamaged, StoreError, StoreUnavailable
from store.figures import counted
from store.rows.health import Health, StoreFacts, Verdict
from store.times import from_ms_or_none
from store.upkeep.backups import default_folder, own_backups
from store.upkeep.copying import Contents, Told, contents, damage, looking
from store.upkeep.derived import Astray
from store.upkeep.look import Look
from store.upkeep.modes import modes
from store.upkeep.users import server_users, users

if TYPE_CHECKING:
    from sqlite3 import Connection

_ROOM_BYTES = 64_000_000
_LIBRARIES = ("textual", "rich", "click", "peewee")


def versions() -> dict[str, str]:
    """Return the versions of the program and of what it stands on; none of it is loaded for that."""
    import platform
    import sqlite3

    found = {"aftersend": _version("aftersend"), "Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    return found | {name: _version(name) for name in _LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def examine(
    place: str | Path | None, tell: Told, *, campaign: str | None = None, thorough: bool = False
) -> tuple[Health, Astray | None]:
    """Return how a store stands, and what is derived wrongly; None: that could not be looked at.

    Args:
        place: the store's file or URL; None: the default place.
        tell: told how far it is.
        campaign: name or key of the one whose derived data are compared; None: all.
        thorough: check indexes against their tables, and fold every recipient.

    Raises:
        StoreUnavailable: there is no file, or the server is not reached.
        NotFound: no campaign of this name.
    """
    look: _FileLook | _ServerLook
    if isinstance(place, str) and is_server(place):
        look = _ServerLook(place, tell, campaign, thorough)
    else:
        path = place if isinstance(place, Path) else store_path(place)
        if not path.exists():
            ways = "`aftersend import` makes one, `aftersend restore` brings one back"
            raise StoreUnavailable(f"There is no store at {path}; {ways}.")
        look = _FileLook(path, tell, campaign, thorough)
    look.all()
    return Health(look.versions(), look.facts(), tuple(look.findings)), look.astray


class _FileLook(Look):
    """A look at a store in a file."""

    def __init__(self, path: Path, tell: Told, campaign: str | None, thorough: bool) -> None:
        super().__init__(tell, campaign, thorough)
        self._path = path
        # Before this process has connections of its own.
        self._users = users(path)

    def all(self) -> None:
        try:
            with looking(self._path) as connection:
                self._file(connection)
        except StoreError as error:
            self.say("tables" if self.findings else "file", Verdict.WRONG, str(error), self._way_back())
        if self.held is None:
            for check in ("references", "derived"):
                self.say(check, Verdict.UNSEEN, "The file cannot be read well enough.")
        else:
            self._derived()
        self.findings += modes(self._path)
        self._room()
        if self._users is None:
            self.say("users", Verdict.UNSEEN, "This system does not tell which processes have a file open.")

    def versions(self) -> dict[str, str]:
        return versions()

    def facts(self) -> StoreFacts:
        log = self._path.with_name(f"{self._path.name}-wal")
        at, said = self.backup or (None, "")
        return StoreFacts(
            clean(str(self._path)),
            self._path.stat().st_size,
            log.stat().st_size if log.exists() else None,
            _free(self._path.parent),
            self.held.schema if self.held else "",
            self.held.rows if self.held else {},
            None if self._users is None else tuple(map(str, self._users)),
            from_ms_or_none(at),
            clean(said),
        )

    def _file(self, connection: Connection) -> None:
        self.tell("checking the file", 0, 0)
        found = damage(connection, thorough=self.thorough)
        if found:
            said = f"SQLite finds the file damaged: {clean(found[0])}"
            self.say("file", Verdict.WRONG, said, self._way_back(), found[1:])
        else:
            which = "integrity_check" if self.thorough else "quick_check; --full compares indexes, too"
            self.say("file", Verdict.FINE, f"SQLite finds nothing wrong with it ({which}).")
        steps: tuple[tuple[str, Callable[[], None]], ...] = (
            ("tables", lambda: self.tables(contents(connection, self._path))),
            ("references", lambda: self._references(connection)),
            ("values", lambda: self.values(connection, self._way_back())),
            ("backup", lambda: self._journal(connection)),
            ("sends", lambda: self.sends(connection)),
            ("forgotten", lambda: self.forgotten(connection, self._beside(".forget-key").exists())),
        )
        for check, step in steps:
            try:
                step()
            except Exception as error:
                # In what is left of a damaged file a step may fail where another does not.
                if not found:
                    raise
                self.say(check, Verdict.UNSEEN, f"It cannot be read: {clean(str(error))}")

    def _references(self, connection: Connection) -> None:
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            said = f"{counted(len(broken), 'foreign key')} without its row."
            self.say("references", Verdict.WRONG, said, self._way_back())
        self.references(connection)

    def _journal(self, connection: Connection) -> None:
        found = connection.execute("SELECT ts, sentence FROM journal WHERE verb = 'backup' ORDER BY id DESC LIMIT 1")
        self.backup = found.fetchone()
        if self.backup is None:
            self.say("backup", Verdict.NOTE, "No backup of this store stands in its journal.", "aftersend backup")

    def _derived(self) -> None:
        try:
            with closing(open_store(self._path, create=False, read_only=True)) as store:
                self.derived(store)
        except NotFound:
            raise
        except StoreDamaged as error:
            self.say("derived", Verdict.WRONG, str(error), self._way_back())
        except StoreError as error:
            self.say("derived", Verdict.UNSEEN, str(error))

    def _room(self) -> None:
        free, size = _free(self._path.parent), self._path.stat().st_size
        if free is None:
            self.say("room", Verdict.UNSEEN, "The room left on its disk cannot be asked for.")
        elif free < _ROOM_BYTES:
            self.say("room", Verdict.WRONG, "There is hardly any room left on its disk.", "Make room.")
        elif free < size:
            self.say("room", Verdict.NOTE, "A copy of the store, as before an update, has no room on its disk.")
        else:
            self.say("room", Verdict.FINE, "There is room on its disk for a copy of it.")

    def _way_back(self) -> str:
        made = own_backups(self._path, default_folder(self._path))
        return f"aftersend restore {made[-1] if made else 'BACKUP'}"

    def _beside(self, end: str) -> Path:
        return self._path.with_name(f"{self._path.name}{end}")


class _ServerLook(Look):
    """A look at a store on a server, which looks after its files itself."""

    def __init__(self, url: str, tell: Told, campaign: str | None, thorough: bool) -> None:
        super().__init__(tell, campaign, thorough)
        self._store = open_store(url, create=False, read_only=True)
        self._users = server_users(self._store)

    def all(self) -> None:
        with closing(self._store):
            with spoken(self._store.place), closing(self._store.connection()) as connection:
                self.tables(_held(self._store))
                self.references(connection)
                self.sends(connection)
            self.derived(self._store)
            self._size_bytes = _asked(self._store, "SELECT pg_database_size(current_database())")
            self._server = _asked(self._store, "SELECT current_setting('server_version')")
        for check, why in (
            ("file", "The server looks after its files itself: pg_amcheck."),
            ("modes", "Who may read the database is for the server to say."),
            ("backup", f"The server keeps no journal of backups: pg_dump --format=custom '{self._store.place}'."),
        ):
            self.say(check, Verdict.UNSEEN, why)

    def versions(self) -> dict[str, str]:
        return versions() | {"psycopg": _version("psycopg"), "server": clean(str(self._server or "not told"))}

    def facts(self) -> StoreFacts:
        assert self.held is not None
        size_bytes = None if self._size_bytes is None else int(self._size_bytes)
        place, held = clean(self._store.place), self.held
        return StoreFacts(place, size_bytes, None, None, held.schema, held.rows, self._users, None, "")


def _held(store: Store) -> Contents:
    schema = store.rows("SELECT max(name) FROM schema_migration")[0][0]
    tables = sorted(table._meta.table_name for table in models.TABLES)
    return Contents(schema, {table: store.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables})


def _asked(store: Store, sql: str) -> Any:
    """Return what a server says of itself; None if it does not: not each that speaks PostgreSQL knows the words."""
    with suppress(Exception):
        return store.rows(sql)[0][0]
    return None


def _free(folder: Path) -> int | None:
    try:
        room = os.statvfs(folder)
    except OSError:
        return None
    return room.f_bavail * room.f_frsize
