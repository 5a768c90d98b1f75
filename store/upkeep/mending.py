"""What the doctor can put right: modes of files, and what is derived."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from store.database import is_server, open_store, store_path
from store.figures import counted
from store.journal import Operator
from store.rows.health import Finding, Health, Verdict
from store.upkeep import derived, modes
from store.upkeep.backups import back_up
from store.upkeep.copying import Told


def mend(
    place: str | Path | None, health: Health, astray: derived.Astray | None, who: Operator, now: datetime, tell: Told
) -> Iterator[Finding]:
    """Put right what can be, and yield what was done; before derived data in a file are changed a backup is made.

    Args:
        place: the store's file or URL; None: the default place.
        health: what was found.
        astray: what is derived wrongly.
        who: the operator.
        now: aware UTC time.
        tell: told how far it is.

    Raises:
        StoreError: the backup cannot be made, or the store cannot be written.
    """
    server = isinstance(place, str) and is_server(place)
    path = place if isinstance(place, Path) else None if server else store_path(place)
    if path is not None and "modes" in health.wrong:
        yield from _modes(path)
    if astray is None or not astray.counts or {"file", "tables"} & set(health.wrong):
        return
    if path is not None:
        made = back_up(path, None, who, now, tell)
        yield Finding("backup", Verdict.MENDED, f"A backup was made first: {made.path}.")
    with closing(open_store(place, create=False)) as store:
        done = derived.repair(store, astray, who, now, tell)
    yield Finding("derived", Verdict.MENDED, f"Derived anew from the events: {done}.")


def _modes(path: Path) -> Iterator[Finding]:
    try:
        changed = modes.mend(path)
    except OSError as error:
        said = f"The mode of {error.filename} cannot be changed: {error.strerror}."
        yield Finding("modes", Verdict.WRONG, said, f"Have its owner run: chmod 0600 {error.filename}")
        return
    if changed:
        named = ", ".join(file.name for file in changed[:3])
        yield Finding("modes", Verdict.MENDED, f"Taken away from others: {counted(len(changed), 'file')} ({named}).")
