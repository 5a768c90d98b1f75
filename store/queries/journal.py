"""What operators did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.cleaning import clean
from store.database import Store
from store.rows import JournalRow, Page
from store.times import from_ms, from_ms_or_none

COLUMNS = "j.id, j.ts, j.operator, j.host, j.verb, j.sentence, j.subjects, j.undone_at, j.undoable"
"""What to select of ``journal AS j`` for :func:`journal_row`."""


def journal(store: Store, limit: int = 100, offset: int = 0) -> Page[JournalRow]:
    """Return a page of the journal, the newest entry first."""
    total = store.rows("SELECT count(*) FROM journal")[0][0]
    found = store.rows(f"SELECT {COLUMNS} FROM journal AS j ORDER BY j.id DESC LIMIT ? OFFSET ?", (limit, offset))
    return Page(tuple(map(journal_row, found)), total, offset)


def journal_row(values: Sequence[Any]) -> JournalRow:
    """Make a row of the values of :data:`COLUMNS`."""
    id_, ts, operator, host, verb, sentence, subjects, undone_at, undoable = values
    return JournalRow(
        id_,
        from_ms(ts),
        clean(operator),
        clean(host),
        clean(verb),
        clean(sentence),
        subjects,
        from_ms_or_none(undone_at),
        bool(undoable),
    )
