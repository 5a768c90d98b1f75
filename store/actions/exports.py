"""What left the store: an entry in the journal, which nobody can undo."""

from __future__ import annotations

from datetime import datetime

from store import journal
from store.cleaning import clean
from store.database import Store
from store.figures import several
from store.journal import Operator
from store.rows import Change


def note_export(
    store: Store, count: int, target: str, scope: str, who: Operator, now: datetime, noun: str = "recipients"
) -> Change:
    """Write into the journal that rows were exported; a store that is read-only keeps no note.

    The change names no entry, since there is nothing to take back.

    Args:
        store: the open store.
        count: rows written.
        target: the file.
        scope: which rows, for people ("Spring · bounced").
        who: the operator.
        now: aware UTC time.
        noun: what the rows are, as a plural.
    """
    said = f"{several(count, noun)} ({clean(scope)}) exported to {clean(target)}"
    if not store.read_only:
        store.run(lambda: journal.write(store, who, now, "export", said, undoable=False, subjects=count))
    return Change("export", None, count, said, scopes=frozenset({"journal"}))
