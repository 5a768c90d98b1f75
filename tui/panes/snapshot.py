"""Making a snapshot of the order of recipients in a thread, the newest wish first."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from textual.message import Message
from textual.widget import Widget

from store.asking import RecipientFilter, Selection, Sort
from store.database import Store
from store.errors import StoreError
from store.queries.recipients import Interrupted, RecipientView
from store.rows import Page, RecipientRow
from tui.messages import Failed

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


class ViewBuilder:
    """Builds one snapshot after the other; a newer wish interrupts the one under way."""

    def __init__(self, owner: Widget) -> None:
        self._owner = owner
        self._wished = 0
        self._answered = 0
        self._lock = threading.Lock()
        self._building: RecipientView | None = None

    @property
    def busy(self) -> bool:
        """Whether a snapshot is under way."""
        return self._wished != self._answered

    def build(self, store: Store, wish: Wish) -> None:
        """Begin with a snapshot once what is there is drawn; ``owner`` gets :class:`Built`, or :class:`Failed`."""
        self._wished += 1
        self.interrupt()
        work = partial(self._work, store, wish, self._wished)
        self._owner.call_after_refresh(self._owner.run_worker, work, thread=True, exclusive=True, group="snapshot")

    def accept(self, built: Built) -> bool:
        """Return whether ``built`` is the newest wish; an older one is closed."""
        if built.number != self._wished:
            built.view.close()
            return False
        self._answered = built.number
        return True

    def stop(self) -> None:
        """End what is under way; nothing will be accepted any more."""
        self._wished += 1
        self.interrupt()

    def interrupt(self) -> None:
        """Break off the snapshot under way."""
        with self._lock:
            if self._building is not None:
                self._building.interrupt()

    def _work(self, store: Store, wish: Wish, number: int) -> None:
        view = RecipientView(store)
        with self._lock:
            self._building = view
        built: Built | None = None
        try:
            if number == self._wished:
                built = self._built(view, wish, number)
        except StoreError as error:
            self._answered = number
            self._owner.post_message(Failed(str(error)))
        finally:
            with self._lock:
                if self._building is view:
                    self._building = None
            if built is None or not self._owner.post_message(built):
                view.close()

    @staticmethod
    def _built(view: RecipientView, wish: Wish, number: int) -> Built | None:
        with suppress(Interrupted):
            view.build(wish.filter, wish.sort)
            position = None if wish.keep_id is None else view.position(wish.keep_id)
            marks = wish.marks
            hidden = 0 if marks.inverted or not marks.ids else len(marks.ids) - len(view.resolve(marks))
            return Built(wish, number, view, position, hidden)
        return None
