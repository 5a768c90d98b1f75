"""Taking snapshots in threads: the newest wish counts, and interrupts the one under way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from textual.message import Message
from textual.widget import Widget

from store.database import Store
from store.errors import StoreError
from store.queries.view import Interrupted
from store.seen import Seen, seen_now
from tui.lifeline import give_back
from tui.messages import Failed


class Breakable(Protocol):
    """A snapshot that another thread can break off."""

    def interrupt(self) -> None:
        """Break off what is under way; it raises Interrupted."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Handed(Protocol):
    """The message that hands a snapshot over; ``number`` is that of the wish."""

    number: int
    view: Any


V = TypeVar("V", bound=Breakable)


class Taker(Generic[V]):
    """Takes one snapshot after the other; a newer wish interrupts the one under way.

    Args:
        owner: gets the messages.

    Attributes:
        wished: the number of the newest wish.
        seen: how far the store had come when the snapshot accepted last was begun.
    """

    def __init__(self, owner: Widget) -> None:
        self.wished = 0
        self.seen = Seen(0, 0)
        self._owner = owner
        self._answered = 0
        self._begun: dict[int, Seen] = {}
        self._lock = threading.Lock()
        self._building: V | None = None

    @property
    def busy(self) -> bool:
        """Whether a snapshot is under way."""
        return self.wished != self._answered

    def take(
        self, store: Store, new: Callable[[Store], V], fill: Callable[[V, int], Message | None], *, drawn: bool = False
    ) -> None:
        """Begin with a snapshot; the owner gets what ``fill`` returns, or :class:`Failed`.

        Args:
            store: the open store.
            new: makes the empty snapshot.
            fill: fills it, in a thread, and returns the message that hands it over; None: it is not wanted any more.
            drawn: begin when what the owner shows now is drawn, which a thread would only delay.
        """
        self.wished += 1
        self.interrupt()
        work = partial(self._work, store, new, fill, self.wished)
        begin = partial(self._owner.run_worker, work, thread=True, group="snapshot")
        if drawn:
            self._owner.call_after_refresh(begin)
        else:
            begin()

    def accept(self, taken: Handed) -> bool:
        """Return whether ``taken`` is the newest wish; the snapshot of an older one is closed."""
        if taken.number != self.wished:
            taken.view.close()
            return False
        self._answered = taken.number
        self.seen = self._begun.pop(taken.number)
        return True

    def stop(self) -> None:
        """End what is under way; nothing will be accepted any more."""
        self.wished += 1
        self.interrupt()

    def interrupt(self) -> None:
        """Break off the snapshot under way."""
        with self._lock:
            if self._building is not None:
                self._building.interrupt()

    def _work(
        self, store: Store, new: Callable[[Store], V], fill: Callable[[V, int], Message | None], number: int
    ) -> None:
        view: V | None = None
        taken: Message | None = None
        try:
            view = new(store)
            with self._lock:
                self._building = view
            if number == self.wished:
                self._begun = {number: seen_now(store)}
                with suppress(Interrupted):
                    taken = fill(view, number)
        except StoreError as error:
            self._answered = number
            self._owner.post_message(Failed(str(error)))
        finally:
            if view is not None:
                with self._lock:
                    if self._building is view:
                        self._building = None
                if taken is None or not self._owner.post_message(taken):
                    view.close()
            store.close()
            give_back()
