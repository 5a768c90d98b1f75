"""Backups: the whole store in one file, taken while others work, checked before it gets its name.

Beside each lies ``FILE.meta.json``: when, by whom and of which store, how many rows, and the file's SHA-256.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from store import journal
from store.cleaning import clean
from store.database import open_store
from store.errors import BadInput, Refused, StoreError, StoreUnavailable
from store.exports.files import placing, writing
from store.exports.json import iso, line
from store.journal import Operator
from store.upkeep.copying import Contents, Told, check_copy, contents, copy, digest, looking

FOLDER = "backups"
_SIDE = ".meta.json"
_NOUN = "aftersend store"
_STAMP = "%Y%m%dT%H%M%SZ"
_STAMP_CHARS = len("-20261122T101500Z")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    Attributes:
        path: the file.
        size_bytes: its size.
        held: what is in it.
        pruned: older backups that were deleted.
        unsaid: why the journal does not tell of it; "" if it does.
    """

    path: Path
    size_bytes: int
    held: Contents
    pruned: tuple[Path, ...]
    unsaid: str


def default_folder(store: Path) -> Path:
    """Return the folder that a store's backups go to: ``backups`` beside it."""
    return store.parent / FOLDER


def named(store: Path, folder: Path, now: datetime) -> Path:
    """Return what a backup of the store at this moment is called: aftersend-20261122T101500Z.db, the next ….2.db."""
    number, end = 1, store.suffix or ".db"
    while True:
        count = f".{number}" if number > 1 else ""
        path = folder / f"{store.stem}-{now.strftime(_STAMP)}{count}{end}"
        if not os.path.lexists(path) and not os.path.lexists(side_of(path)):
            return path
        number += 1


def side_of(backup: Path) -> Path:
    """Return the file that tells of a backup."""
    return backup.with_name(f"{backup.name}{_SIDE}")


def own_backups(store: Path, folder: Path) -> list[Path]:
    """Return the backups of this store in a folder, those that have the name and the file beside it, oldest first."""
    form = re.compile(rf"{re.escape(store.stem)}-\d{{8}}T\d{{6}}Z(\.\d+)?{re.escape(store.suffix or '.db')}")
    try:
        found = [file for file in folder.iterdir() if form.fullmatch(file.name)]
    except OSError:
        return []
    mine = (file for file in found if (head_of(file) or {}).get("store") == str(store.resolve()))
    moment = len(store.stem) + _STAMP_CHARS
    return sorted(mine, key=lambda file: (file.name[:moment], len(file.name), file.name))


def head_of(backup: Path) -> dict[str, Any] | None:
    """Return what the file beside a backup says; None where there is none that can be read."""
    try:
        head = json.loads(side_of(backup).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return head if isinstance(head, dict) and head.get("holds") == _NOUN else None


def back_up(
    store: Path,
    target: Path | None,
    who: Operator,
    now: datetime,
    tell: Told,
    *,
    overwrite: bool = False,
    keep: int | None = None,
    noted: bool = True,
) -> Backup:
    """Write a backup of the store and note it in the journal.

    The copy is what the store holds at one moment, whoever writes meanwhile; it is written beside its place with mode
    0600, checked (SQLite's own check, the version of its tables, the rows of each), synced, and named.

    Args:
        store: the store's file.
        target: the backup's file, or the folder for one named by its time; None: ``backups`` beside the store.
        who: the operator.
        now: aware UTC time.
        tell: told how far it is.
        overwrite: whether an existing file may be replaced.
        keep: delete all but so many of this store's backups in the folder, oldest first; None: none.
        noted: whether the journal is to tell of it.

    Raises:
        Refused: the target exists, or is the store itself.
        BadInput: the target cannot be written, or ``keep`` is given with a file's name.
        DiskFull: no room; nothing is left of it.
        StoreUnavailable: the store is missing or damaged, or the copy is not as it should be.
    """
    path = _place(store, target, now, keep)
    side = side_of(path)
    _refuse_own(store, path)
    if not overwrite and os.path.lexists(side):
        raise Refused(f"{side} exists already; nothing was written.")
    with placing(path, overwrite=overwrite) as beside:
        expected = _copied(store, beside, tell)
        size_bytes, sha256 = beside.stat().st_size, digest(beside, tell)
        # The old head must not stand beside the new file, also if this ends between the two.
        side.unlink(missing_ok=True)
    with writing(side, overwrite=overwrite) as stream:
        stream.write(line(_head(store, who, now, expected, size_bytes, sha256)) + "\n")
    pruned = _prune(store, path.parent, keep)
    unsaid = _note(store, path, who, now) if noted else "it was not to be written."
    return Backup(path, size_bytes, expected, pruned, unsaid)


def _copied(store: Path, beside: Path, tell: Told) -> Contents:
    with looking(store) as source:
        source.execute("BEGIN")
        expected = contents(source, store)
        copy(source, beside, tell)
        source.execute("ROLLBACK")
    return check_copy(beside, expected, tell)


def _place(store: Path, target: Path | None, now: datetime, keep: int | None) -> Path:
    if target is None:
        target = default_folder(store)
        try:
            target.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise BadInput(f"{target} cannot be made: {error.strerror}.") from error
    if target.is_dir():
        return named(store, target, now)
    if keep is not None:
        raise BadInput("--keep counts backups that are named by their time: give a folder, or no target.")
    return target


def _refuse_own(store: Path, path: Path) -> None:
    """Refuse to write over the store and what belongs to it.

    Raises:
        Refused: it would.
    """
    place = path.parent.resolve() / path.name
    own = store.resolve()
    if place.resolve() == own or place.name in {f"{own.name}{end}" for end in ("-wal", "-shm", "-journal")}:
        raise Refused(f"{path} is the store itself; name another file.")


def _head(store: Path, who: Operator, now: datetime, held: Contents, size_bytes: int, sha256: str) -> dict[str, Any]:
    return {
        "holds": _NOUN,
        "store": clean(str(store.resolve())),
        "schema": held.schema,
        "rows": held.rows,
        "size_bytes": size_bytes,
        "sha256": sha256,
        "written_at": iso(now),
        "operator": clean(who.name),
        "host": clean(who.host),
        "written_by": f"aftersend {version('aftersend')}",
    }


def _prune(store: Path, folder: Path, keep: int | None) -> tuple[Path, ...]:
    if keep is None:
        return ()
    old = own_backups(store, folder)[:-keep]
    for file in old:
        file.unlink(missing_ok=True)
        side_of(file).unlink(missing_ok=True)
    return tuple(old)


def _note(path: Path, backup: Path, who: Operator, now: datetime) -> str:
    """Write into the journal that a backup was made; return why that was not possible: the backup stands anyway."""
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return f"{path} may not be written."
    said = f"Backup written to {clean(str(backup))}"
    try:
        store = open_store(path, create=False)
        try:
            store.run(lambda: journal.write(store, who, now, "backup", said, undoable=False, subjects=0))
        finally:
            store.close()
    except StoreError as error:
        return str(error)
    return ""


def check_backup(backup: Path, tell: Told) -> tuple[Contents, bool]:
    """Return what a backup holds when it was found to be sound, and whether a file beside it told what it must hold.

    Raises:
        StoreUnavailable: it is damaged, no store, or not what the file beside it says.
    """
    head = head_of(backup)
    if head is None:
        return check_copy(backup, None, tell), False
    if head.get("sha256") != digest(backup, tell):
        raise StoreUnavailable(f"{backup} is not the file that {side_of(backup).name} tells of: its SHA-256 differs.")
    return check_copy(backup, Contents(str(head.get("schema")), dict(head.get("rows") or {})), tell), True
