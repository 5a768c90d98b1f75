"""Who may read the store's files: their owner, and a group where the folder says that a team works there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from store.rows.health import Finding, Verdict
from store.upkeep.backups import default_folder, own_backups, side_of

_OWN = 0o600
_TEAM = 0o660
_MORE = 3


def files_of(store: Path) -> Iterator[Path]:
    """Yield the store's file, what SQLite keeps beside it, the copies of it, and its backups in the usual folder."""
    patterns = ("", "-wal", "-shm", "-journal", ".forget-key")
    yield from (path for path in (store.with_name(f"{store.name}{end}") for end in patterns) if path.is_file())
    try:
        beside = sorted(store.parent.iterdir())
    except OSError:
        beside = []
    yield from (path for path in beside if path.name.startswith(f"{store.name}.before-") and path.is_file())
    for backup in own_backups(store, default_folder(store)):
        yield from (backup, side_of(backup))


def open_to_others(store: Path) -> Iterator[tuple[Path, int, int]]:
    """Yield each file that others may read or write, with its mode and the one that it should have."""
    allowed = _TEAM if stat.S_IMODE(store.parent.stat().st_mode) & stat.S_ISGID else _OWN
    for path in files_of(store):
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except FileNotFoundError:
            continue
        if mode & ~allowed:
            yield path, mode, mode & allowed


def modes(store: Path) -> Iterator[Finding]:
    """Yield what is to be said of the modes of the store's files, and of its folder."""
    found = list(open_to_others(store))
    if found:
        named = ", ".join(f"{path.name} {mode:04o}" for path, mode, _ in found[:_MORE])
        more = f" and {len(found) - _MORE} more" if len(found) > _MORE else ""
        yield Finding(
            "modes",
            Verdict.WRONG,
            f"Others than their owner may open {named}{more}; 0600 is right, or 0660 in a team's folder (setgid).",
            "aftersend doctor --repair",
        )
    folder = stat.S_IMODE(store.parent.stat().st_mode)
    if folder & stat.S_IWOTH and not folder & stat.S_ISVTX:
        yield Finding(
            "modes",
            Verdict.WRONG,
            f"Anybody may put files in the place of the store: its folder {store.parent} has mode {folder:04o}.",
            f"chmod o-w {store.parent}",
        )
    elif not found:
        yield Finding("modes", Verdict.FINE, "Nobody but the owner may open the store's files and copies.")


def mend(store: Path) -> list[Path]:
    """Take away from each file what others may do with it; return those that were changed."""
    changed = []
    for path, _, right in open_to_others(store):
        os.chmod(path, right)
        changed.append(path)
    return changed
