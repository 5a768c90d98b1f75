"""What the doctor can put right: modes of files, and what is derived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from store.database import open_store
from store.figures import counted
from store.journal import Operator
from store.rows.health import Finding, Health, Verdict
from store.upkeep import derived, modes
from store.upkeep.backups import back_up
from store.upkeep.copying import Told


def mend(
    path: Path, health: Health, astray: derived.Astray | None, who: Operator, now: datetime, tell: Told
) -> Iterator[Finding]:
    """Put right what can be, and yield what was done; before derived data are changed a backup is made.

    Args:
        path: the store's file.
        health: what was found.
        astray: what is derived wrongly.
        who: the operator.
        now: aware UTC time.
        tell: told how far it is.

    Raises:
        StoreError: the backup cannot be made, or the store cannot be written.
    """
    if "modes" in health.wrong:
        try:
            changed = modes.mend(path)
        except OSError as error:
            said = f"The mode of {error.filename} cannot be changed: {error.strerror}."
            yield Finding("modes", Verdict.WRONG, said, f"Have its owner run: chmod 0600 {error.filename}")
        else:
            named = ", ".join(file.name for file in changed[:3])
            if changed:
                yield Finding(
                    "modes", Verdict.MENDED, f"Taken away from others: {counted(len(changed), 'file')} ({named})."
                )
    if astray is None or not astray.counts or "file" in health.wrong or "tables" in health.wrong:
        return
    made = back_up(path, None, who, now, tell)
    yield Finding("backup", Verdict.MENDED, f"A backup was made first: {made.path}.")
    store = open_store(path, create=False)
    try:
        done = derived.repair(store, astray, who, now, tell)
    finally:
        store.close()
    yield Finding("derived", Verdict.MENDED, f"Derived anew from the events: {done}.")
