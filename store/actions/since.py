"""What was done since an entry of the journal to the rows that it changed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection

from store.cleaning import clean
from store.database import Store
from store.times import from_ms

_LATER = (
    "SELECT l.subject, l.subject_id, coalesce(m.after, m.before), j.operator, j.ts FROM journal_line AS l"
    " CROSS JOIN journal_line AS m ON m.subject = l.subject AND m.subject_id = l.subject_id"
    " AND m.journal_id > l.journal_id CROSS JOIN journal AS j ON j.id = m.journal_id AND j.undone_at IS NULL"
    " WHERE l.journal_id = ? AND (l.subject < 'member:' OR l.subject > 'member;') ORDER BY j.id"
)
"""The lines of later entries that stand, about rows of an entry; the members of lists have a look of their own."""


class Since:
    """Who changed which columns of an entry's rows later, in entries that stand."""

    def __init__(self, store: Store, entry: int) -> None:
        """Read it; call it inside a transaction."""
        self._found: dict[tuple[str, int], list[tuple[frozenset[str], str]]] = defaultdict(list)
        for subject, id_, columns, operator, ts in store.execute(_LATER, (entry,)).fetchall():
            told = f"{clean(operator)} changed it since, on {from_ms(ts):%Y-%m-%d at %H:%M} UTC."
            self._found[subject, id_].append((frozenset(json.loads(columns or "{}")), told))

    def told(self, table: str, id_: int, columns: Collection[str]) -> str | None:
        """Return the sentence about the last one who changed any of these columns of a row; None: nobody did."""
        later = [told for changed, told in self._found.get((table, id_), ()) if changed.intersection(columns)]
        return later[-1] if later else None
