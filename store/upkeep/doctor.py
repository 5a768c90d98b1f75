"""Looking a store over: the file, its modes and room, what its rows name, and whether what is derived follows.

Nothing is changed. What cannot be looked at is said; what is damaged does not keep the rest from being looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from store.cleaning import clean
from store.database import MIGRATIONS, open_store
from store.errors import NotFound, StoreError, StoreUnavailable
from store.figures import counted
from store.queries.campaigns import find_campaign
from store.rows.health import Finding, Health, StoreFacts, Verdict
from store.times import from_ms
from store.upkeep import derived
from store.upkeep.backups import default_folder, own_backups
from store.upkeep.copying import Told, contents, damage, looking
from store.upkeep.modes import modes
from store.upkeep.references import lost
from store.upkeep.users import users
from store.vocabulary import OutboxState, SendState

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
    path: Path, tell: Told, *, campaign: str | None = None, thorough: bool = False
) -> tuple[Health, derived.Astray | None]:
    """Return how a store stands, and what is derived wrongly; None: that could not be looked at.

    Args:
        path: the store's file.
        tell: told how far it is.
        campaign: name or key of the one whose derived data are compared; None: all.
        thorough: check indexes against their tables, and fold every recipient.

    Raises:
        StoreUnavailable: there is no file.
        NotFound: no campaign of this name.
    """
    if not path.exists():
        raise StoreUnavailable(
            f"There is no store at {path}; `aftersend import` makes one, `aftersend restore` brings one back."
        )
    look = _Look(path, tell, campaign, thorough)
    look.all()
    return Health(versions(), look.facts(), tuple(look.findings)), look.astray


class _Look:
    """One look at a store in a file, step by step."""

    def __init__(self, path: Path, tell: Told, campaign: str | None, thorough: bool) -> None:
        self.findings: list[Finding] = []
        self.astray: derived.Astray | None = None
        self._path, self._tell = path, tell
        self._campaign, self._thorough = campaign, thorough
        self._schema = ""
        self._rows: dict[str, int] = {}
        self._backup: tuple[int, str] | None = None
        # Before this process has connections of its own.
        self._users = users(path)

    def all(self) -> None:
        try:
            with looking(self._path) as connection:
                self._file(connection)
        except StoreError as error:
            check = "tables" if self.findings else "file"
            self._say(check, Verdict.WRONG, str(error), self._way_back())
        if self._schema:
            self._derived()
        else:
            for check in ("references", "derived"):
                self._say(check, Verdict.UNSEEN, "The file cannot be read well enough.")
        self.findings += modes(self._path)
        self._room()
        if self._users is None:
            self._say("users", Verdict.UNSEEN, "This system does not tell which processes have a file open.")

    def facts(self) -> StoreFacts:
        log = self._path.with_name(f"{self._path.name}-wal")
        at, said = self._backup or (None, "")
        return StoreFacts(
            clean(str(self._path)),
            self._path.stat().st_size,
            log.stat().st_size if log.exists() else None,
            _free(self._path.parent),
            self._schema,
            self._rows,
            None if self._users is None else tuple(map(str, self._users)),
            None if at is None else from_ms(at),
            clean(said),
        )

    def _file(self, connection: Connection) -> None:
        self._tell("checking the file", 0, 0)
        found = damage(connection, thorough=self._thorough)
        if found:
            said = f"SQLite finds the file damaged: {clean(found[0])}"
            self._say("file", Verdict.WRONG, said, self._way_back(), found[1:])
        else:
            which = "integrity_check" if self._thorough else "quick_check; --full compares indexes, too"
            self._say("file", Verdict.FINE, f"SQLite finds nothing wrong with it ({which}).")
        # In what is left of a damaged file a step may fail where another does not.
        steps = (
            ("tables", self._tables),
            ("references", self._references),
            ("backup", self._journal),
            ("sends", self._sends),
        )
        for check, step in steps:
            try:
                step(connection)
            except Exception as error:
                if not found:
                    raise
                self._say(check, Verdict.UNSEEN, f"It cannot be read: {clean(str(error))}")

    def _tables(self, connection: Connection) -> None:
        held = contents(connection, self._path)
        known = max(file.stem for file in MIGRATIONS.glob("[0-9]*.py"))
        self._schema, self._rows = held.schema, held.rows
        if held.schema > known:
            said = f"They are of a newer aftersend ({held.schema}; this version knows up to {known})."
            self._say("tables", Verdict.WRONG, said, "Update the program.")
        elif held.schema < known:
            said = f"They are of an older version ({held.schema}); opening the store brings them up to date ({known})."
            self._say("tables", Verdict.NOTE, said)
        else:
            self._say("tables", Verdict.FINE, f"They are those of this version ({known}).")

    def _current(self) -> bool:
        return self._schema == max(file.stem for file in MIGRATIONS.glob("[0-9]*.py"))

    def _references(self, connection: Connection) -> None:
        if not self._current():
            self._say("references", Verdict.UNSEEN, "Only this version's tables can be looked at.")
            return
        self._tell("checking references", 0, 0)
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            self._say(
                "references", Verdict.WRONG, f"{counted(len(broken), 'foreign key')} without its row.", self._way_back()
            )
        self.findings += lost(connection)

    def _journal(self, connection: Connection) -> None:
        found = connection.execute("SELECT ts, sentence FROM journal WHERE verb = 'backup' ORDER BY id DESC LIMIT 1")
        self._backup = found.fetchone()
        if self._backup is None:
            self._say("backup", Verdict.NOTE, "No backup of this store stands in its journal.", "aftersend backup")

    def _sends(self, connection: Connection) -> None:
        if not self._current():
            return
        self.findings += sends(connection)

    def _derived(self) -> None:
        if not self._current():
            self._say("derived", Verdict.UNSEEN, "Only this version's tables can be looked at.")
            return
        try:
            store = open_store(self._path, create=False, read_only=True)
            try:
                campaign = None if self._campaign is None else find_campaign(store, self._campaign)
                which = None if campaign is None else campaign.id
                self.astray = derived.look(store, which, self._tell, thorough=self._thorough)
                looked_at = self._rows.get("recipient", 0) if campaign is None else campaign.planned
                self.findings += derived.findings(self.astray, looked_at)
            finally:
                store.close()
        except NotFound:
            raise
        except StoreError as error:
            self._say("derived", Verdict.UNSEEN, str(error))

    def _room(self) -> None:
        free, size = _free(self._path.parent), self._path.stat().st_size
        if free is None:
            self._say("room", Verdict.UNSEEN, "The room left on its disk cannot be asked for.")
        elif free < _ROOM_BYTES:
            self._say("room", Verdict.WRONG, "There is hardly any room left on its disk.", "Make room.")
        elif free < size:
            self._say("room", Verdict.NOTE, "A copy of the store, as before an update, has no room on its disk.")
        else:
            self._say("room", Verdict.FINE, "There is room on its disk for a copy of it.")

    def _way_back(self) -> str:
        made = own_backups(self._path, default_folder(self._path))
        return f"aftersend restore {made[-1] if made else 'BACKUP'}"

    def _say(
        self, check: str, verdict: Verdict, sentence: str, advice: str = "", examples: list[str] | None = None
    ) -> None:
        self.findings.append(Finding(check, verdict, sentence, advice, tuple(map(clean, examples or ()))))


def sends(connection: Connection) -> Iterator[Finding]:
    """Yield what is to be said of mails that are sent from here."""
    going = (SendState.STARTING, SendState.SENDING)
    codes = ", ".join(str(state.code) for state in going)
    count = connection.execute(f"SELECT count(*) FROM message WHERE state IN ({codes})").fetchone()[0]
    unsure = connection.execute(
        f"SELECT count(*) FROM outbox WHERE state IN ({OutboxState.SENDING.code}, {OutboxState.UNSURE.code})"
        f" AND state = {OutboxState.UNSURE.code}"
    ).fetchone()[0]
    if unsure:
        said = (
            f"Of {counted(unsure, 'mail')} nobody can tell whether they left."
            if unsure > 1
            else ("Of 1 mail nobody can tell whether it left.")
        )
        yield Finding("sends", Verdict.NOTE, said, "aftersend send unsure")
    if count:
        yield Finding("sends", Verdict.NOTE, f"{counted(count, 'send')} under way.", "aftersend send status")
    if not unsure and not count:
        yield Finding("sends", Verdict.FINE, "No send is open.")


def _free(folder: Path) -> int | None:
    try:
        room = os.statvfs(folder)
    except OSError:
        return None
    return room.f_bavail * room.f_frsize
