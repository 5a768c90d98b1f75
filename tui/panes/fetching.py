"""Reading in threads what a pane shows, so that keys typed meanwhile can wait for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from textual.containers import Vertical
from textual.message import Message

from store.database import Store
from store.errors import StoreError
from tui.messages import Failed

Read = Callable[[Store], None]
"""Reads, and posts what it has read; called in a thread."""


class Fetched(Message):
    """Posted by a reading thread behind everything else: it has ended; ``why``: what kept it from reading."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__()
        self.number = number
        self.why = why


class Fetching(Vertical):
    """A part of the screen that reads in threads what it shows."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id)
        self._wished = 0
        self._ended = 0

    @property
    def busy(self) -> bool:
        """Whether what was asked for is still on its way; keys that act on rows wait for it (:mod:`tui.typeahead`)."""
        return self._wished != self._ended

    def fetch(self, read: Read) -> None:
        """Begin to read; what was being read before is not waited for any more, and a failure is told."""
        self._wished += 1
        self.run_worker(partial(self._fetch, read, self._wished), thread=True, exclusive=True, group="rows")

    def on_fetched(self, event: Fetched) -> None:
        """Know that the rows are there, if nothing else was asked for since."""
        event.stop()
        if event.why:
            # At once, so that no key that waits for the rows can close the dialog unseen.
            cast("Any", self.app).on_failed(Failed(event.why))
        if event.number == self._wished:
            self._ended = event.number

    def _fetch(self, read: Read, number: int) -> None:
        store: Store = cast("Any", self.app).store
        why = ""
        try:
            read(store)
        except StoreError as error:
            why = str(error)
        finally:
            store.close()
            self.post_message(Fetched(number, why))
