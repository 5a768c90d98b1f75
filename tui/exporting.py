"""Writing chosen rows to a file, a part at a time, so that many of them need no more memory than few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from store.database import Store
from store.exports.about import About
from store.exports.fields import Field
from store.exports.formats import write
from store.exports.recipients import recipient_objects
from store.queries.recipients import RecipientView
from store.rows import RecipientRow
from tui.dialogs.export import ExportFile

_PART = 1000


def write_rows(store: Store, ids: Sequence[int], file: ExportFile, about: About) -> int:
    """Write the recipients ``ids`` in this order and return how many were written.

    Where all of them are of one campaign, the file says which.

    Raises:
        StoreError: the file or the store cannot be used; no half file is left.
    """
    view = RecipientView(store)
    try:
        return write(
            _rows(view, ids),
            file.path,
            replace(about, count=len(ids)),
            kind=file.kind,
            to_objects=partial(recipient_objects, store),
            overwrite=file.overwrite,
        )
    finally:
        view.close()


def write_table(
    store: Store, read: Callable[[Store], Iterable[object]], file: ExportFile, about: About, fields: Sequence[Field]
) -> int:
    """Write the rows that ``read`` gives, and return how many were written.

    Raises:
        StoreError: the file or the store cannot be used; no half file is left.
    """
    try:
        return write(read(store), file.path, about, kind=file.kind, fields=fields, overwrite=file.overwrite)
    finally:
        store.close()


def _rows(view: RecipientView, ids: Sequence[int]) -> Iterator[RecipientRow]:
    for start in range(0, len(ids), _PART):
        yield from view.rows_of(ids[start : start + _PART]).values()
