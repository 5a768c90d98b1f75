"""Writing chosen recipients to a file, a part at a time, so that many of them need no more memory than few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store.database import Store
from store.exports.csv import export
from store.queries.recipients import RecipientView
from store.rows import RecipientRow
from tui.dialogs.export import ExportFile

_PART = 1000


def write_rows(store: Store, ids: Sequence[int], file: ExportFile) -> int:
    """Write the recipients ``ids`` in this order as CSV and return how many were written.

    Raises:
        StoreError: the file or the store cannot be used; no half file is left.
    """
    view = RecipientView(store)
    try:
        return export(_rows(view, ids), file.path, overwrite=file.overwrite)
    finally:
        view.close()


def _rows(view: RecipientView, ids: Sequence[int]) -> Iterator[RecipientRow]:
    for start in range(0, len(ids), _PART):
        yield from view.rows_of(ids[start : start + _PART]).values()
