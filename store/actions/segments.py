"""Segments: saving a filter under a name."""

from __future__ import annotations

from datetime import datetime

from store import journal
from store.actions.lists import SCOPES, named
from store.actions.marking import lines, put, read
from store.asking import RecipientFilter
from store.cleaning import clean
from store.database import Store
from store.errors import Refused
from store.filters import to_text
from store.journal import Line, Operator
from store.rows import Change
from store.times import to_ms


def save(
    store: Store, name: str, wanted: RecipientFilter, who: Operator, now: datetime, *, replace: bool = False
) -> Change:
    """Save a filter as a segment.

    Args:
        store: the open store.
        name: the segment's name.
        wanted: the filter.
        who: the operator.
        now: aware UTC time.
        replace: whether a segment of this name may get the filter; else it stays as it is.

    Raises:
        Refused: the name is empty, or taken, or the segment has this filter already.
    """
    called = named(name, "A segment")
    spec = to_text(wanted)

    def change() -> Change:
        found = store.execute("SELECT id FROM segment WHERE name = ? AND deleted_at IS NULL", (called,)).fetchone()
        if found and not replace:
            raise Refused(f"There is a segment “{clean(called)}” already; choose another name.")
        if found:
            id_ = int(found[0])
            before = read(store, "segment", [id_])
            if before[id_]["spec"] == spec:
                raise Refused(f"The segment “{clean(called)}” has this filter already.")
            put(store, "segment", {id_: {"spec": spec}})
            kept = list(lines("segment", before, {id_: {"spec": spec}}))
        else:
            cursor = store.execute(
                "INSERT INTO segment (name, spec, note, created_at, created_by) VALUES (?, ?, '', ?, ?)",
                (called, spec, to_ms(now), who.name),
            )
            kept = [Line("segment", int(cursor.lastrowid), {"deleted_at": to_ms(now)}, {"deleted_at": None})]
        said = f"Segment “{clean(called)}” {'has another filter' if found else 'saved'}"
        entry = journal.write(store, who, now, "save-segment", said, kept)
        return Change("save-segment", entry, 1, said, scopes=SCOPES)

    return store.run(change)
