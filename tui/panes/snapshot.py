"""Making a snapshot of the order of recipients in a thread, the newest wish first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from textual.message import Message

from store.asking import RecipientFilter, Selection, Sort
from store.database import Store
from store.queries.recipients import RecipientView
from store.rows import Page, RecipientRow
from tui.panes.taking import Taker

_NONE = Selection()


class FirstRows:
    """The first page of rows, shown until the snapshot is there; it knows the whole number."""

    def __init__(self, page: Page[RecipientRow]) -> None:
        self._rows = page.rows
        self.total = page.total

    def page(self, offset: int, limit: int) -> Sequence[RecipientRow]:
        """Return the rows that are there already."""
        return self._rows[offset : offset + limit]


@dataclass(frozen=True, slots=True)
class Wish:
    """A snapshot that is asked for.

    Attributes:
        keep_id: the row on which the cursor shall stay.
        marks: the marked rows.
    """

    filter: RecipientFilter
    sort: Sort
    keep_id: int | None = None
    marks: Selection = _NONE


class Built(Message):
    """Posted when a snapshot is ready; whoever takes ``view`` closes it.

    Attributes:
        position: where the row to keep stands in it; None if it is not in it.
        hidden: marked rows that are not in it.
    """

    def __init__(self, wish: Wish, number: int, view: RecipientView, position: int | None, hidden: int) -> None:
        super().__init__()
        self.wish = wish
        self.number = number
        self.view = view
        self.position = position
        self.hidden = hidden


class ViewBuilder(Taker[RecipientView]):
    """Builds one snapshot after the other; a newer wish interrupts the one under way."""

    def build(self, store: Store, wish: Wish, *, drawn: bool = False) -> None:
        """Begin with a snapshot; the owner gets :class:`Built`, or :class:`Failed` (``drawn``: see :meth:`take`)."""
        self.take(store, RecipientView, partial(_built, wish), drawn=drawn)


def _built(wish: Wish, view: RecipientView, number: int) -> Built:
    view.build(wish.filter, wish.sort)
    position = None if wish.keep_id is None else view.position(wish.keep_id)
    marks = wish.marks
    hidden = 0 if marks.inverted or not marks.ids else len(marks.ids) - len(view.resolve(marks))
    return Built(wish, number, view, position, hidden)
